"""Making a referral: what must be said before there is one, in words that a form can show beside its fields."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.referral.domain import agreement as agreed
from services.referral.domain import nhs_number
from services.referral.domain.agreement import Agreement
from services.referral.domain.person import Channel, NotifyBy, PersonDetails, age_on, tidy_postcode
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Route, Urgency

OLDEST = 125
LINE, WORDS = 200, 4000
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
Problems = Mapping[str, str]


class Incomplete(Exception):
    """The referral was not made: `problems` says what to put right, by field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("The referral was not made. Check what you entered.")
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Request:
    """What a practice, or the person themself, asks for. `reasons[0]` is the main one.

    `different_person` is a professional's word that this is not the namesake we found.
    """

    route: Route
    person: PersonDetails
    practice: str | None
    reasons: tuple[Reason, ...]
    urgency: Urgency = Urgency.ROUTINE
    other_reason: str = ""
    what_matters: str = ""
    agreement: Agreement | None = None
    different_person: bool = False


def at_their_practice(request: Request, practices: Collection[str]) -> Request:
    """Who works for one practice alone need not say which."""
    if request.practice or len(practices) != 1:
        return request
    return replace(request, practice=next(iter(practices)))


def check(request: Request, today: date) -> None:
    """Raises Incomplete unless the referral can be made."""
    if found := problems(request, today):
        raise Incomplete(found)


def problems(request: Request, today: date) -> dict[str, str]:
    """Everything that is missing or wrong, by field, at once; nothing when the referral can be made."""
    found = {
        **name_problems(request.person),
        **birth_problems(request.person.born_on, today),
        **number_problems(request.person.nhs_number or ""),
        **address_problems(request.person),
        **contact_problems(request.person),
        **reason_problems(request.reasons, request.other_reason),
        **agreed.problems(request.agreement),
        **length_problems(request),
    }
    if request.route is Route.PRACTICE and not request.practice:
        found["practice"] = "Choose the practice you are referring for"
    return found


def name_problems(person: PersonDetails) -> Problems:
    found = {}
    if not person.given_name:
        found["given_name"] = "Enter a first name"
    if not person.family_name:
        found["family_name"] = "Enter a last name"
    return found


def birth_problems(born_on: date | None, today: date) -> Problems:
    if born_on is None:
        return {"born_on": "Enter a date of birth, for example 14 3 1951"}
    if born_on > today:
        return {"born_on": "Date of birth must be in the past"}
    if age_on(born_on, today) > OLDEST:
        return {"born_on": f"Date of birth must be less than {OLDEST} years ago"}
    return {}


def number_problems(number: str) -> Problems:
    """An NHS number may be left out; given, it must be one. `number` has its spaces taken out already."""
    if number and not nhs_number.is_valid(number):
        return {"nhs_number": "Enter an NHS number that is 10 digits, for example 999 000 0018, or leave it empty"}
    return {}


def address_problems(person: PersonDetails) -> Problems:
    if person.postcode and tidy_postcode(person.postcode) is None:
        return {"postcode": "Enter a full UK postcode, for example RM17 6AA"}
    return {}


def contact_problems(person: PersonDetails) -> Problems:
    """Each way of reaching the person must have what it needs; marked unsafe, none is needed."""
    ways, found = person.contact.channels, {}
    if not ways and not person.contact.unsafe:
        found["channels"] = "Choose at least one safe way to make contact"
    if ways & {Channel.CALL, Channel.TEXT} and not person.phone:
        found["phone"] = "Enter a phone number to call or text"
    if person.phone and len(re.sub(r"\D", "", person.phone)) not in range(9, 16):
        found["phone"] = "Enter a phone number, for example 07700 900 866"
    if person.email and not EMAIL.fullmatch(person.email):
        found["email"] = "Enter an email address, for example name@example.com"
    elif not person.email and (Channel.EMAIL in ways or person.contact.notify_by is NotifyBy.EMAIL):
        found["email"] = "Enter an email address to write to"
    by_letter = Channel.LETTER in ways or person.contact.notify_by is NotifyBy.LETTER
    if by_letter and not (person.address_lines and person.postcode):
        found["address_lines"] = "Enter an address and postcode to send letters to"
    if Channel.THROUGH_SOMEONE in ways and not person.contact.through:
        found["through"] = "Enter who to go through, and how to reach them"
    return found


def reason_problems(reasons: tuple[Reason, ...], other: str) -> Problems:
    if not reasons:
        return {"reasons": "Choose at least one reason"}
    if len(set(reasons)) != len(reasons):
        return {"reasons": "Give each reason once"}
    if Reason.OTHER in reasons and not other:
        return {"other_reason": "Enter the reason in your own words"}
    return {}


def length_problems(request: Request) -> Problems:
    """Short lines and long words both end somewhere; the store is not an archive of pasted records."""
    person, rules = request.person, request.person.contact
    lines = {"given_name": person.given_name, "family_name": person.family_name, "known_as": person.known_as}
    lines |= {"email": person.email, "phone": person.phone, "language": person.language, "through": rules.through}
    lines |= {"interpreter": person.interpreter, "address_lines": max(person.address_lines, key=len, default="")}
    words = {"what_matters": request.what_matters, "adjustments": person.adjustments, "safe_times": rules.safe_times}
    words |= {"do_not": rules.do_not, "other_reason": request.other_reason, "safety_note": person.safety_note}
    agreement = request.agreement or Agreement(agreed.Basis.PERSON)
    words |= {"agreement_by": agreement.by, "agreement_reason": agreement.reason}
    too_long = {name: f"Use {LINE} characters or fewer" for name, text in lines.items() if len(text) > LINE}
    return too_long | {name: f"Use {WORDS:,} characters or fewer" for name, text in words.items() if len(text) > WORDS}
