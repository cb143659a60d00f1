"""The operator's page and API of one service: how it stands, what is put aside, and trying that again."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from shared.backbone.parking import NotParked, ParkedEvent
from shared.backbone.running import Backbone
from shared.backbone.status import BackboneStatus, StreamStatus
from shared.door.advice import to_mend
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.health import standing, troubles
from shared.door.problems import Away, NotFound
from shared.door.shown import Shown, shown
from shared.runtime.actor import Role

_OPERATOR = allow(Role.OPERATOR)
_GONE = "It is not put aside any more."


class Reason(BaseModel):
    """Why an event is never to be acted on."""

    reason: str = Field(min_length=3, max_length=500)


def stream_state(stream: StreamStatus, *, parked: bool) -> str:
    """The stream's word in the vocabulary of states."""
    if stream.stopped:
        return "stopped"
    if parked:
        return "parked"
    return "behind" if stream.lag is None or stream.lag > 0 else "healthy"


def _streams(status: BackboneStatus, aside: Sequence[ParkedEvent]) -> list[tuple[StreamStatus, str]]:
    parked = {event.stream for event in aside if event.state == "parked"}
    return [(each, stream_state(each, parked=each.stream in parked)) for each in status.streams]


async def _known(backbone: Backbone) -> BackboneStatus:
    status = await standing(backbone)
    if status is None:
        raise Away(detail="The store does not answer.")
    return status


def _plain(event: ParkedEvent) -> dict[str, Any]:
    return asdict(event) | {"state": event.state}


async def _seen(backbone: Backbone, id_: int) -> tuple[ParkedEvent, Shown]:
    try:
        event, payload = await backbone.parked_event(id_)
    except NotParked:
        raise NotFound(_GONE) from None
    return event, shown(event.stream, payload)


async def _redrive(backbone: Backbone, id_: int, caller: Caller) -> None:
    try:
        await backbone.redrive(id_, caller.actor)
    except NotParked:
        raise NotFound(_GONE) from None


async def _discard(backbone: Backbone, id_: int, reason: str, caller: Caller) -> None:
    try:
        await backbone.discard(id_, reason, caller.actor)
    except NotParked:
        raise NotFound(_GONE) from None


def operate_api(service: str, backbone: Backbone) -> APIRouter:
    """What the `kith` command asks."""
    router, base = door(service), f"/{service}/operate/api"

    @router.get(f"{base}/status", dependencies=[_OPERATOR])
    async def status() -> dict[str, Any]:
        """How the service stands: relay, outbox, streams, what is put aside."""
        known = await _known(backbone)
        streams = [asdict(each) | {"state": state} for each, state in _streams(known, await backbone.parked())]
        mend = [asdict(each) for each in to_mend(service, known)]
        ready = {"ready": not known.troubles, "troubles": known.troubles, "to_mend": mend}
        return ready | asdict(known) | {"streams": streams}

    @router.get(f"{base}/parked", dependencies=[_OPERATOR])
    async def parked() -> list[dict[str, Any]]:
        """What is put aside, what needs an operator first, without its content."""
        return [_plain(event) for event in await backbone.parked()]

    @router.get(f"{base}/parked/{{id_}}", dependencies=[_OPERATOR])
    async def one_parked(id_: int) -> dict[str, Any]:
        """One event put aside: its attributes and data as far as they keep to the contract, and where they do not."""
        event, seen = await _seen(backbone, id_)
        return {"event": _plain(event), "shown": asdict(seen)}

    @router.post(f"{base}/parked/{{id_}}/redrive", status_code=204, dependencies=[_OPERATOR])
    async def redrive(id_: int, caller: Caller) -> Response:
        """Try it again now."""
        await _redrive(backbone, id_, caller)
        return Response(status_code=204)

    @router.post(f"{base}/parked/{{id_}}/discard", status_code=204, dependencies=[_OPERATOR])
    async def discard(id_: int, why: Reason, caller: Caller) -> Response:
        """Never act on it, and say why."""
        await _discard(backbone, id_, why.reason, caller)
        return Response(status_code=204)

    return router


def operate_pages(service: str, backbone: Backbone) -> APIRouter:
    """The same for a person."""
    router, page = door(service), f"/{service}/operate"

    async def show(caller: Caller, **more: Any) -> HTMLResponse:
        status = await standing(backbone)
        aside = await backbone.parked() if status else []
        streams = _streams(status, aside) if status else []
        parked = sum(event.state == "parked" for event in aside)
        wrong = troubles(status) + ([f"{parked} parked: try again, or discard"] if parked else [])
        template = "kith/operate.html"
        return caller.page(template, standing=status, troubles=wrong, aside=aside, streams=streams, **more)

    @router.get(page, dependencies=[_OPERATOR], include_in_schema=False)
    async def operate(caller: Caller) -> HTMLResponse:
        return await show(caller)

    @router.post(f"{page}/parked/{{id_}}/redrive", dependencies=[_OPERATOR], include_in_schema=False)
    async def redrive(id_: int, caller: Caller) -> Response:
        await caller.form()
        await _redrive(backbone, id_, caller)
        return caller.redirect(page, confirm="It is being tried again. What waits behind it follows in order.")

    @router.post(f"{page}/parked/{{id_}}/discard", dependencies=[_OPERATOR], include_in_schema=False)
    async def discard(id_: int, caller: Caller) -> Response:
        form = await caller.form()
        reason = form.text("reason")
        if len(reason) < 3:
            field = f"reason-{id_}"
            return await show(caller, errors={field: "Enter why it is never to be acted on"}, typed=form.typed)
        await _discard(backbone, id_, reason, caller)
        return caller.redirect(page, confirm="It is discarded. What waited behind it follows in order.")

    return router
