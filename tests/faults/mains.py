"""What the processes under fault do: a service that speaks, one that hears, and the referral API as it is served."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from random import Random
from uuid import UUID

import uvicorn

from services.referral.app import create
from shared.backbone.consumers import Consumers
from shared.backbone.outbox import record
from shared.backbone.running import Backbone
from shared.backbone.subscription import BrokerAway
from shared.backbone.timers import Timers
from shared.events.envelope import Event
from shared.events.place import PlaceAcknowledged
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.settings import Settings
from shared.runtime.store import Store, Tx
from tests.faults.process import Line

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
NOTE = "INSERT INTO effect (key, event_id, sequence) VALUES (:key, :id, :sequence) RETURNING 1"


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """The service's store, closed at the end."""
    store = Store(settings.database_url.get_secret_value(), settings.service, pool=settings.database_pool)
    try:
        yield store
    finally:
        await store.close()


async def say(tx: Tx, key: str) -> UUID:
    """Record one event about `key`; its id."""
    fact = PlaceAcknowledged(prescription_id=new_id(), activity_id=new_id(), provider_id="P1")
    return await record(tx, fact, subject=key, key=key, time=AT)


async def speaker(line: Line, settings: Settings, *, seed: str, lanes: int = 0, pause_s: float = 0.0) -> None:
    """A directory that says things about places, with its relay.

    Each of `lanes` writers has keys of its own and waits up to `pause_s` between two transactions. It tells `asked`
    before a commit and `acknowledged` after it: the key, and the ids of one transaction. Told `write` they begin, told
    `quiet` they end; `republish` sends again whatever was ever sent, `status` answers the backbone's, `end` or SIGTERM
    stops it in order.
    """
    writers: list[asyncio.Task[None]] = []
    async with store_of(settings) as store:
        backbone = Backbone(settings, store, Consumers(settings.service), Timers())
        async with backbone.running():
            line.tell("up")
            while (word := await line.word()) != "end":
                match word:
                    case "write":
                        dice = [Random(f"{seed} {lane}") for lane in range(lanes)]
                        writers = [
                            asyncio.create_task(write(line, store, f"{seed}.{lane}", die, pause_s))
                            for lane, die in enumerate(dice)
                        ]
                    case "quiet":
                        await _ended(writers)
                    case "republish":
                        await backbone.republish(actor=system(settings.service))
                line.tell(word, await backbone.status() if word == "status" else None)
            await _ended(writers)


async def _ended(writers: Sequence[asyncio.Task[None]]) -> None:
    for writer in writers:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)


async def write(line: Line, store: Store, lane: str, dice: Random, pause_s: float) -> None:
    """One writer, one transaction after another, until cancelled; what the store refuses was not acknowledged."""
    while True:
        key = f"{lane}.{dice.randrange(5)}"
        with contextlib.suppress(Exception):
            async with store.transaction(system(store.service)) as tx:
                said = [str(await say(tx, key)) for _ in range(dice.randint(1, 3))]
                line.tell("asked", (key, said))
            line.tell("acknowledged", (key, said))
        await asyncio.sleep(dice.uniform(0, pause_s))


async def listener(line: Line, settings: Settings, *, slow_s: float = 0.0) -> None:
    """A service that hears of places and notes each in its table `effect`, taking `slow_s` over each.

    It tells `hearing` when it begins with one; `status` answers the backbone's, `end` or SIGTERM stops it in order.
    """
    consumers = Consumers(settings.service)
    consumers.on(PlaceAcknowledged)(partial(_note, line, slow_s))
    await hearing(line, settings, consumers)


async def _note(line: Line, slow_s: float, tx: Tx, event: Event[PlaceAcknowledged]) -> None:
    if slow_s:
        line.tell("hearing", str(event.id))
        await asyncio.sleep(slow_s)
    await tx.rows(NOTE, key=event.key, id=event.id, sequence=event.sequence)


async def hearing(line: Line, settings: Settings, consumers: Consumers) -> None:
    """Run a service of these consumers until it is told to end; other words are the names of the backbone's doings.

    `status` answers its status; `restart` has every stream heard from its beginning, and
    answers whether the broker could be asked where that is.
    """
    async with store_of(settings) as store:
        backbone = Backbone(settings, store, consumers, Timers())
        async with backbone.running():
            line.tell("up")
            while (word := await line.word()) != "end":
                match word:
                    case "status":
                        line.tell(word, await backbone.status())
                    case "restart":
                        line.tell(word, await _restart(backbone, consumers))


async def _restart(backbone: Backbone, consumers: Consumers) -> bool:
    try:
        for stream in consumers.streams:
            await backbone.restart(stream, "beginning", system(consumers.service))
    except BrokerAway:
        return False
    return True


async def api(line: Line, settings: Settings, *, port: int) -> None:
    """Referral's whole app, as uvicorn serves it."""
    server = uvicorn.Server(
        uvicorn.Config(
            create(settings),
            host="127.0.0.1",
            port=port,
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    line.tell("up")
    while await line.word() != "end":
        pass
    server.should_exit = True
    await serving
