"""The one way to the broker for what a service says: Kafka's client behind the few calls that the relay makes."""

import asyncio
import socket
import struct
from typing import Protocol

from aiokafka import AIOKafkaProducer

ABANDON_S = 2.0


class Batch(Protocol):
    """Records of one partition, sent together."""

    def append(
        self, *, timestamp: None, key: bytes, value: bytes | None, headers: list[tuple[str, bytes]]
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
    """Put a producer away without waiting for what it still holds, and let nothing of it arrive from now on.

    With idempotence on, aiokafka 0.14 never gives a batch up and `stop()` waits for it; a second producer beside
    the first reorders keys. So the first is cut off by its private parts, which a test pins.
    """
    producer._closed = True  # type: ignore[attr-defined]
    sender: asyncio.Task[None] | None = producer._sender.sender_task  # type: ignore[attr-defined]
    for connection in producer.client._conns.values():  # type: ignore[attr-defined]
        _reset(connection._writer)
    if sender is not None:
        sender.cancel()
        await asyncio.wait([sender], timeout=ABANDON_S)  # an answer that will not come ends with its connection
    await producer.client.close()  # type: ignore[attr-defined]


def _reset(writer: asyncio.StreamWriter | None) -> None:
    """Drop what the system has not sent yet: closed in order, it would be sent for minutes to come."""
    if writer is not None and not writer.is_closing():
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()
