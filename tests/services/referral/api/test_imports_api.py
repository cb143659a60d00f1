"""The operator brings in organisations and staff from files; a second run changes nothing."""

from pathlib import Path

from shared.runtime.actor import Role
from tests.services.referral.doors import Door
from tests.services.referral.network import NORTH, NORTH_LEAD, actor

OPERATOR = actor("op", Role.OPERATOR)
NETWORK = Path(__file__).parents[4] / "deploy" / "embedded" / "network"
STAFF = b"""subject,name,role,organisation,email,phone
jo,Jo Bell,link-worker,U00001,jo@example.org,
jo,Jo Again,link-worker,U00001,,
kim,Kim Lee,team-lead,U00001 U00002,kim@example.org,
far,Far Away,link-worker,U77777,far@example.org,
pam,Pam Ray,provider,riverside,pam@example.org,
bad,,referrer,F81001,,
"""


async def test_staff_are_taken_in_by_those_they_work_for(door: Door) -> None:
    async with door.as_(OPERATOR) as visitor:
        first = (await visitor.client.post("/referral/operate/api/staff", files={"file": STAFF})).json()
        second = (await visitor.client.post("/referral/operate/api/staff", files={"file": STAFF})).json()
    counts = ("read", "added", "changed", "unchanged", "rejected")
    assert [first[name] for name in counts] == [5, 1, 1, 0, 3]
    assert [second[name] for name in counts] == [5, 0, 0, 2, 3]
    assert {reject["row"]: reject["id"] for reject in first["rejects"]} == {3: "jo", 5: "far", 7: "bad"}
    assert "we hold no organisation U77777" in str(first["rejects"])


async def test_the_own_small_network_is_taken_in_whole(door: Door) -> None:
    async with door.as_(OPERATOR) as visitor:
        files = {name: (NETWORK / f"{name}.csv").read_bytes() for name in ("practices", "networks")}
        path, data = "/referral/operate/api/organisations", {"sub_icb": "X90"}
        first = (await visitor.client.post(path, files=files, data=data)).json()
        second = (await visitor.client.post(path, files=files, data=data)).json()
        assert (first["added"], first["rejected"]) == (first["read"], 0)
        assert second == {**first, "added": 0, "unchanged": first["read"]}
        people = {"file": (NETWORK / "staff.csv").read_bytes()}
        staff = (await visitor.client.post("/referral/operate/api/staff", files=people)).json()
        assert (staff["rejected"], staff["added"]) == (0, staff["read"])


async def test_a_file_that_cannot_be_read_is_refused_whole(door: Door) -> None:
    async with door.as_(OPERATOR) as visitor:
        files, data = {"practices": b"nothing,here", "networks": b"nor here"}, {"sub_icb": "07G"}
        answer = await visitor.client.post("/referral/operate/api/organisations", files=files, data=data)
        assert answer.status_code == 422
        assert "practices file" in answer.json()["detail"]


async def test_only_an_operator_imports(door: Door) -> None:
    for who, status in ((None, 401), (NORTH_LEAD, 403), (actor("jo", Role.LINK_WORKER, NORTH), 403)):
        async with door.as_(who) as visitor:
            answer = await visitor.client.post("/referral/operate/api/staff", files={"file": STAFF})
            assert answer.status_code == status
