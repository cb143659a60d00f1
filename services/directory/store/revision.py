"""How often the directory has changed: what every search asks before it trusts its index."""

from shared.runtime.store import Tx

_TURN = "SELECT number FROM directory_revision WHERE id = 1 FOR UPDATE"
_NEXT = "UPDATE directory_revision SET number = number + 1 WHERE id = 1 RETURNING number"
_NOW = "SELECT number FROM directory_revision WHERE id = 1"


async def take_turn(tx: Tx) -> None:
    """Wait until nobody else is changing the directory, so that what is read next is what will be changed."""
    await tx.rows(_TURN)


async def next_revision(tx: Tx) -> int:
    """The number of the change that this transaction makes; others who change the directory wait for its end."""
    return int((await tx.rows(_NEXT))[0]["number"])


async def revision(tx: Tx) -> int:
    """The number of the last change."""
    return int((await tx.rows(_NOW))[0]["number"])
