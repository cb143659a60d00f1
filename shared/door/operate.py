"""The operator's page and API of one service: how it stands, what is put aside, and trying that again."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from shared.backbone.parking import NotParked, ParkedEvent
from shared.backbone.running import Backbone
from shared.backbone.status import BackboneStatus, StreamStatus
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.health import standing, troubles
from shared.door.problems import Away, NotFound
from shared.runtime.actor import Role

_OPERATOR = allow(Role.OPERATOR)


class Reason(BaseModel):
    """Why an event is never to be acted on."""

    reason: str = Field(min_length=3, max_length=500)


def stream_state(stream: StreamStatus, parked: int) -> str:
    """The stream's word in the vocabulary of states."""
    if stream.stopped:
        return "stopped"
    if parked:
        return "parked"
    return "behind" if stream.lag is None or stream.lag > 0 else "healthy"


async def _known(backbone: Backbone) -> BackboneStatus:
    status = await standing(backbone)
    if status is None:
        raise Away(detail="The store does not answer.")
    return status


async def _redrive(backbone: Backbone, id_: int, caller: Caller) -> None:
    try:
        await backbone.redrive(id_, caller.actor)
    except NotParked:
        raise NotFound("It is not put aside any more.") from None


async def _discard(backbone: Backbone, id_: int, reason: str, caller: Caller) -> None:
    try:
        await backbone.discard(id_, reason, caller.actor)
    except NotParked:
        raise NotFound("It is not put aside any more.") from None


def operate_api(service: str, backbone: Backbone) -> APIRouter:
    """What the `kith` command asks."""
    router, base = door(service), f"/{service}/operate/api"

    @router.get(f"{base}/status", dependencies=[_OPERATOR])
    async def status() -> dict[str, Any]:
        """How the service stands: relay, outbox, streams, what is put aside."""
        known = await _known(backbone)
        return {"ready": not known.troubles, "troubles": known.troubles, **asdict(known)}

    @router.get(f"{base}/parked", dependencies=[_OPERATOR])
    async def parked() -> list[dict[str, Any]]:
        """What is put aside, oldest first, without its content."""
        return [asdict(event) | {"state": event.state} for event in await backbone.parked()]

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
        streams = [(each, stream_state(each, _parked_on(each, aside))) for each in status.streams] if status else []
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


def _parked_on(stream: StreamStatus, aside: list[ParkedEvent]) -> int:
    return sum(event.stream == stream.stream and event.state == "parked" for event in aside)
