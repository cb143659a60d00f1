"""The one way to the broker for what a service says: Kafka's client behind the few calls that the relay makes."""

import asyncio
from typing import Protocol

from aiokafka import AIOKafkaProducer

ABANDON_S = 2.0


class Batch(Protocol):
    """Records of one partition, sent together."""

    def append(
        self, *, timestamp: int, key: bytes, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> object | None:
        """Add a record; None when the batch is full."""

    def close(self) -> None:
        """No more records."""


class Producer(Protocol):
    """What the relay needs of a producer."""

    async def start(self) -> None:
        """Connect and be given a producer id."""

    async def partitions_for(self, topic: str) -> set[int]:
        """The partitions of a topic."""

    def create_batch(self) -> Batch:
        """An empty batch."""

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[object]:
        """Hand a batch over; the future is done when the broker has acknowledged it."""


def make_producer(kafka: str, service: str) -> Producer:
    """An idempotent producer that is answered by all in-sync replicas; batches of 128 KB, sent at once."""
    producer: Producer = AIOKafkaProducer(
        bootstrap_servers=kafka,
        client_id=f"{service}-relay",
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=131_072,
    )
    return producer


async def abandon(producer: Producer) -> None:
    """Put a producer away without waiting for what it still holds; what it had sent may yet arrive.

    With idempotence on, aiokafka 0.14 never gives a batch up and `stop()` waits for it; a second producer beside
    the first reorders keys. So the first is cut off by its private parts, which a test pins.
    """
    producer._closed = True  # type: ignore[attr-defined]
    sender: asyncio.Task[None] | None = producer._sender.sender_task  # type: ignore[attr-defined]
    if sender is not None:
        sender.cancel()
        await asyncio.wait([sender], timeout=ABANDON_S)  # an answer that will not come ends with its connection
    await producer.client.close()  # type: ignore[attr-defined]
