"""Somebody who is referred: invented from the book, with the needs, rules and wishes that people have."""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from deploy.embedded.living.book import Book
from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.intake import Request
from services.referral.domain.nhs_number import is_valid
from services.referral.domain.person import Channel, ContactRules, MayKnow, NotifyBy, PersonDetails
from services.referral.domain.reasons import Reason, reason_of
from services.referral.domain.referral import Route, Urgency


class Trait(StrEnum):
    """Something about a person that every page must be able to bear."""

    NONE = "none"
    UNSAFE = "unsafe"
    NO_PHONE = "no-phone"
    NO_FIXED_ADDRESS = "no-fixed-address"
    INTERPRETER = "interpreter"
    NAMESAKE = "namesake"
    LETTERS = "letters"
    BEST_INTERESTS = "best-interests"
    AUTHORITY = "authority"
    ADJUSTMENTS = "adjustments"


# One of each before the first repeats; most people have none.
_RARE = (
    Trait.NO_FIXED_ADDRESS,
    Trait.INTERPRETER,
    Trait.UNSAFE,
    Trait.NAMESAKE,
    Trait.BEST_INTERESTS,
    Trait.LETTERS,
    Trait.AUTHORITY,
    Trait.NO_PHONE,
    Trait.NAMESAKE,
    Trait.INTERPRETER,
)
_AGES = {
    Reason.PARENTING: (21, 44),
    Reason.CARING: (38, 79),
    Reason.DEMENTIA: (68, 91),
    Reason.FALLS: (67, 93),
    Reason.EMPLOYMENT: (19, 60),
    Reason.SEXUALITY_OR_GENDER: (18, 40),
    Reason.OFFENDING: (19, 55),
}
_ANY_AGE = ((18, 34), (35, 49), (50, 64), (65, 79), (65, 79), (80, 94))
_EVERYBODY = frozenset(MayKnow)


