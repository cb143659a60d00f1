"""The clients of P6: a lost answer is never passed over, and nobody uses a connection that was closed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from tests.benchmarks import posting


@asynccontextmanager
async def _server(answer: Callable[[], bytes], keep: bool) -> AsyncIterator[int]:
    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(10_000):
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length - len(head.partition(b"\r\n\r\n")[2]))
            writer.write(answer())
            if not keep:
                break
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _created() -> bytes:
    body = f'{{"id":"{uuid4()}"}}'.encode()
    return b"HTTP/1.1 201 Created\r\ncontent-length: %d\r\n\r\n" % len(body) + body


async def test_a_server_that_closes_its_connections_is_posted_to_all_the_same() -> None:
    async with _server(_created, keep=False) as port:
        sent = await posting.now_and_then(port, "token", a_second=500, seconds=0.2, seed=1)
    assert len(sent) > 50


async def test_a_burst_is_answered_one_by_one_on_the_connections_it_began_with() -> None:
    async with _server(_created, keep=True) as port:
        assert len(await posting.burst(port, "token", count=100, seed=1)) == 100


async def test_a_connection_closed_without_an_answer_is_a_failure() -> None:
    async with _server(lambda: b"", keep=False) as port:
        with pytest.raises(ExceptionGroup) as raised:
            await posting.now_and_then(port, "token", a_second=500, seconds=0.05, seed=1)
    assert raised.group_contains(asyncio.IncompleteReadError)


async def test_a_refusal_is_a_failure() -> None:
    async with _server(lambda: b"HTTP/1.1 503 Away\r\ncontent-length: 2\r\n\r\n{}", keep=True) as port:
        with pytest.raises(posting.Refused):
            await posting.burst(port, "token", count=1, seed=1)
