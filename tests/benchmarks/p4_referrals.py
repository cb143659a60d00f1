"""P4: how many durable referrals a second one process of the intake takes from 32 clients.

Ours is the service's own app, all of it: identity, safe headers, figures, refusals, a log line a request in place of
uvicorn's. The peers have none of these and run under uvicorn as it comes, which logs a line a request as well. All
write the same rows by the same rules into the same store with synchronous commit; nobody carries what is recorded to
the broker. The clients and the store are other processes on the same machine, so the process's own time of the
processor is given beside the rate: where the machine is busy otherwise, it says more. SQLModel's side is asked for a
sixth as many, after the same 300 that are not counted: at its rate the others' count would take five minutes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from deploy.embedded.process import free_port
from services.referral.app import create
from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from shared.runtime.store import Store
from tests.benchmarks.figures import Figure, Measures
from tests.benchmarks.harness import Bench
from tests.benchmarks.peers import posting, posting_orm, posting_plain
from tests.benchmarks.peers.posting import PERSON_KEY, POOL, Place
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.services.referral.network import ELM, PUBLIC, load_network

COUNT, FEWER = 6000, 1000
WRITTEN = "SELECT (SELECT count(*) FROM referral), (SELECT count(*) FROM open_person), (SELECT count(*) FROM outbox)"


async def ours(**place: Any) -> None:
    """The service as it is; without its lifespan, so that no relay shares the process."""
    stands = Place(**place)
    settings = Settings(
        service="referral",
        database_url=SecretStr(stands.dsn),
        database_pool=POOL // 2,
        issuer=stands.issuer,
        jwks=stands.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        person_key=SecretStr(PERSON_KEY.decode()),
        contact_public_key=stands.contact_key,
        assets=Path("/nowhere"),
    )
    await posting.serve(create(settings), stands.port, lifespan="off", access_log=False, log_config=None)


async def orm(**place: Any) -> None:
    """FastAPI with SQLModel."""
    await posting.serve(posting_orm.make_app(Place(**place)), place["port"])


async def plain(**place: Any) -> None:
    """Starlette with asyncpg."""
    await posting.serve(posting_plain.make_app(Place(**place)), place["port"])


async def network(dsn: str) -> tuple[int, int, int]:
    """Load the practices and their staff; what the tables hold then."""
    store = Store(dsn, "referral", pool=2)
    await load_network(store)
    await store.close()
    return await written(dsn)


async def written(dsn: str) -> tuple[int, int, int]:
    connection = await asyncpg.connect(dsn.replace("+asyncpg", "", 1))
    row = await connection.fetchrow(WRITTEN)
    await connection.close()
    return row[0], row[1], row[2]


async def answers(port: int) -> None:
    """Wait until somebody listens there."""
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError


async def measure(bench: Bench) -> list[Figure]:
    callers = Callers(bench.folder)

    async def turn(side: Callable[..., Awaitable[None]], full: int) -> Measures:
        count = bench.some(full)
        async with bench.store("referral") as store:
            before, port = await network(store.app_url), free_port()
            key = json.dumps(callers.key.as_dict(private=False))
            place = Place(store.app_url, port, callers.jwks, key, ISSUER, PUBLIC)
            async with bench.beside(side, **asdict(place)) as server:
                await answers(port)
                token = callers.token(Role.REFERRER, organisations=[ELM], subject="rita")
                asking = {"port": port, "token": token, "count": count, "server": server.pid}
                found = await bench.alone(posting.clients, **asking)
            after = await written(store.app_url)
        made = count + 300
        wrong = [had + made * each - has for had, each, has in zip(before, (1, 2, 3), after, strict=True)]
        return {**found, "missing": sum(map(abs, wrong))}

    sides = {"ours": (ours, COUNT), "sqlmodel": (orm, FEWER), "starlette": (plain, COUNT)}
    runs = await bench.interleaved("P4", {name: partial(turn, *side) for name, side in sides.items()})
    says = "durable POST, 32 clients:"
    return [
        runs.ratio("P4", f"{says} per second, over FastAPI + SQLModel", of="ours.rate", to="sqlmodel.rate", at_least=5),
        runs.ratio("P4", f"{says} per second, over Starlette", of="ours.rate", to="starlette.rate", at_least=0.8),
        runs.ratio("P4", f"{says} processor, ms; SQLModel's over ours", of="sqlmodel.cpu_ms", to="ours.cpu_ms"),
        runs.ratio("P4", f"{says} processor, ms; Starlette's over ours", of="starlette.cpu_ms", to="ours.cpu_ms"),
        runs.plain("P4", f"{says} p99 of an answer, ms", of="ours.p99_ms"),
        runs.never("P4", f"{says} rows missing or too many", of="ours.missing"),
    ]
