"""Lists of messages for people: of one referral, to print, and all of them without their words."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from services.notifications.domain.delivery import State
from services.notifications.store.rows import MessageRow
from shared.runtime.store import Tx

PAGE = 50


def _within(
    found: SelectOfScalar[MessageRow], networks: Collection[str] | None, *, borough: bool = False
) -> SelectOfScalar[MessageRow]:
    """Only what these networks may see (all of it when None); `borough` adds what stands in no network."""
    if networks is None:
        return found
    theirs = col(MessageRow.pcn).in_(networks)
    return found.where(or_(theirs, col(MessageRow.pcn).is_(None)) if borough else theirs)


async def of_referral(
    tx: Tx, referral_id: UUID, networks: Collection[str] | None, *, borough: bool
) -> Sequence[MessageRow]:
    """Every message about a referral, oldest first."""
    found = select(MessageRow).where(MessageRow.referral_id == referral_id)
    ordered = _within(found, networks, borough=borough).order_by(col(MessageRow.happened_at), col(MessageRow.id))
    return (await tx.session.exec(ordered)).all()


async def letters_to_print(
    tx: Tx, networks: Collection[str], after: str = "", *, borough: bool
) -> tuple[Sequence[MessageRow], int]:
    """The letters that wait for a printer, oldest first: `PAGE` and one more of those after the letter with that
    reference (posted by now, or unknown: from the first), and how many there are in all."""
    found = _within(select(MessageRow).where(MessageRow.state == State.TO_PRINT), networks, borough=borough)
    total = (await tx.session.exec(select(func.count()).select_from(found.subquery()))).one()
    order = col(MessageRow.happened_at), col(MessageRow.id)
    last = (await tx.session.exec(found.where(MessageRow.reference == after))).first() if after else None
    further = found.where(tuple_(*order) > (last.happened_at, last.id)) if last else found
    return (await tx.session.exec(further.order_by(*order).limit(PAGE + 1))).all(), total


async def letter(tx: Tx, reference: str, networks: Collection[str], *, borough: bool) -> MessageRow | None:
    """A letter by its reference, to be printed or already posted; locked."""
    found = select(MessageRow).where(MessageRow.reference == reference).with_for_update()
    return (await tx.session.exec(_within(found, networks, borough=borough))).first()


async def latest(
    tx: Tx, state: State | None, before: UUID | None, networks: Collection[str] | None
) -> Sequence[MessageRow]:
    """The newest messages, `PAGE` and one more at a time, so that a reader knows whether older ones follow."""
    found = _within(select(MessageRow), networks, borough=True)
    if state:
        found = found.where(MessageRow.state == state)
    if before:
        found = found.where(col(MessageRow.id) < before)
    return (await tx.session.exec(found.order_by(col(MessageRow.id).desc()).limit(PAGE + 1))).all()


async def counts(tx: Tx, networks: Collection[str] | None) -> dict[str, int]:
    """How many messages stand in each state."""
    found = select(MessageRow.state, func.count()).group_by(col(MessageRow.state))
    if networks is not None:
        found = found.where(or_(col(MessageRow.pcn).in_(networks), col(MessageRow.pcn).is_(None)))
    return dict((await tx.session.exec(found)).all())


async def reference_taken(tx: Tx, reference: str) -> bool:
    """Whether another letter has this reference."""
    found = select(func.count()).where(MessageRow.reference == reference)
    return (await tx.session.exec(found)).one() > 0
