"""The one door to a service's store: a transaction is opened for an actor, and not without one."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.runtime.actor import Actor
from shared.runtime.ids import new_id

STATEMENT_TIMEOUT_MS = 15_000


class StaleVersion(Exception):
    """What was to be saved has changed since it was read."""


class NoActor(Exception):
    """A transaction was asked for on nobody's behalf."""


@dataclass(slots=True)
class Tx:
    """An open transaction and on whose behalf it runs; actions write through it and never commit it."""

    session: AsyncSession
    actor: Actor
    service: str
    correlation: str
    causation: UUID | None = None
    traceparent: str | None = None
    backlogged: bool = False
    recorded: int = field(default=0)

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
    """An asyncpg engine whose connections give up on a statement after 15 seconds."""
    limits = {"statement_timeout": str(STATEMENT_TIMEOUT_MS), "idle_in_transaction_session_timeout": "60000"}
    return create_async_engine(
        url, pool_size=pool, max_overflow=pool, pool_pre_ping=True, connect_args={"server_settings": limits}
    )


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
        if not isinstance(actor, Actor) or not actor.subject:
            raise NoActor
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            cause = correlation or str(new_id()), causation, traceparent
            tx = Tx(session, actor, self.service, *cause, backlogged=self.backlogged)
            async with session.begin():
                yield tx
        if tx.recorded:
            for wake in self._wakes:
                wake()

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every commit that recorded something."""
        self._wakes.append(wake)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()
