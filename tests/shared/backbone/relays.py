"""Relays for the tests: made, set to work beside the test, and disturbed as they send."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from shared.backbone.producer import Batch, Producer, make_producer
from shared.backbone.relay import Relay
from tests.shared.backbone.network import Service


def relay_of(service: Service, kind: type[Relay] = Relay, producer: Callable[[], Producer] | None = None) -> Relay:
    made = partial(make_producer, service.settings.kafka, "directory")
    relay = kind(service.store.url, producer or made, prefix=service.settings.stream_prefix)
    service.store.on_commit(relay.wake)
    return relay


@asynccontextmanager
async def at_work(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for relay in relays:
            relay.stop()
        await asyncio.gather(*tasks)


def before_each_batch(producer: Producer, act: Callable[[], Awaitable[None]]) -> Producer:
    """The producer, with something that happens whenever a batch is about to be sent."""
    send = producer.send_batch

    async def send_batch(batch: Batch, topic: str, *, partition: int) -> asyncio.Future[object]:
        await act()
        return await send(batch, topic, partition=partition)

    producer.send_batch = send_batch  # type: ignore[method-assign]
    return producer
