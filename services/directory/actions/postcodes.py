"""Taking in where postcodes lie: hundreds of thousands of rows, in one transaction, a few thousand at a time."""

from collections.abc import Iterable, Iterator

from services.directory.imports.postcodes import PostcodeRow
from services.directory.store.postcodes import Located, upsert_postcodes
from services.directory.store.revision import next_revision, take_turn
from shared.runtime.imports import Reject, Tally
from shared.runtime.store import Tx

BATCH = 10_000


async def import_postcodes(tx: Tx, files: Iterable[Iterable[PostcodeRow | Reject]]) -> Tally:
    """Take in one or several files of one publication; a postcode that comes again in a later file is a reject."""
    await take_turn(tx)
    tally, seen = Tally(), set[str]()
    for file in files:
        for batch in _batches(file, tally, seen):
            written = await upsert_postcodes(tx, batch)
            tally.added += written.added
            tally.changed += written.changed
            tally.unchanged += len(batch) - written.added - written.changed
    if tally.added or tally.changed:
        await next_revision(tx)
    return tally


def _batches(file: Iterable[PostcodeRow | Reject], tally: Tally, seen: set[str]) -> Iterator[list[Located]]:
    """What can be used, so many at a time; the rest goes to the tally with its reason."""
    batch: list[Located] = []
    for number, row in enumerate(file, start=1):
        if isinstance(row, Reject):
            tally.rejects.append(row)
        elif row.postcode in seen:
            tally.rejects.append(Reject(number, row.postcode, f"a later row for {row.postcode}"))
        else:
            seen.add(row.postcode)
            batch.append(Located(row.postcode, row.quality, row.easting, row.northing, row.district, row.ward))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
