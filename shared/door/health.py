"""Whether a service lives and is ready, and its figures for Prometheus."""

import asyncio

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from shared.backbone.running import Backbone
from shared.backbone.status import BackboneStatus
from shared.door.figures import Figures
from shared.door.guard import door, public
from shared.runtime.logs import logger

_log = logger(__name__)
_PATIENCE_SECONDS = 5


async def standing(backbone: Backbone) -> BackboneStatus | None:
    """How the service stands, or None when its store does not answer within five seconds."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await backbone.status()
    except Exception as error:  # noqa: BLE001 - whatever it is, the store cannot be asked: that is the answer
        _log.warning("store_away", error=type(error).__name__)
        return None


def troubles(status: BackboneStatus | None) -> list[str]:
    """What is wrong, in words for an operator."""
    return ["the store does not answer"] if status is None else status.troubles


def health_router(service: str, backbone: Backbone, figures: Figures) -> APIRouter:
    """`/health/live`, `/health/ready` and `/metrics`: for machines, so without a caller, and without anybody's data."""
    router = door(service)

    @router.get(f"/{service}/health/live", dependencies=[public()], include_in_schema=False)
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get(f"/{service}/health/ready", dependencies=[public()], include_in_schema=False)
    async def ready() -> JSONResponse:
        wrong = troubles(await standing(backbone))
        return JSONResponse({"ready": not wrong, "troubles": wrong}, 503 if wrong else 200)

    @router.get(f"/{service}/metrics", dependencies=[public()], include_in_schema=False)
    async def metrics() -> Response:
        status = await standing(backbone)
        jobs = await backbone.republishes() if status else []
        return Response(figures.text(status, jobs), headers={"content-type": CONTENT_TYPE_LATEST})

    return router
