"""What nobody should send: each field, name and question of every route, spoiled in every way we know. No 500."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from shared.runtime.actor import Actor
from tests.system.rights.house import House, people_it
from tests.system.rights.test_rights import OURS, every_way
from tests.system.rights.ways import SENT, STAFF, Way

PERSON = {
    "given_name": "Ada",
    "family_name": "Byron",
    "born_on": "1951-03-14",
    "nhs_number": "",
    "postcode": "RM17 6AA",
    "address_lines": ["1 Elm Street"],
    "phone": "07700 900 866",
    "email": "ada@kith.example",
}
CONTACT = {"channels": ["call"], "notify_by": "none", "unsafe": False, "safe_times": "noon", "through": "a friend"}
SELF = {
    "person": PERSON,
    "practice": "F81001",
    "reasons": ["debt"],
    "what_matters": "To sing",
    "language": "en",
    "contact": CONTACT,
    "may_know": [],
}
FORM = {
    "given_name": "Ada",
    "born_on[day]": "1",
    "born_on[month]": "2",
    "born_on[year]": "1951",
    "channels": "call",
    "reasons": "debt",
    "postcode": "RM17 6AA",
    "go": "",
    "_version": "1",
    "_carried": "",
}
MORE: Mapping[str, Mapping[str, Any]] = {
    **SENT,
    "/referral/api/referrals": {**SELF, "agreement": {"basis": "person"}, "urgency": "routine", "safety_note": "No"},
    "/referral/api/self-referrals": SELF,
    "/referral/api/referrals/{reference}/contact-attempts": {
        "mode": "phone",
        "outcome": "reached",
        "note": "Glad",
        "at": "2026-11-20T10:00:00Z",
    },
    "/referral/api/referrals/{reference}/sessions": {
        "happened": "cancelled",
        "on": "2026-11-20",
        "note": "Ill",
        "number": 1,
        "next": {"at": "2099-01-01T10:00:00Z", "mode": "phone"},
    },
    "/referral/api/referrals/{reference}/plan": {
        "goals": [{"words": "To sing", "actions": [{"what": "Try", "who": "me", "by": "2026-12-01"}]}],
        "what_matters": "Company",
        "strengths": "Songs",
        "agreed_on": "2026-11-20",
        "version": 0,
    },
    "/referral/api/referrals/{reference}/outcomes": {
        "stage": "follow-up",
        "skip_reason": "Not today",
        "on": "2026-11-20",
        "answers": {"satisfied": 1, "worthwhile": 1, "happy": 1, "anxious": 1},
    },
    "/referral/api/referrals/{reference}/prescriptions": {
        "activity": "{activity}",
        "answer_by": "2099-01-01",
        "person_agreed": True,
    },
    "/referral/api/referrals/{reference}/closure": {"reason": "died", "words": "", "confirmed": False, "version": 1},
    "/referral/api/referrals/{reference}/allocation": {"link_worker": "jo", "version": 1},
    "/referral/api/referrals/{reference}/decline": {"reason": "other", "words": "", "version": 1},
    "/directory/api/requests/{reference}/answer": {
        "answer": "waitlist",
        "expected": "2099-01-01",
        "first_date": "2099-01-01",
        "reason": "no_capacity",
        "version": 1,
    },
    "/directory/api/activities/{reference}/capacity": {"status": "capacity", "places": 3, "version": 1},
    "/directory/desk/room": {"activity": "{listing}", "status": "capacity", "places": "3", "_version": "1"},
    "/referral/self/start": {},
    "/referral/self/{name}": FORM,
    "/referral/new/{name}": FORM,
    "/directory/api/search": {
        "words": "choir",
        "needs": [],
        "postcode": "RM17 6AA",
        "within_miles": 3,
        "languages": ["en"],
        "age": 50,
        "cursor": 0,
    },
    "/directory/search": {"words": "choir", "postcode": "RM17", "within_miles": "3", "age": "50", "cursor": "0"},
}
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "/referral/api/queue": ("after",),
    "/referral/mine": ("after",),
    "/referral/triage": ("after", "network"),
    "/referral/cases": ("after", "status"),
    "/referral/cases/{reference}/plan": ("print",),
    "/directory/search": ("words", "needs"),
    "/notifications/api/messages": ("referral",),
    "/notifications/messages": ("before", "state"),
    "/notifications/mailbox": ("page",),
    "/reporting/funnel": ("from", "to", "pcn", "group"),
    "/reporting/funnel.csv": ("from", "to", "pcn", "group"),
    "/reporting/api/funnel": ("from", "to", "pcn", "group"),
}
TEXTS = ("a\x00b", "9" * 5_000, str(10**20), "²", "x" * 20_000, "9999-12-31")
VALUES: tuple[Any, ...] = (*TEXTS, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", None, 10**30, ["\x00"], {})
BODIES = (b"{", b"null", b"\xff\xfe", b'"\\ud800"', b"[" * 20_000, b'{"a": 1e999}')
JSON = {"content-type": "application/json"}
PARTS = {"content-type": "multipart/form-data; boundary=x"}


def filled(good: Mapping[str, Any], held: Mapping[str, str]) -> dict[str, Any]:
    """The body with what exists in place of its names."""
    return {name: value.format_map(held) if isinstance(value, str) else value for name, value in good.items()}


def spoiled(good: Mapping[str, Any], values: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """The body with one of its fields, at any depth, replaced by each of the values."""
    for name, value in good.items():
        yield from ({**good, name: bad} for bad in values)
        if isinstance(value, Mapping):
            yield from ({**good, name: inner} for inner in spoiled(value, values))
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield from ({**good, name: [inner]} for inner in spoiled(value[0], values))
    yield {**good, "unheard_of": 1}


def addresses(way: Way, held: Mapping[str, str]) -> Iterator[str]:
    """The route's address with each name in it, and each question, spoiled."""
    good = way.address(held)
    names = {**held, "reference": held["case"], "number": "next", "id_": "1", "name": "name"}
    for bad in (quote(text[:3_000], safe="") for text in TEXTS):
        yield from (way.path.format_map({**names, name: bad}) for name in names if f"{{{name}}}" in way.path)
        yield from (f"{good.partition('?')[0]}?{name}={bad}" for name in QUESTIONS.get(way.path, ()))


