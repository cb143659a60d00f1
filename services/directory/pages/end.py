"""How the person's time with the activity ended: said by the provider, with the request's own reference alone."""

from fastapi import Response
from fastapi.responses import HTMLResponse

from services.directory.actions.requests import end_place
from services.directory.domain.request import OUTCOME_WORDS, CameAlready, NotComeYet, Outcome, PlaceRequest
from services.directory.pages.desk import DESK, PROVIDERS
from services.directory.pages.request import PATH, shown
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form
from shared.door.guard import door
from shared.door.once import Answer, once
from shared.runtime.ids import tidy_reference

CHOICES = [{"value": outcome.value, "text": words} for outcome, words in OUTCOME_WORDS.items()]
NEXT = {
    Outcome.COMPLETED: "Nothing more is owed.",
    Outcome.NOT_HELPED: "They will look for another way. Nothing more is owed.",
    Outcome.COULD_NOT_CONTACT: "They will try to reach the person. Nothing more is owed.",
}

router = door("directory")


@router.get(PATH + "/end", dependencies=[PROVIDERS], response_class=HTMLResponse)
async def ask_end(reference: str, caller: Caller) -> Response:
    """Looking changes nothing."""
    return await _page(caller, reference, {}, None)


async def _page(caller: CallerAtDoor, reference: str, errors: dict[str, str], form: Form | None) -> Response:
    request, waiting = await shown(caller, reference)
    typed, todo = form.typed if form else None, {DESK: waiting}
    return caller.page("directory/end.html", errors=errors, typed=typed, request=request, outcomes=CHOICES, todo=todo)


@router.post(PATH + "/end", dependencies=[PROVIDERS])
async def save_end(reference: str, caller: Caller) -> Response:
    """Said once; what it leads to is told to the link worker."""
    form = await caller.form()
    if form.text("outcome") not in set(Outcome):
        return await _page(caller, reference, {"outcome": "Choose how it ended"}, form)
    outcome = Outcome(form.text("outcome"))
    try:
        async with caller.transaction() as tx:

            async def do() -> Answer:
                known = tidy_reference(reference) or ""
                ended = await end_place(tx, known, outcome, caller.now, expected=form.version)
                return Answer.onward(DESK, confirm=_confirmation(ended, outcome))

            answer = await once(tx, form.key, form.fingerprint, do)
    except (NotComeYet, CameAlready) as error:
        return await _page(caller, reference, {"outcome": str(error)}, form)
    return caller.answer(answer)


def _confirmation(ended: PlaceRequest, outcome: Outcome) -> str:
    return f"{ended.reference} has ended. We told the link worker. {NEXT[outcome]}"
