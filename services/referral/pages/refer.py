"""A practice refers a person: who, why, check and send; what was typed travels sealed in the form."""

from collections.abc import Mapping, Sequence

from fastapi import Response

from services.referral.actions.intake import make_referral
from services.referral.actions.keys import keys_from
from services.referral.domain.intake import Incomplete, Request
from services.referral.domain.open_referral import AlreadyOpen
from services.referral.domain.referral import Route, Urgency
from services.referral.pages import checking
from services.referral.pages.acting import Onward, act_once
from services.referral.pages.answers import ADDRESS, request_of
from services.referral.pages.checking import AnswerSection, section
from services.referral.pages.choices import BASES, CHANNELS, MAY_KNOW, REASON_GROUPS, REASONS, URGENCIES, YES_NO
from services.referral.pages.journey import Journey, Step, answers
from services.referral.store.network import Named, names_of, open_practices
from services.referral.store.referrals import load_referral
from shared.door.caller import Caller
from shared.door.forms import Form, Typed
from shared.door.guard import allow, door
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx

router = door("referral")
REFERRERS = allow(Role.REFERRER)
WHO = ("practice", "given_name", "family_name", "known_as", "born_on", "nhs_number")
WHERE = (*ADDRESS, "postcode", "phone", "email")
REACHING = ("channels", "through", "unsafe", "voicemail_safe", "safe_times", "do_not", "safety_note")
WHY = ("reasons", "other_reason", "main_reason", "urgency", "what_matters")
NEEDS = ("language", "interpreter", "adjustments")
AGREED = ("agreement", "agreement_by", "agreement_reason", "may_know")
JOURNEY = Journey(
    "/referral/new",
    (
        Step("person", "Refer a person, page 1 of 3", (*WHO, *WHERE)),
        Step("why", "Refer a person, page 2 of 3", (*WHY, *REACHING, *NEEDS, *AGREED)),
        Step("check", "Refer a person, page 3 of 3", ("different_person",)),
    ),
)


async def _practices(caller: Caller) -> list[Named]:
    async with caller.transaction() as tx:
        return await open_practices(tx, caller.actor.organisations)


@router.get("/referral/new", dependencies=[REFERRERS], include_in_schema=False)
async def begin(caller: Caller) -> Response:
    """Who is referred?"""
    return _draw(caller, JOURNEY.steps[0], Typed(), await _practices(caller))


@router.get("/referral/new/{name}", dependencies=[REFERRERS], include_in_schema=False)
async def opened(name: str, caller: Caller) -> Response:
    """The answers travel in the form alone, so an address of one page leads to the first."""
    JOURNEY.step(name)
    return caller.redirect(JOURNEY.path)


@router.post("/referral/new/{name}", dependencies=[REFERRERS], include_in_schema=False)
async def turn(name: str, caller: Caller) -> Response:
    """Take in one page and show the next; from the last one, send."""
    step, form, practices = JOURNEY.step(name), await caller.form(), await _practices(caller)
    typed = _with_practice(answers(step, form), practices)
    request, problems = request_of(typed, Route.PRACTICE, caller.now.astimezone(LONDON).date())
    turned = JOURNEY.turn(step, form, problems)
    if turned.step is not None:
        return _draw(caller, turned.step, typed, practices, turned.problems)
    try:
        return await _send(caller, form, request)
    except AlreadyOpen as error:
        return caller.page("referral/new/open.html", status=409, told=error.told, answers=typed, typed=typed)
    except Incomplete as error:
        return _draw(caller, JOURNEY.steps[0], typed, practices, error.problems)


def _with_practice(typed: Typed, practices: Sequence[Named]) -> Typed:
    """Who works for one practice is not asked which."""
    only = practices[0].code if len(practices) == 1 else None
    return Typed({**typed, "practice": [only]}, key=typed.key) if only else typed


def _draw(
    caller: Caller, step: Step, typed: Typed, practices: Sequence[Named], problems: Mapping[str, str] | None = None
) -> Response:
    request, _ = request_of(typed, Route.PRACTICE, caller.now.astimezone(LONDON).date())
    return caller.page(
        "referral/new/step.html",
        errors=problems,
        typed=typed,
        step=step,
        back=JOURNEY.before(step),
        answers=typed,
        practices=[{"value": practice.code, "text": practice.name} for practice in practices],
        sections=_sections(request, practices) if step is JOURNEY.steps[-1] and request.reasons else [],
        channels=CHANNELS,
        yes_no=YES_NO,
        urgencies=URGENCIES,
        bases=BASES,
        may_know=MAY_KNOW,
        reason_groups=REASON_GROUPS,
        all_reasons=REASONS,
    )


def _sections(request: Request, practices: Sequence[Named]) -> list[AnswerSection]:
    person = request.person
    practice = next((each.name for each in practices if each.code == request.practice), "")
    reached = {"Phone": person.phone, "Email": person.email}
    who = {**checking.name_rows(person), **checking.identity_rows(person), **checking.home_rows(person), **reached}
    how_soon = {"How soon": "Urgent" if request.urgency is Urgency.URGENT else "Routine"}
    reaching = {**checking.contact_rows(person), **checking.safety_rows(person), "Risk": person.safety_note}
    unsafe = {"Contact": "Not safe for now"} if person.contact.unsafe else {}
    return [
        section("person", "the person", {**who, "Practice": practice}, "Person"),
        section("why", "the reasons", {**checking.reason_rows(request), **how_soon}, "Reasons"),
        section("why", "how to reach them", {**unsafe, **_without(reaching, reached)}, "Reaching them"),
        section("why", "what they need", checking.need_rows(person), "What they need"),
        section("why", "the agreement", checking.agreement_rows(request.agreement, person), "Agreement"),
    ]


def _without(rows: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """The rows that are not said elsewhere on the page."""
    return {key: value for key, value in rows.items() if key not in said}


async def _send(caller: Caller, form: Form, request: Request) -> Response:
    """Sent twice, it is one referral."""

    async def act(tx: Tx) -> Onward:
        made = await make_referral(tx, request, keys_from(caller.settings), caller.now)
        return Onward(f"/referral/mine/{made.reference}/sent", "")

    return await act_once(caller, form, act)


@router.get("/referral/mine/{reference}/sent", dependencies=[REFERRERS], include_in_schema=False)
async def sent(reference: str, caller: Caller) -> Response:
    """What happens next, and by whom."""
    async with caller.transaction() as tx:
        referral = await load_referral(tx, reference)
        names = await names_of(tx, [referral.pcn])
    return caller.page("referral/new/sent.html", referral=referral, team=names.get(referral.pcn or "", ""))