def sendings(house: House, way: Way) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every spoiled request of one route: its address, and what the client is to send."""
    yield from ((address, {}) for address in addresses(way, house.held))
    if way.method == "GET":
        return
    address, good = way.address(house.held), filled(MORE.get(way.path, {}), house.held)
    token = {"_token": house.form_token(way.service), "_key": ""}
    yield from ((address, {"content": body, "headers": JSON if way.api else PARTS}) for body in BODIES)
    if way.api:
        yield from ((address, {"content": json.dumps(body), "headers": JSON}) for body in spoiled(good, VALUES))
    else:
        yield from ((address, {"data": body}) for body in spoiled({**token, **good}, TEXTS))


@pytest.mark.parametrize("service", ["referral", "directory", "notifications", "reporting"])
async def test_nothing_that_can_be_sent_makes_kith_fail(
    house: House, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for door in ("api.referrals", "pages.self_referral"):
        monkeypatch.setattr(f"services.referral.{door}.SELF_REFERRAL_S", 0)
    await people_it(house)
    broken: list[str] = []
    everything = Actor("jo", frozenset(STAFF), OURS)
    for way in every_way(house):
        if way.service == service and "/operate" not in way.path and "/health" not in way.path:
            async with house.visit(service, everything) as client:
                for address, sent in sendings(house, way):
                    answer = await client.request(way.method, address, **sent)
                    if answer.status_code >= 500:
                        broken.append(f"{way} answers {answer.status_code} to {address[:200]} {str(sent)[:300]}")
    assert not broken, f"{len(broken)}\n" + "\n".join(broken)
