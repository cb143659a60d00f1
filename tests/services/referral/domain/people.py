"""People and requests that do not exist, for the tests of making a referral."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.intake import Request
from services.referral.domain.person import Channel, ContactRules, NotifyBy, PersonDetails
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Route

RULES = ContactRules(channels=frozenset({Channel.CALL, Channel.EMAIL}), notify_by=NotifyBy.EMAIL)
ROSA = PersonDetails(
    given_name="Rosa",
    family_name="Okafor",
    born_on=date(1951, 3, 14),
    nhs_number="9990000018",
    address_lines=("1 Test Street",),
    postcode="RM17 6AA",
    phone="07700 900 866",
    email="rosa@example.com",
    contact=RULES,
)


def a_person(**changes: Any) -> PersonDetails:
    return replace(ROSA, **changes)


def a_request(person: PersonDetails = ROSA, **changes: Any) -> Request:
    request = Request(
        route=Route.PRACTICE,
        person=person,
        practice="F81001",
        reasons=(Reason.LONELINESS, Reason.DEBT),
        agreement=Agreement(Basis.PERSON),
    )
    return replace(request, **changes)
