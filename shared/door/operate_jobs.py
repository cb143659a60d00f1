"""What an operator has done: parked events tried again, a window sent again, a stream or a projection heard anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from shared.backbone.rebuilding import NoProjection, NotHeard, NotWhole, Where
from shared.backbone.running import Backbone
from shared.backbone.subscription import BrokerAway
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.problems import Away, Conflict, Invalid, NotFound
from shared.events.streams import owned_by
from shared.runtime.actor import Role

_OPERATOR = allow(Role.OPERATOR)


class Again(BaseModel):
    """What to send again: sent at `since` or later and before `until`, on one stream, of one key; null is no limit."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    stream: str | None = Field(default=None, max_length=200)
    key: str | None = Field(default=None, max_length=200)
    dry_run: bool = False

    def window(self) -> dict[str, Any]:
        return self.model_dump(exclude={"dry_run"})


class Chosen(BaseModel):
    """Which of what is put aside to try now: by number, stream, key, or when it was put aside; all given must hold."""

    ids: list[int] | None = Field(default=None, max_length=1000)
    stream: str | None = Field(default=None, max_length=200)
    key: str | None = Field(default=None, max_length=200)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    dry_run: bool = False


class From(BaseModel):
    """Where to read on: the beginning or the end of what the broker has."""

    where: Where


class Anew(BaseModel):
    """`partial`: even when the log no longer begins at its beginning, so that only a part can be heard."""

    partial: bool = False


@contextmanager
def _in_words() -> Iterator[None]:
    """What the backbone refuses, as an answer."""
    try:
        yield
    except NotHeard as error:
        raise NotFound(f"This service does not hear {error}.") from None
    except NoProjection as error:
        raise NotFound(f"This service has no projection {error}.") from None
    except NotWhole as error:
        words = f"The log of {error} no longer begins at its beginning. With partial, what is left of it is heard."
        raise Conflict(words, title="This cannot be done now", kind="not-whole") from None
    except BrokerAway:
        raise Away(detail="Kafka does not answer.") from None


def jobs_api(service: str, backbone: Backbone) -> APIRouter:
    """What the `kith` command asks to have done."""
    router, base = door(service), f"/{service}/operate/api"
    spoken = {stream.name for stream in owned_by(service)}

    @router.post(f"{base}/replay", dependencies=[_OPERATOR])
    async def replay(which: Chosen, caller: Caller) -> list[dict[str, Any]]:
        """Try what is put aside now, with what waits behind it; `dry_run` tries each, and leaves all as it was."""
        return [asdict(each) for each in await backbone.replay(actor=caller.actor, **which.model_dump())]

    @router.get(f"{base}/republish", dependencies=[_OPERATOR])
    async def republishes() -> list[dict[str, Any]]:
        """The last hundred windows that were to be sent again, oldest first."""
        return [asdict(job) for job in await backbone.republishes()]

    @router.post(f"{base}/republish", dependencies=[_OPERATOR])
    async def republish(what: Again, caller: Caller) -> dict[str, Any]:
        """Send a window again, or (`dry_run`) say how much would go and since when what was sent is kept."""
        if what.stream is not None and what.stream not in spoken:
            raise Invalid(fields={"stream": f"{service} sends {', '.join(sorted(spoken)) or 'nothing'}"})
        if what.dry_run:
            return asdict(await backbone.republish_plan(**what.window()))
        return asdict(await backbone.republish(actor=caller.actor, **what.window()))

    @router.post(f"{base}/streams/{{stream}}/restart", status_code=204, dependencies=[_OPERATOR])
    async def restart(stream: str, where: From, caller: Caller) -> Response:
        """Read a stream on from elsewhere; what was heard is not acted on again."""
        with _in_words():
            await backbone.restart(stream, where.where, caller.actor)
        return Response(status_code=204)

    @router.get(f"{base}/projections", dependencies=[_OPERATOR])
    async def projections() -> list[dict[str, Any]]:
        """What is derived from the log alone, and how far each was heard since it was last begun anew."""
        return [asdict(each) for each in await backbone.rebuilds()]

    @router.post(f"{base}/projections/{{name}}/rebuild", status_code=202, dependencies=[_OPERATOR])
    async def rebuild(name: str, how: Anew, caller: Caller) -> Response:
        """Clear a projection and hear its streams from the beginning, beside everything else."""
        with _in_words():
            await backbone.rebuild(name, caller.actor, partial=how.partial)
        return Response(status_code=202)

    return router
