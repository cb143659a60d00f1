"""Who may do what: every route of every service, asked by every role, and by people of other organisations."""

from typing import Any

import httpx

from shared.runtime.actor import Actor, Role
from tests.system.rights.house import NAMES, House, people_it
from tests.system.rights.ways import STAFF, Way, ways

ELSEWHERE = {
    Role.REFERRER: frozenset({"F81003"}),
    Role.LINK_WORKER: frozenset({"U00002"}),
    Role.TEAM_LEAD: frozenset({"U00002"}),
    Role.PROVIDER: frozenset({"elsewhere"}),
}
SAID_IN_THE_BODY = ("POST /directory/desk/room", "POST /notifications/messages/again")
OURS = frozenset({"F81001", "U00001", "U99901", "riverside"})


def every_way(house: House) -> list[Way]:
    return [way for service, app in house.apps.items() for way in ways(service, app)]


def somebody(role: Role, organisations: frozenset[str] = OURS, subject: str = "somebody-else") -> Actor:
    return Actor(subject, frozenset({role}), organisations)


async def call(house: House, way: Way, actor: Actor | None, sent: dict[str, Any] | None = None) -> httpx.Response:
    """The answer of a route; without `sent`, a body that nobody could read."""
    path = way.address(house.held)
    async with house.visit(way.service, actor) as client:
        if way.method == "GET":
            return await client.get(path)
        if sent is None:
            return await client.post(path, content=b"{", headers={"content-type": "application/json"})
        if way.api:
            return await client.post(path, json=sent)
        token = house.form_token(way.service)
        return await client.post(path, data={"_token": token, "_key": f"key of {path}", **sent})


async def tables(house: House, service: str) -> str:
    """Everything that a service holds, as text."""
    store = house.store(service)
    async with store.transaction(Actor("test", frozenset({Role.SYSTEM}))) as tx:
        names = await tx.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        found = [
            (row["tablename"], [tuple(each.values()) for each in await tx.rows(f'SELECT * FROM "{row["tablename"]}"')])
            for row in names
            if row["tablename"] != "idempotency"
        ]
    return repr(found)


async def test_every_route_lets_in_those_with_business_there_and_nobody_else(house: House) -> None:
    wrong = [f"{way}: {sorted(way.roles)}" for way in every_way(house) if way.roles != way.business]
    assert not wrong, "\n".join(wrong)


async def test_a_role_without_business_is_refused_before_anything_is_read(house: House) -> None:
    wrong: list[str] = []
    for way in every_way(house):
        for role in (role for role in STAFF if way.roles and role not in way.roles):
            answer = await call(house, way, somebody(role))
            if answer.status_code != 403:
                wrong.append(f"{way} answers {role} {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_nobody_is_let_in_without_a_log_in(house: House) -> None:
    wrong: list[str] = []
    for way in every_way(house):
        if way.roles:
            answer = await call(house, way, None)
            to_log_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
            if answer.status_code != 401 and not (to_log_in and way.method == "GET" and not way.api):
                wrong.append(f"{way} answers nobody {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_what_belongs_to_another_organisation_is_not_found_and_stays_as_it_was(house: House) -> None:
    await people_it(house)
    before = {service: await tables(house, service) for service in house.apps}
    wrong: list[str] = []
    for way in every_way(house):
        if not way.roles or not ("{reference}" in way.path or str(way) in SAID_IN_THE_BODY):
            continue
        for role in way.roles & ELSEWHERE.keys():
            sent = way.sent(house.held) if way.method == "POST" else None
            answer = await call(house, way, somebody(role, ELSEWHERE[role]), sent)
            if answer.status_code not in (403, 404):
                wrong.append(f"{way} answers a {role} from elsewhere {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    for service, was in before.items():
        assert await tables(house, service) == was


async def test_no_list_shows_people_of_another_organisation(house: House) -> None:
    await people_it(house)
    wrong: list[str] = []
    for way in every_way(house):
        for role in way.roles if way.method == "GET" and "{" not in way.path else ():
            answer = await call(house, way, somebody(role, ELSEWHERE.get(role, frozenset())))
            told = [words for words in (*NAMES, *shown_references(house)) if words in answer.text]
            if told or answer.status_code == 500:
                wrong.append(f"{way} tells a {role} from elsewhere {told or answer.status_code}")
    assert not wrong, "\n".join(wrong)


def shown_references(house: House) -> list[str]:
    return [house.held[kind] for kind in ("case", "waiting", "request", "place", "letter")]


async def test_a_colleague_does_not_open_a_case_that_another_link_worker_carries(house: House) -> None:
    await people_it(house)
    wrong: list[str] = []
    for way in every_way(house):
        if way.roles == {Role.LINK_WORKER, Role.TEAM_LEAD} and way.path.startswith("/referral/") and "{r" in way.path:
            sent = way.sent(house.held) if way.method == "POST" else None
            answer = await call(house, way, somebody(Role.LINK_WORKER, subject="al"), sent)
            if answer.status_code != 404:
                wrong.append(f"{way} answers a colleague {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_whose_it_is_comes_through_every_one_of_these_routes(house: House) -> None:
    """So that a refusal above is for want of the right and of nothing else."""
    await people_it(house)
    wrong: list[str] = []
    for way in every_way(house):
        if not way.roles or "{reference}" not in way.path:
            continue
        for role in way.roles:
            sent = way.sent(house.held) if way.method == "POST" else None
            answer = await call(house, way, somebody(role, subject="jo"), sent)
            if answer.status_code in (401, 403, 404, 422) or answer.status_code >= 500:
                wrong.append(f"{way} answers {role} {answer.status_code} {answer.text[:300] if way.api else ''}")
    assert not wrong, "\n".join(wrong)
