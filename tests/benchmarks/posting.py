"""People who refer, as a program of theirs would: a few bytes over a connection, nothing in between."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from uuid import UUID

from tests.benchmarks.pacing import poisson

CLIENTS = 32
PATH = "/referral/api/referrals"


def nhs_numbers(rng: Random) -> Iterator[str]:
    """Valid numbers of nobody's, from the whole range: the few kept for tests do not last."""
    seen: set[str] = set()
    while True:
        digits = [rng.randrange(10) for _ in range(9)]
        check = (11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
        number = "".join(map(str, digits)) + str(check)
        if check != 10 and number not in seen and len(set(digits)) > 1:
            seen.add(number)
            yield number


def referral(number: str) -> dict[str, Any]:
    """A practice's referral of an invented person who is written to by letter."""
    return {
        "person": {
            "given_name": "Rosa",
            "family_name": f"Okafor-{number}",
            "born_on": "1951-03-14",
            "nhs_number": number,
            "postcode": "RM17 6AA",
            "address_lines": ["3 Customs Street", "Testham"],
            "phone": "07700 900866",
            "email": f"rosa.{number}@example.org",
        },
        "reasons": ["loneliness", "debt"],
        "urgency": "urgent",
        "what_matters": "To sing with people again",
        "contact": {"channels": ["call", "email"], "notify_by": "letter"},
        "agreement": {"basis": "person"},
    }


def request(number: str, token: str) -> bytes:
    """The whole request, with a key under which it may be sent twice."""
    body = json.dumps(referral(number)).encode()
    head = {
        "host": "kith.test",
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "idempotency-key": str(UUID(int=int(number))),
        "content-length": str(len(body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Refused(Exception):
    """Something other than 201."""


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open already."""
        self._reader, self._writer = reader, writer

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> AsyncIterator[Client]:
        """A service on this machine, until the block ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def post(self, whole: bytes) -> tuple[str, float]:
        """The referral's id, and the moment (seconds since 1970) at which it was sent."""
        began = time.time()
        self._writer.write(whole)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(line.partition(":")[2] for line in head.splitlines() if line.startswith("content-length:"))
        answer = await self._reader.readexactly(int(length))
        if " 201 " not in head.splitlines()[0]:
            raise Refused(answer.decode())
        return str(json.loads(answer)["id"]), began


async def burst(port: int, token: str, count: int, seed: int) -> dict[str, float]:
    """So many by 32 clients at once, each as fast as it is answered; when each was sent."""
    numbers = nhs_numbers(Random(seed))
    waiting = [request(next(numbers), token) for _ in range(count)]
    sent: dict[str, float] = {}

    async def one() -> None:
        async with Client.to(port) as client:
            while waiting:
                id_, began = await client.post(waiting.pop())
                sent[id_] = began

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return sent


async def now_and_then(port: int, token: str, a_second: float, seconds: float, seed: int) -> dict[str, float]:
    """At random moments, whatever became of those before; when each was sent. Each over a connection of its own: one
    that is kept for the next may be closed by then, and one that is open already shows nothing but that."""
    rng = Random(seed)
    numbers, began, sent = nhs_numbers(rng), time.monotonic(), dict[str, float]()

    async def one() -> None:
        async with Client.to(port) as client:
            id_, at = await client.post(request(next(numbers), token))
        sent[id_] = at

    async with asyncio.TaskGroup() as posting:
        for moment in poisson(a_second, seconds, rng):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            posting.create_task(one())
    return sent
