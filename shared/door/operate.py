"""How one service stands and what is put aside, for the `kith` command: look, try again, discard."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from shared.backbone.parking import NotParked, ParkedEvent
from shared.backbone.running import Backbone
from shared.backbone.status import BackboneStatus, StreamStatus
from shared.door.advice import to_mend
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.health import standing
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
    if stream.stopped or stream.lost_ground:
        return "stopped"
    if parked:
        return "parked"
    return "behind" if stream.lag is None or stream.lag > 0 else "healthy"


def streams_in_words(status: BackboneStatus, aside: Sequence[ParkedEvent]) -> list[tuple[StreamStatus, str]]:
    """Each stream with its word."""
    parked = {event.stream for event in aside if event.state == "parked"}
    return [(each, stream_state(each, parked=each.stream in parked)) for each in status.streams]


async def _known(backbone: Backbone) -> BackboneStatus:
    status = await standing(backbone)
    if status is None:
        raise Away(detail="The store does not answer.")
    return status


def _plain(event: ParkedEvent) -> dict[str, Any]:
    return asdict(event) | {"state": event.state}


async def seen(backbone: Backbone, id_: int) -> tuple[ParkedEvent, Shown]:
    """One event put aside, and what may be seen of it."""
    try:
        event, payload = await backbone.parked_event(id_)
    except NotParked:
        raise NotFound(_GONE) from None
    return event, shown(event.stream, payload)


async def redrive_it(backbone: Backbone, id_: int, caller: Caller) -> None:
    """Try it again now."""
    try:
        await backbone.redrive(id_, caller.actor)
    except NotParked:
        raise NotFound(_GONE) from None


async def discard_it(backbone: Backbone, id_: int, reason: str, caller: Caller) -> None:
    """Never act on it."""
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
        streams = [asdict(each) | {"state": state} for each, state in streams_in_words(known, await backbone.parked())]
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
        event, what = await seen(backbone, id_)
        return {"event": _plain(event), "shown": asdict(what)}

    @router.post(f"{base}/parked/{{id_}}/redrive", status_code=204, dependencies=[_OPERATOR])
    async def redrive(id_: int, caller: Caller) -> Response:
        """Try it again now."""
        await redrive_it(backbone, id_, caller)
        return Response(status_code=204)

    @router.post(f"{base}/parked/{{id_}}/discard", status_code=204, dependencies=[_OPERATOR])
    async def discard(id_: int, why: Reason, caller: Caller) -> Response:
        """Never act on it, and say why."""
        await discard_it(backbone, id_, why.reason, caller)
        return Response(status_code=204)

    return router
