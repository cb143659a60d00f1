"""What the figures were made on: without it a figure says nothing."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

import asyncpg

from deploy.embedded.jars import KAFKA
from tests.engines import Engines, described

LIBRARIES = (
    "aiokafka",
    "asyncpg",
    "fastapi",
    "faststream",
    "faststream-outbox",
    "msgspec",
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "uvicorn",
    "uvloop",
)
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size")


async def surroundings(engines: Engines) -> dict[str, str]:
    """Machine, engines, versions, and what was running besides when we began."""
    connection = await asyncpg.connect(engines.postgres)
    try:
        settings = {name: await connection.fetchval(f"SHOW {name}") for name in DURABILITY}
        server = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    return {
        "machine": f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()} {platform.release()}",
        "load at start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "PostgreSQL": f"{server}: " + ", ".join(f"{name} {value}" for name, value in settings.items()),
        "Kafka": f"{_kafka()}: one broker, acks=all, no flush per message, C1 compiler only, warmed",
        "engines": described(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


def _kafka() -> str:
    return next(jar.rpartition(":")[2] for jar in KAFKA if ":kafka_2.13:" in jar)
