"""The one door to a service's store: a transaction is opened for an actor, and not without one."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.actor import Actor
from shared.runtime.ids import new_id

STATEMENT_TIMEOUT_MS = 15_000


class StaleVersion(Exception):
    """What was to be saved has changed since it was read."""


class NoActor(Exception):
    """A transaction was asked for on nobody's behalf."""


@dataclass(slots=True, kw_only=True)
class AnyTx(ABC):
    """An open transaction and on whose behalf it runs; actions write through it and never commit it."""

    actor: Actor
    service: str
    correlation: str
    causation: UUID | None = None
    traceparent: str | None = None
    backlogged: bool = False
    recorded: int = 0

    @abstractmethod
    async def fetch(self, sql: str, *values: object) -> Sequence[Mapping[str, Any]]:
        """The rows of a hand-written statement with `$1` parameters, in whichever kind of transaction."""


@dataclass(slots=True, kw_only=True)
class BareTx(AnyTx):
    """A transaction for hand-written statements alone, which go straight to the driver."""

    driver: Any  # asyncpg's connection, which has no types

    async def fetch(self, sql: str, *values: object) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = await self.driver.fetch(sql, *values)
        return rows


@dataclass(slots=True, kw_only=True)
class Tx(AnyTx):
    """A transaction with a session, for rows as objects."""

    session: AsyncSession

    async def fetch(self, sql: str, *values: object) -> Sequence[Mapping[str, Any]]:
        result = await (await self.session.connection()).exec_driver_sql(sql, values)
        rows: Sequence[Any] = result.mappings().all() if result.returns_rows else []
        return rows

    async def rows(self, sql: str, **values: object) -> Sequence[RowMapping]:
        """The rows of a hand-written statement with `:name` parameters."""
        connection = await self.session.connection()
        return (await connection.execute(text(sql), values)).mappings().all()

    async def run(self, sql: str, **values: object) -> None:
        """Run a hand-written statement whose rows nobody wants; pending rows of the session are flushed first."""
        await self.session.flush()
        connection = await self.session.connection()
        await connection.execute(text(sql), values)


def engine(url: str, *, pool: int = 8) -> AsyncEngine:
    """An asyncpg engine whose connections give up on a statement after 15 seconds; at most twice `pool` of them."""
    limits = {"statement_timeout": str(STATEMENT_TIMEOUT_MS), "idle_in_transaction_session_timeout": "60000"}
    # What is opened is kept: an overflow would be closed and opened anew all the time that it is needed.
    sizes = {"pool_size": 2 * pool, "max_overflow": 0}
    made = create_async_engine(url, **sizes, connect_args={"server_settings": limits})
    event.listen(made.sync_engine, "checkout", _refuse_closed)
    return made


def _refuse_closed(connection: Any, *_: object) -> None:
    """Take another connection, all of them new, where the server has ended this one: the driver hears of that by
    itself, so it need not be asked before every transaction."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


class Store:
    """A service's database behind its application role."""

    def __init__(self, url: str, service: str, *, pool: int = 8) -> None:
        """Nothing connects until the first transaction."""
        self.url, self.service = url, service
        self._engine = engine(url, pool=pool)
        self._wakes: list[Callable[[], None]] = []
        self.backlogged = False  # too much waits to be sent: nothing more may be said; kept up to date by the backbone

    @asynccontextmanager
    async def transaction(
        self,
        actor: Actor,
        *,
        correlation: str | None = None,
        causation: UUID | None = None,
        traceparent: str | None = None,
    ) -> AsyncIterator[Tx]:
        """Commit at the end, roll back on any error; when events were recorded the relay is woken after the commit."""
        told = self._told(actor, correlation, causation, traceparent)
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            tx = Tx(session=session, **told)
            async with session.begin():
                yield tx
        self._wake(tx)

    @asynccontextmanager
    async def bare(
        self, actor: Actor, *, correlation: str | None = None, traceparent: str | None = None
    ) -> AsyncIterator[BareTx]:
        """The same for hand-written statements alone, at a quarter of the cost: for what is done all day long."""
        told = self._told(actor, correlation, None, traceparent)
        pooled = await self._engine.raw_connection()
        try:
            driver: Any = pooled.driver_connection
            async with driver.transaction():
                tx = BareTx(driver=driver, **told)
                yield tx
        finally:
            pooled.close()
        self._wake(tx)

    def _told(
        self, actor: Actor, correlation: str | None, causation: UUID | None, traceparent: str | None
    ) -> dict[str, Any]:
        if not isinstance(actor, Actor) or not actor.subject:
            raise NoActor
        return {
            "actor": actor,
            "service": self.service,
            "correlation": correlation or str(new_id()),
            "causation": causation,
            "traceparent": traceparent,
            "backlogged": self.backlogged,
        }

    def _wake(self, tx: AnyTx) -> None:
        if tx.recorded:
            for wake in self._wakes:
                wake()

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every commit that recorded something."""
        self._wakes.append(wake)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()
