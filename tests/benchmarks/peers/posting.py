"""What all sides of P4 share: where they stand, what they serve, and 32 clients that ask them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import uvicorn

from tests.benchmarks.figures import Measures, percentile

PERSON_KEY = b"a secret of the bench"
POOL = 16
CLIENTS = 32
PATH = "/referral/api/referrals"


@dataclass(frozen=True, slots=True)
class Place:
    """A store with a small network in it, who issues tokens and their public key, and whom contacts are sealed for."""

    dsn: str
    port: int
    jwks: str
    key: str
    issuer: str
    contact_key: str


async def serve(app: Any, port: int, **settings: Any) -> None:
    """One process with uvloop and httptools, until ended."""
    await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, http="httptools", **settings)).serve()


def people(seed: int) -> Iterator[dict[str, Any]]:
    """Nobody's names and numbers: those that begin with 999 are never given to anyone."""
    dice, number = Random(seed), 0
    while True:
        digits = f"999{number:06d}"
        number += 1
        check = 11 - sum(int(d) * weight for d, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check == 10:
            continue
        yield {
            "given_name": "Rosa",
            "family_name": f"Okafor {dice.getrandbits(40):x}",
            "born_on": "1951-03-14",
            "nhs_number": f"{digits}{0 if check == 11 else check}",
            "postcode": "RM17 6AA",
            "phone": "07700 900 866",
            "email": "rosa@example.com",
        }


def requests(token: str, count: int, seed: int) -> list[bytes]:
    """As a practice's system sends them, each with a key of its own."""
    said: dict[str, Any] = {
        "reasons": ["loneliness", "debt"],
        "urgency": "urgent",
        "what_matters": "To sing again",
        "contact": {"channels": ["call", "email"], "notify_by": "email", "safe_times": "10am to 2pm"},
        "agreement": {"basis": "person"},
    }
    dice, made = Random(seed), []
    for person, _ in zip(people(seed), range(count), strict=False):
        body = json.dumps({"person": person, **said}).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nhost: kith.test\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/json\r\nidempotency-key: {dice.getrandbits(128):032x}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


class Client(asyncio.Protocol):
    """One keep-alive connection: sends a request, waits for all of its answer, sends the next."""

    def __init__(self, waiting: list[bytes], took: list[float]) -> None:
        """Takes its requests from a list that all share."""
        self.waiting, self.took = waiting, took
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer, self.began = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r", 1)[0]):
            return
        if not self.answer.startswith(b"HTTP/1.1 201"):
            self.done.set_exception(RuntimeError(self.answer.decode()))
            return
        self.took.append((time.perf_counter() - self.began) * 1000)
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        self.answer = b""
        if self.waiting:
            self.began = time.perf_counter()
            self.transport.write(self.waiting.pop())
        else:
            self.done.set_result(None)


async def ask(port: int, waiting: list[bytes]) -> list[float]:
    """Send them all from 32 clients; the milliseconds that each took."""
    took: list[float] = []
    made = [
        await asyncio.get_running_loop().create_connection(lambda: Client(waiting, took), "127.0.0.1", port)
        for _ in range(CLIENTS)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    for transport, _ in made:
        transport.close()
    return took


async def clients(port: int, token: str, count: int, server: int) -> Measures:
    """Some that are not counted, then `count`; what the server's process spent meanwhile goes by its own clock."""
    warm = requests(token, count + 300, seed=1)
    await ask(port, [warm.pop() for _ in range(300)])
    spent, began = cpu_seconds(server), time.perf_counter()
    took = await ask(port, warm)
    seconds = time.perf_counter() - began
    return {
        "rate": count / seconds,
        "cpu_ms": (cpu_seconds(server) - spent) * 1000 / count,
        "p50_ms": percentile(took, 0.5),
        "p99_ms": percentile(took, 0.99),
    }


def cpu_seconds(pid: int) -> float:
    """What a process has spent, its own and the kernel's for it; Linux only."""
    from os import sysconf
    from pathlib import Path

    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / sysconf("SC_CLK_TCK")