def trait_of(number: int) -> Trait:
    """The trait of the person with this number, from 0."""
    if number % 3 == 2:
        return _RARE[number // 3 % len(_RARE)]
    return Trait.ADJUSTMENTS if number % 5 == 1 else Trait.NONE


def nhs_number(number: int) -> str:
    """A number of the range kept for tests (999…), valid by modulus 11, different for each person."""
    stem = f"999{number * 10 + 4_000:06d}"
    endings = (f"{ending:02d}" for ending in range(100))
    return next(stem[:8] + ending for ending in endings if is_valid(stem[:8] + ending))


def invent(number: int, book: Book, day: date, route: Route, practice: str | None, area: str) -> Request:
    """What the practice, or the person, asks for on that day; the same number is always the same person."""
    dice, trait = Random(f"person {number}"), trait_of(number)
    main = reason_of(dice.choices(list(book.reasons), list(book.reasons.values()))[0])
    if trait is Trait.UNSAFE:
        main = Reason.DOMESTIC_ABUSE
    others = [reason_of(code) for code in dice.sample(list(book.reasons), 2) if code != main]
    person = _details(number, trait, main, book, day, area, dice)
    if route is Route.SELF:
        person = replace(person, nhs_number=None, safety_asked_on=None, safety_note="")
    return Request(
        route=route,
        person=person,
        practice=practice,
        reasons=(main, *others[: dice.choice((0, 1, 1, 2))]),
        urgency=Urgency.ROUTINE,
        what_matters=dice.choice(book.matters[main]) if dice.random() < 0.85 or route is Route.SELF else "",
        agreement=_agreement(trait, book, dice) if route is Route.PRACTICE else Agreement(Basis.PERSON),
    )


def _details(number: int, trait: Trait, main: Reason, book: Book, day: date, area: str, dice: Random) -> PersonDetails:
    given, family = _name(number, book)
    person = PersonDetails(
        given_name=given,
        family_name=family,
        born_on=_born(main, day, dice),
        nhs_number=nhs_number(number) if dice.random() < 0.92 else None,
        address_lines=(f"{dice.randint(1, 118)} {dice.choice(book.streets[area])}", "Saltmere"),
        postcode=dice.choice(book.postcodes[area]),
        phone=f"07700 900 {100 + number % 900:03d}",
        email=f"{given}.{family}.{number}@example.org".lower(),
        adjustments=book.one("adjustments", dice) if dice.random() < 0.2 else "",
        may_know=frozenset(who for who in MayKnow if dice.random() < 0.5) or _EVERYBODY,
        safety_note=book.one("safety_notes", dice),
        safety_asked_on=day,
    )
    return _with(trait, _speaking(replace(person, contact=_rules(book, dice)), book, dice), book, dice)


def _name(number: int, book: Book) -> tuple[str, str]:
    """Every namesake bears the name of the person before them."""
    dice = Random(f"name {number - 1 if trait_of(number) is Trait.NAMESAKE else number}")
    return book.one("first_names", dice), book.one("last_names", dice)


def _born(main: Reason, day: date, dice: Random) -> date:
    low, high = _AGES.get(main) or dice.choice(_ANY_AGE)
    return day - timedelta(days=dice.randint(low * 366, high * 365))


def _rules(book: Book, dice: Random) -> ContactRules:
    ways = {Channel.CALL} | ({Channel.TEXT} if dice.random() < 0.6 else set())
    told = dice.choices([NotifyBy.EMAIL, NotifyBy.LETTER, NotifyBy.NONE], [50, 2, 48])[0]
    if told is NotifyBy.EMAIL:
        ways.add(Channel.EMAIL)
    times = book.one("safe_times", dice) if dice.random() < 0.4 else ""
    return ContactRules(frozenset(ways), told, voicemail_safe=dice.random() < 0.6, safe_times=times)


def _speaking(person: PersonDetails, book: Book, dice: Random) -> PersonDetails:
    spoken = dice.choices(book.languages, [each.weight for each in book.languages])[0]
    wanted = spoken.interpreter and dice.random() < 0.6
    return replace(person, language=spoken.name, interpreter=spoken.name if wanted else "")


def _with(trait: Trait, person: PersonDetails, book: Book, dice: Random) -> PersonDetails:
    rules = person.contact
    match trait:
        case Trait.UNSAFE:
            held_back = ContactRules(unsafe=True, do_not=book.one("do_not", dice), safe_times="At the practice only")
            return replace(person, contact=held_back, may_know=frozenset(), safety_note="Not safe at home. Alone only.")
        case Trait.NO_PHONE:
            by_letter = ContactRules(frozenset({Channel.LETTER}), NotifyBy.LETTER)
            return replace(person, phone="", email="", contact=by_letter)
        case Trait.NO_FIXED_ADDRESS:
            through = replace(rules, channels=frozenset({Channel.THROUGH_SOMEONE}), notify_by=NotifyBy.NONE)
            through = replace(through, through=book.one("through", dice))
            return replace(person, no_fixed_address=True, address_lines=(), postcode="", email="", contact=through)
        case Trait.INTERPRETER:
            spoken = dice.choice([each for each in book.languages if each.interpreter])
            return replace(person, language=spoken.name, interpreter=spoken.name)
        case Trait.LETTERS:
            ways = (rules.channels - {Channel.EMAIL}) | {Channel.LETTER}
            return replace(person, email="", contact=replace(rules, channels=ways, notify_by=NotifyBy.LETTER))
        case Trait.ADJUSTMENTS:
            return replace(person, adjustments=book.one("adjustments", dice))
        case _:
            return person


def _agreement(trait: Trait, book: Book, dice: Random) -> Agreement:
    if trait is Trait.BEST_INTERESTS:
        return Agreement(Basis.BEST_INTERESTS, reason=book.one("best_interests", dice))
    if trait is Trait.AUTHORITY:
        return Agreement(Basis.AUTHORITY, by=book.one("authority", dice))
    return Agreement(Basis.PERSON)
