"""Every route of every service: who has business there, and how it is called on something that is not one's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from shared.door.guard import permission_of
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON, now

REFERRER, LINK_WORKER, LEAD, PROVIDER = Role.REFERRER, Role.LINK_WORKER, Role.TEAM_LEAD, Role.PROVIDER
STEWARD, ANALYST, OPERATOR = Role.STEWARD, Role.ANALYST, Role.OPERATOR
STAFF = (REFERRER, LINK_WORKER, LEAD, PROVIDER, STEWARD, ANALYST, OPERATOR)
EVERYONE: frozenset[Role] = frozenset()
CARRIES = frozenset({LINK_WORKER, LEAD})

# The table of design §4, by the beginnings of addresses; the longest that fits decides. A route that none of them
# knows fails the test: who adds one says here who has business there.
BUSINESS: Mapping[str, frozenset[Role]] = {
    "GET /": EVERYONE,
    "GET /help": EVERYONE,
    "GET /accessibility": EVERYONE,
    "GET /referral/leave": EVERYONE,
    "GET /referral/self": EVERYONE,
    "POST /referral/self/": EVERYONE,
    "POST /referral/api/self-referrals": EVERYONE,
    "GET /referral/new": frozenset({REFERRER}),
    "POST /referral/new": frozenset({REFERRER}),
    "GET /referral/mine": frozenset({REFERRER}),
    "POST /referral/api/referrals": frozenset({REFERRER}),
    "GET /referral/api/referrals/{reference}": frozenset({REFERRER, *CARRIES}),
    "POST /referral/api/referrals/{reference}/": CARRIES,
    "GET /referral/api/referrals/{reference}/": CARRIES,
    "POST /referral/api/referrals/{reference}/allocation": frozenset({LEAD}),
    "POST /referral/api/referrals/{reference}/decline": frozenset({LEAD}),
    "GET /referral/api/queue": frozenset({LEAD}),
    "GET /referral/api/today": CARRIES,
    "GET /referral/triage": frozenset({LEAD}),
    "POST /referral/triage": frozenset({LEAD}),
    "GET /referral/workload": frozenset({LEAD}),
    "GET /referral/today": CARRIES,
    "GET /referral/overdue": CARRIES,
    "GET /referral/cases": CARRIES,
    "POST /referral/cases/{reference}/": CARRIES,
    "POST /directory/api/search": EVERYONE,
    "GET /directory/api/activities/{reference}": EVERYONE,
    "GET /directory/search": EVERYONE,
    "POST /directory/search": EVERYONE,
    "GET /directory/activities/{reference}": EVERYONE,
    "GET /directory/api/requests": frozenset({PROVIDER}),
    "POST /directory/api/requests/": frozenset({PROVIDER}),
    "POST /directory/api/activities/{reference}/capacity": frozenset({PROVIDER, STEWARD}),
    "GET /directory/desk": frozenset({PROVIDER}),
    "POST /directory/desk": frozenset({PROVIDER}),
    "GET /notifications/api/messages": frozenset({*CARRIES, OPERATOR}),
    "GET /notifications/letters": CARRIES,
    "POST /notifications/letters": CARRIES,
    "GET /notifications/messages": frozenset({LEAD, OPERATOR}),
    "POST /notifications/messages": frozenset({LEAD, OPERATOR}),
    "GET /notifications/mailbox": EVERYONE,  # embedded alone, where nobody is real
    "GET /reporting/api/funnel": frozenset({ANALYST, LEAD}),
    "GET /reporting/funnel": frozenset({ANALYST, LEAD}),
    **{
        f"{method} /{service}/{path}": business
        for service in ("referral", "directory", "notifications", "reporting")
        for method, path, business in (
            ("GET", "operate", frozenset({OPERATOR})),
            ("POST", "operate", frozenset({OPERATOR})),
            ("GET", "health/", EVERYONE),
            ("GET", "metrics", EVERYONE),
            ("GET", "openapi", EVERYONE),
            ("GET", "asyncapi", EVERYONE),
            ("GET", "assets/", EVERYONE),
        )
    },
}

TODAY = now().astimezone(LONDON).date()
SESSION = {"happened": "completed", "mode": "phone"}
# What a caller with the right would send, so that nothing but the right can be in the way.
SENT: Mapping[str, Mapping[str, Any]] = {
    "/referral/api/referrals/{reference}/allocation": {"link_worker": "jo"},
    "/referral/api/referrals/{reference}/decline": {"reason": "other"},
    "/referral/api/referrals/{reference}/contact-attempts": {"mode": "phone", "outcome": "reached"},
    "/referral/api/referrals/{reference}/sessions": SESSION,
    "/referral/api/referrals/{reference}/bookings": {"at": "2099-01-01T10:00:00Z"},
    "/referral/api/referrals/{reference}/plan": {"goals": [{"words": "To sing"}]},
    "/referral/api/referrals/{reference}/outcomes": {"stage": "baseline", "skip_reason": "Not today"},
    "/referral/api/referrals/{reference}/prescriptions": {"activity": "{activity}"},
    "/referral/api/referrals/{reference}/prescriptions/{request}/withdrawal": {"reason": "declined_by_person"},
    "/referral/api/referrals/{reference}/signposts": {"activity": "{activity}"},
    "/referral/api/referrals/{reference}/unmet-needs": {"cause": "no_capacity"},
    "/referral/api/referrals/{reference}/closure": {"reason": "person-ended", "confirmed": True},
    "/referral/triage/{reference}": {"decision": "decline", "reason": "other", "_version": "1"},
    "/referral/cases/{reference}/looked-at": {"raised": "{note}"},
    "/referral/cases/{reference}/contact": {"mode": "phone", "outcome": "reached", "when": "now"},
    "/referral/cases/{reference}/sessions/book": {
        "next_on[day]": "1",
        "next_on[month]": "2",
        "next_on[year]": "2099",
        "next_time": "2pm",
    },
    "/referral/cases/{reference}/sessions/{number}": SESSION,
    "/referral/cases/{reference}/plan": {
        "goal-1": "To sing",
        "agreed_on[day]": "1",
        "agreed_on[month]": "2",
        "agreed_on[year]": "2026",
        "_version": "0",
    },
    "/referral/cases/{reference}/outcomes": {
        "asked": "no",
        "stage": "baseline",
        "skip_reason": "Not today",
        "asked_on[day]": "1",
        "asked_on[month]": "2",
        "asked_on[year]": "2026",
    },
    "/referral/cases/{reference}/prescribe": {"activity": "{activity}"},
    "/referral/cases/{reference}/prescribe/known": {"known": "singers"},
    "/referral/cases/{reference}/requests": {"activity": "{activity}", "agreed": "yes"},
    "/referral/cases/{reference}/signposts": {"activity": "{activity}"},
    "/referral/cases/{reference}/requests/{request}/withdraw": {"reason": "declined_by_person", "_version": "1"},
    "/referral/cases/{reference}/unmet": {"group": "housing", "cause": "no_capacity"},
    "/referral/cases/{reference}/close": {"reason": "person-ended", "confirmed": "yes", "_version": "1"},
    "/directory/api/requests/{reference}/answer": {"answer": "accept"},
    "/directory/api/requests/{reference}/attendance": {"on": TODAY.isoformat(), "attended": True},
    "/directory/api/requests/{reference}/end": {"outcome": "completed"},
    "/directory/api/activities/{reference}/capacity": {"status": "no-capacity"},
    "/directory/desk/room": {"activity": "{listing}", "status": "no-capacity", "_version": "1"},
    "/directory/desk/requests/{reference}": {"answer": "accept", "_version": "1"},
    "/directory/desk/requests/{reference}/seen": {"_version": "1"},
    "/directory/desk/requests/{reference}/attendance": {
        "attended": "yes",
        "on[day]": str(TODAY.day),
        "on[month]": str(TODAY.month),
        "on[year]": str(TODAY.year),
        "_version": "1",
    },
    "/directory/desk/requests/{reference}/end": {"outcome": "completed", "_version": "1"},
    "/notifications/letters/{reference}/posted": {},
    "/notifications/messages/again": {"message": "{message}"},
}
# The same for addresses with a question in them.
ASKED: Mapping[str, str] = {"/notifications/api/messages": "?referral={told_of}"}
# What `{reference}` names below each of these.
NAMED: Mapping[str, str] = {
    "/referral/triage": "waiting",
    "/referral/": "case",
    "/directory/desk/requests": "place",
    "/directory/api/requests": "place",
    "/directory/": "listing",
    "/notifications/letters": "letter",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One route of one service: its method, its address with names in braces, and the roles it lets in."""

    service: str
    method: str
    path: str
    roles: frozenset[Role]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def api(self) -> bool:
        return "/api/" in self.path

    @property
    def business(self) -> frozenset[Role] | None:
        """Who has business here; None when nobody has said so."""
        found = [known for known in BUSINESS if str(self).startswith(known) and _whole(known, str(self))]
        return BUSINESS[max(found, key=len)] if found else None

    def address(self, held: Mapping[str, str]) -> str:
        """The address of something that exists, and belongs to somebody."""
        kind = next((kind for prefix, kind in NAMED.items() if self.path.startswith(prefix)), "case")
        names = {"reference": held[kind], "number": "next", "id_": "1", "name": "name", "stream": "stream"}
        return (self.path + ASKED.get(self.path, "")).format_map({**held, **names})

    def sent(self, held: Mapping[str, str]) -> dict[str, Any]:
        """What a caller with the right would send."""
        return {
            name: value.format_map(held) if isinstance(value, str) else value for name, value in SENT[self.path].items()
        }


def _whole(known: str, way: str) -> bool:
    """A beginning ends where a part of the address ends, so that `/` is the first page and nothing else."""
    rest = way[len(known) :]
    return not rest or (known != "GET /" and (known.endswith("/") or rest[0] in "/.{"))


def ways(service: str, app: FastAPI) -> Iterator[Way]:
    """Every route of an app."""
    for included in app.routes:
        for route in included.original_router.routes:  # type: ignore[attr-defined]
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield Way(service, method, route.path, permission_of(route).roles or EVERYONE)
