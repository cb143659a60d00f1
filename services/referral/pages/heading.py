"""What stands at the top of every page about a person: who they are and how they may be reached safely."""

from dataclasses import dataclass
from datetime import date

from services.referral.domain.person import PersonDetails, age_on
from services.referral.domain.referral import Referral
from services.referral.pages.wording import CHANNELS
from shared.door.words import listed, nhs_number, short_day


@dataclass(frozen=True, slots=True)
class Heading:
    """`safety` are sentences; `asked` says when safety was asked about; `reach` how the person may be reached."""

    name: str
    first_name: str
    reference: str
    status: str
    urgent: bool
    facts: tuple[str, ...]
    safety: tuple[str, ...]
    asked: str
    reach: str
    needs: tuple[str, ...]


def heading_of(referral: Referral, person: PersonDetails, today: date) -> Heading:
    number = (f"NHS number {nhs_number(person.nhs_number)}",) if person.nhs_number else ()
    born = f"Born {short_day(person.born_on)}, aged {age_on(person.born_on, today)}"
    safety = _safety(person)
    return Heading(
        name=person.name,
        first_name=person.known_as or person.given_name,
        reference=referral.reference,
        status=referral.status.replace("-", "_"),
        urgent=referral.urgency == "urgent",
        facts=(born, *number),
        safety=safety,
        asked=_asked(person, bool(safety)),
        reach=_reach(person),
        needs=_needs(person),
    )


def _safety(person: PersonDetails) -> tuple[str, ...]:
    rules = person.contact
    sentences = (
        "It is not safe to contact this person. Ask your team lead first." if rules.unsafe else "",
        person.safety_note,
        _asked_not_to(rules.do_not),
        "" if rules.voicemail_safe else "Do not leave a message.",
    )
    return tuple(filter(None, sentences))


def _asked_not_to(words: str) -> str:
    """People write "do not call at work" as often as "calling at work"."""
    plain = words.casefold().startswith(("do not", "don't", "don’t", "no ", "never", "not "))
    return words[:1].upper() + words[1:] if plain or not words else f"Do not: {words}"


def _asked(person: PersonDetails, any_said: bool) -> str:
    when = f"asked {short_day(person.safety_asked_on)}" if person.safety_asked_on else "not asked yet"
    concern = person.safety_note or person.contact.unsafe
    if any_said and not concern:
        return f"No safety concerns recorded, {when}"
    return when[0].upper() + when[1:]


def _reach(person: PersonDetails) -> str:
    rules = person.contact
    ways = [CHANNELS[way] for way in CHANNELS if way in rules.channels]
    said = f"Reach them by {listed(ways, 'or')}." if ways else "No safe way to reach them was given."
    times = f" Safe times: {rules.safe_times}." if rules.safe_times else ""
    through = f" Through: {rules.through}." if rules.through else ""
    return said + times + through


def _needs(person: PersonDetails) -> tuple[str, ...]:
    interpreter = person.interpreter
    if interpreter and "interpreter" not in interpreter.lower():
        interpreter = f"interpreter: {interpreter}" if "," in interpreter else f"{interpreter} interpreter"
    return tuple(filter(None, (person.adjustments, interpreter)))
