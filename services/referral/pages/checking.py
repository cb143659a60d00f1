"""Answers as people check them before they send: each page's own, with a way back to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.referral.domain.agreement import Agreement
from services.referral.domain.intake import Request
from services.referral.domain.nhs_number import spaced
from services.referral.domain.person import Channel, PersonDetails
from services.referral.pages.choices import BASES, CHANNELS, MAY_KNOW, Choice
from shared.door.words import short_day


@dataclass(frozen=True, slots=True)
class AnswerRow:
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class AnswerSection:
    """One page's answers; `step` is the page, `heading` stands above several pages' answers, "" among them."""

    step: str
    title: str
    rows: Sequence[AnswerRow]
    heading: str = ""


def section(step: str, title: str, rows: Mapping[str, str], heading: str = "") -> AnswerSection:
    return AnswerSection(step, title, [AnswerRow(key, value) for key, value in rows.items()], heading)


def name_rows(person: PersonDetails) -> dict[str, str]:
    called = {"Called": person.known_as} if person.known_as else {}
    return {"First name": person.given_name, "Last name": person.family_name, **called}


def identity_rows(person: PersonDetails) -> dict[str, str]:
    number = spaced(person.nhs_number) if person.nhs_number else ""
    return {"Date of birth": short_day(person.born_on), "NHS number": number}


def home_rows(person: PersonDetails) -> dict[str, str]:
    return {"Address": "\n".join(filter(None, [*person.address_lines, person.postcode]))}


def reason_rows(request: Request) -> dict[str, str]:
    main, *others = request.reasons
    rest = {"Also": ", ".join(reason.label for reason in others)} if others else {}
    words = {"Something else": request.other_reason} if request.other_reason else {}
    return {"Main reason": main.label, **rest, **words, "What matters": request.what_matters}


def contact_rows(person: PersonDetails) -> dict[str, str]:
    ways = _labels(CHANNELS, person.contact.channels) or "Not safe in any way yet"
    through = {"Through": person.contact.through} if Channel.THROUGH_SOMEONE in person.contact.channels else {}
    return {"Safe ways": ways, "Phone": person.phone, "Email": person.email, **through}


def safety_rows(person: PersonDetails) -> dict[str, str]:
    rules = person.contact
    voicemail = "Yes" if rules.voicemail_safe else "No"
    return {"Voicemail is safe": voicemail, "Good times": rules.safe_times, "Do not": rules.do_not}


def need_rows(person: PersonDetails) -> dict[str, str]:
    # The API also takes "en", which no page would say.
    language = "English" if person.language.casefold() == "en" else person.language
    return {"Language": language, "Interpreter": person.interpreter, "Other needs": person.adjustments}


def agreement_rows(agreed: Agreement | None, person: PersonDetails) -> dict[str, str]:
    """Who agreed, and who may know."""
    basis = _labels(BASES, {agreed.basis}) if agreed else ""
    words = {"Who": agreed.by, "Why": agreed.reason} if agreed else {}
    given = {key: value for key, value in words.items() if value}
    return {"Who agreed": basis, **given, "Who may know": _labels(MAY_KNOW, person.may_know)}


def _labels(choices: Sequence[Choice], chosen: frozenset[str] | set[str]) -> str:
    return ", ".join(choice.text for choice in choices if choice.value in chosen)
