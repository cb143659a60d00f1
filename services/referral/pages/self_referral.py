"""Refer yourself: nine short pages for the public, answers carried sealed in the form, one answer for everybody."""

from collections.abc import Mapping

from fastapi import Response

from services.referral.actions.intake import SELF_REFERRAL_S, refer_self
from services.referral.actions.keys import keys_from
from services.referral.domain.intake import Request
from services.referral.domain.referral import Route
from services.referral.pages import checking
from services.referral.pages.acting import Onward, act_once
from services.referral.pages.answers import ADDRESS, request_of
from services.referral.pages.checking import AnswerSection, section
from services.referral.pages.choices import CHANNELS, REASON_GROUPS, REASONS, YES_NO
from services.referral.pages.journey import Journey, Step, answers
from services.referral.store.network import names_of, open_practices
from shared.door.caller import Caller
from shared.door.evenly import evenly
from shared.door.forms import Form, Typed
from shared.door.guard import door, public
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx

router = door("referral")
SENT = "/referral/self/sent"
REASON_FIELDS = ("reasons", "other_reason", "main_reason", "what_matters")
JOURNEY = Journey(
    "/referral/self",
    (
        Step("name", "Your name", ("given_name", "family_name", "known_as")),
        Step("birth", "Your date of birth", ("born_on",)),
        Step("number", "Your NHS number", ("nhs_number",)),
        Step("contact", "How we can reach you", ("channels", "phone", "email", "through")),
        Step("safety", "When it is safe", ("voicemail_safe", "safe_times", "do_not")),
        Step("home", "Where you live", (*ADDRESS, "postcode")),
        Step("surgery", "Your GP surgery", ("practice",)),
        Step("reasons", "What you would like help with", REASON_FIELDS),
        Step("needs", "What would make it easier", ("language", "interpreter", "adjustments")),
        Step("check", "Check your answers", ()),
    ),
)


@router.get("/referral/self", dependencies=[public()], include_in_schema=False)
async def start(caller: Caller) -> Response:
    """What happens, and the other ways there are."""
    return caller.page("referral/self/start.html")


@router.get(SENT, dependencies=[public()], include_in_schema=False)
async def sent(caller: Caller) -> Response:
    """What happens next; the same for everybody."""
    return caller.page("referral/self/sent.html")


@router.get("/referral/self/{name}", dependencies=[public()], include_in_schema=False)
async def opened(name: str, caller: Caller) -> Response:
    """The answers travel in the form alone, so an address of one page leads to the start."""
    JOURNEY.step(name)
    return caller.redirect(JOURNEY.path)


@router.post("/referral/self/start", dependencies=[public()], include_in_schema=False)
async def begin(caller: Caller) -> Response:
    """The first page."""
    form = await caller.form()
    return await _draw(caller, JOURNEY.steps[0], Typed({}, key=form.key))


@router.post("/referral/self/{name}", dependencies=[public()], include_in_schema=False)
async def turn(name: str, caller: Caller) -> Response:
    """Take in one page and show the next; from the last one, send."""
    step, form = JOURNEY.step(name), await caller.form()
    typed = answers(step, form)
    request, problems = request_of(typed, Route.SELF, caller.now.astimezone(LONDON).date())
    turned = JOURNEY.turn(step, form, problems)
    if turned.step is None:
        return await _send(caller, form, request)
    return await _draw(caller, turned.step, typed, turned.problems)


async def _draw(caller: Caller, step: Step, typed: Typed, problems: Mapping[str, str] | None = None) -> Response:
    async with caller.transaction() as tx:
        practices = await open_practices(tx) if step.name == "surgery" else []
        names = await names_of(tx, {typed.text("practice")}) if step.name == "check" else {}
    request, _ = request_of(typed, Route.SELF, caller.now.astimezone(LONDON).date())
    return caller.page(
        "referral/self/step.html",
        errors=problems,
        typed=typed,
        step=step,
        back=JOURNEY.before(step),
        answers=typed,
        practices=[{"value": practice.code, "text": practice.name} for practice in practices],
        sections=_sections(request, names) if step.name == "check" and request.reasons else [],
        channels=CHANNELS,
        yes_no=YES_NO,
        reason_groups=REASON_GROUPS,
        all_reasons=REASONS,
    )


def _sections(request: Request, names: Mapping[str, str]) -> list[AnswerSection]:
    person = request.person
    identity = checking.identity_rows(person)
    return [
        section("name", "your name", checking.name_rows(person), "About you"),
        section("birth", "your date of birth", {"Date of birth": identity["Date of birth"]}),
        section("number", "your NHS number", {"NHS number": identity["NHS number"]}),
        section("contact", "how we can reach you", checking.contact_rows(person), "Reaching you"),
        section("safety", "when it is safe", checking.safety_rows(person)),
        section("home", "where you live", checking.home_rows(person)),
        section("surgery", "your GP surgery", {"GP surgery": names.get(request.practice or "", "")}, "Your support"),
        section("reasons", "what you would like help with", checking.reason_rows(request)),
        section("needs", "what would make it easier", checking.need_rows(person)),
    ]


async def _send(caller: Caller, form: Form, request: Request) -> Response:
    """Sent twice, it is one referral; the answer says nothing about whether the person is known."""

    async def act(tx: Tx) -> Onward:
        await refer_self(tx, request, keys_from(caller.settings), caller.now)
        return Onward(SENT, "")

    async with evenly(SELF_REFERRAL_S):
        return await act_once(caller, form, act)
