"""What an operator has done over the log: a window sent again."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from shared.backbone.running import Backbone
from shared.door.caller import Caller
from shared.door.guard import allow, door
from shared.door.problems import Invalid
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


def jobs_api(service: str, backbone: Backbone) -> APIRouter:
    """What the `kith` command asks to have done."""
    router, base = door(service), f"/{service}/operate/api"
    spoken = {stream.name for stream in owned_by(service)}

    @router.get(f"{base}/republish", dependencies=[_OPERATOR])
    async def republishes() -> list[dict[str, Any]]:
        """The windows that were ever to be sent again, oldest first."""
        return [asdict(job) for job in await backbone.republishes()]

    @router.post(f"{base}/republish", dependencies=[_OPERATOR])
    async def republish(what: Again, caller: Caller) -> dict[str, Any]:
        """Send a window again, or (`dry_run`) say how much would go and since when what was sent is kept."""
        if what.stream is not None and what.stream not in spoken:
            raise Invalid(fields={"stream": f"{service} sends {', '.join(sorted(spoken)) or 'nothing'}"})
        if what.dry_run:
            return asdict(await backbone.republish_plan(**what.window()))
        return asdict(await backbone.republish(actor=caller.actor, **what.window()))

    return router
