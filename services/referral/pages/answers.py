"""From what was typed over several pages to a request for a referral, and what is still wrong with it."""

from collections.abc import Mapping
from datetime import date

from services.referral.domain import nhs_number
from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.intake import Request, birth_problems, problems
from services.referral.domain.person import Channel, ContactRules, MayKnow, NotifyBy, PersonDetails, tidy_postcode
from services.referral.domain.reasons import Reason, reason_of
from services.referral.domain.referral import Route, Urgency
from shared.door.forms import Form, Typed

ADDRESS = ("address_line_1", "address_line_2", "address_town")


def line(typed: Typed, name: str) -> str:
    """One line: a pasted line break becomes a space."""
    return " ".join(typed.text(name).split())


def born_on(typed: Typed) -> date | None:
    return Form(typed, "", None).date("born_on")


def request_of(typed: Typed, route: Route, today: date) -> tuple[Request, Mapping[str, str]]:
    """The request that the answers make, and what is wrong with it by field. It may be sent only when nothing is."""
    born = born_on(typed)
    person = _person(typed, born or today, today if route is Route.PRACTICE else None)
    request = Request(
        route=route,
        person=person,
        practice=typed.text("practice") or None,
        reasons=_reasons(typed),
        urgency=Urgency.URGENT if typed.text("urgency") == "urgent" else Urgency.ROUTINE,
        other_reason=typed.text("other_reason"),
        what_matters=typed.text("what_matters"),
        agreement=Agreement(Basis.PERSON) if route is Route.SELF else _agreement(typed),
        different_person=typed.text("different_person") == "yes",
    )
    found = {**problems(request, today), **birth_problems(born, today)}
    if "address_lines" in found:
        found[ADDRESS[0]] = found.pop("address_lines")
    return request, found


def _person(typed: Typed, born: date, asked_on: date | None) -> PersonDetails:
    return PersonDetails(
        given_name=line(typed, "given_name"),
        family_name=line(typed, "family_name"),
        known_as=line(typed, "known_as"),
        born_on=born,
        nhs_number=nhs_number.tidy(typed.text("nhs_number")) or None,
        address_lines=tuple(filter(None, (line(typed, name) for name in ADDRESS))),
        no_fixed_address=typed.text("no_fixed_address") == "yes",
        postcode=tidy_postcode(typed.text("postcode")) or line(typed, "postcode"),
        phone=line(typed, "phone"),
        email=line(typed, "email"),
        contact=_rules(typed),
        language=line(typed, "language"),
        interpreter=line(typed, "interpreter"),
        adjustments=typed.text("adjustments"),
        may_know=frozenset(MayKnow(each) for each in typed.texts("may_know") if each in set(MayKnow)),
        safety_note=typed.text("safety_note"),
        safety_asked_on=asked_on,
    )


def _rules(typed: Typed) -> ContactRules:
    """We write by ourselves in the first of the ways that can be written to, and not at all where it is unsafe."""
    ways = frozenset(Channel(each) for each in typed.texts("channels") if each in set(Channel))
    unsafe = typed.text("unsafe") == "yes"
    written = NotifyBy.EMAIL if Channel.EMAIL in ways else NotifyBy.LETTER if Channel.LETTER in ways else NotifyBy.NONE
    return ContactRules(
        channels=ways,
        notify_by=NotifyBy.NONE if unsafe else written,
        unsafe=unsafe,
        voicemail_safe=typed.text("voicemail_safe") == "yes",
        safe_times=typed.text("safe_times"),
        do_not=typed.text("do_not"),
        through=line(typed, "through"),
    )


def _reasons(typed: Typed) -> tuple[Reason, ...]:
    """The one that matters most first, then the others as listed."""
    codes = [typed.text("main_reason"), *typed.texts("reasons")]
    known = {str(reason) for reason in Reason}
    return tuple(reason_of(code) for code in dict.fromkeys(codes) if code in known)


def _agreement(typed: Typed) -> Agreement | None:
    basis = typed.text("agreement")
    if basis not in set(Basis):
        return None
    return Agreement(Basis(basis), line(typed, "agreement_by"), typed.text("agreement_reason"))
