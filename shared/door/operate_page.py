"""The operator's page of one service: what is wrong first, in words, and what to do about it."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from shared.backbone.running import Backbone
from shared.door.advice import to_mend
from shared.door.caller import Caller, CallerAtDoor
from shared.door.forms import Form
from shared.door.guard import allow, door
from shared.door.health import standing
from shared.door.operate import discard_it, redrive_it, seen, streams_in_words
from shared.door.problems import NotFound
from shared.door.shown import flat
from shared.runtime.actor import Role

_OPERATOR = allow(Role.OPERATOR)
_LEAST = 3  # letters of a reason
_AT_ONCE = 20  # more of one state than this nobody looks through on a page
_STATES = ("parked", "retrying", "early")


def operate_pages(service: str, backbone: Backbone) -> APIRouter:
    """The list, one event of it, and what can be done about that."""
    router, page = door(service), f"/{service}/operate"

    @router.get(page, dependencies=[_OPERATOR], include_in_schema=False)
    async def operate(caller: Caller) -> HTMLResponse:
        return caller.page("kith/operate.html", **await _standing(service, backbone))

    @router.get(f"{page}/parked/{{id_}}", dependencies=[_OPERATOR], include_in_schema=False)
    async def parked(id_: int, caller: Caller) -> Response:
        try:
            return await _event(backbone, id_, caller)
        except NotFound:
            return caller.redirect(
                page, confirm=f"Number {id_} is not put aside any more. It was acted on or discarded."
            )

    @router.post(f"{page}/parked/{{id_}}/redrive", dependencies=[_OPERATOR], include_in_schema=False)
    async def redrive(id_: int, caller: Caller) -> Response:
        await caller.form()
        await redrive_it(backbone, id_, caller)
        said = f"Number {id_} is being tried again. When it stands below again, it has failed again."
        return caller.redirect(page, confirm=said)

    @router.post(f"{page}/parked/{{id_}}/discard", dependencies=[_OPERATOR], include_in_schema=False)
    async def discard(id_: int, caller: Caller) -> Response:
        form = await caller.form()
        reason = form.text("reason")
        if len(reason) < _LEAST:
            return await _event(backbone, id_, caller, form)
        await discard_it(backbone, id_, reason, caller)
        return caller.redirect(page, confirm=f"Number {id_} is discarded. What waited behind it follows in order.")

    return router


async def _standing(service: str, backbone: Backbone) -> dict[str, Any]:
    """All that the page shows; without the store, that it does not answer and nothing else."""
    status = await standing(backbone)
    aside = await backbone.parked() if status else []
    return {
        "standing": status,
        "mend": to_mend(service, status),
        "aside": {state: [event for event in aside if event.state == state][:_AT_ONCE] for state in _STATES},
        "streams": streams_in_words(status, aside) if status else [],
        "rebuilds": [each for each in status.rebuilds if each.running] if status else [],
        "jobs": [job for job in await backbone.republishes() if job.done_at is None] if status else [],
    }


async def _event(backbone: Backbone, id_: int, caller: CallerAtDoor, wrong: Form | None = None) -> HTMLResponse:
    """One event; with the form that wants a reason, when there was none in it."""
    event, shown = await seen(backbone, id_)
    errors = {"reason": "Enter why it is never to be acted on"} if wrong else {}
    lines = flat(shown.data or {})
    typed = wrong.typed if wrong else None
    return caller.page("kith/operate_event.html", errors=errors, typed=typed, event=event, shown=shown, lines=lines)
