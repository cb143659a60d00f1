"""What was ever released is still read: by every reader, in every pair of versions, and to the end in a real store."""

import json
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from deploy.databases import SERVICES
from shared.backbone.consumers import Consumers, Record, handle
from shared.events import released
from shared.events.released import KINDS, Wire, events_of, releases
from shared.runtime.actor import system
from shared.runtime.store import Store
from tests.contracts.matrix import Released, Today, matrix
from tests.contracts.test_event_map import tables
from tests.engines import Addresses

ROOT = Path(__file__).resolve().parents[2]
# What a handler says of an event whose history it has not heard; anything else is a contract not understood.
NAMED = {
    "referral": {"PrescriptionNotFound"},
    "directory": {"NoSuchActivity", "NoSuchRequest"},
    "notifications": set[str](),
    "reporting": set[str](),
}


def test_every_version_is_read_by_every_version() -> None:
    rows = matrix()
    assert len(rows) == (len(releases()) + 1) ** 2
    for row in rows:
        assert row.read
        assert not row.refused, "\n".join([str(row), *row.refused])


def test_the_matrix_would_show_a_reader_that_needs_more_than_was_said() -> None:
    read, wire = Today(), next(events_of(releases()[0], "minimal"))
    told = json.loads(wire.value)
    del told["data"]["reference"]
    less = Wire(wire.release, wire.kind, wire.stream, wire.type, wire.key, json.dumps(told).encode())
    assert not read(wire)
    assert "reference" in read(less)
    assert "reference" in Released(releases()[0])(less)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("release", releases())
def test_a_release_holds_an_event_of_each_of_its_contracts(release: str, kind: str) -> None:
    said = {wire.type for wire in events_of(release, kind)}
    assert said | {released.SEALED} == set(released.contracts_of(release))


def test_the_contracts_of_this_version_are_kept() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert releases()[-1] == version, f"python -m shared.events.released {version}"


def test_a_release_that_is_out_is_never_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(released, "FOLDER", tmp_path)
    released.write("0.2.0")
    released.write("0.10.0")
    assert releases() == ["0.2.0", "0.10.0"]
    assert [wire.type for wire in events_of("0.2.0", "full")] == [w.type for w in released.todays_events("full")]
    with pytest.raises(FileExistsError):
        released.write("0.2.0")


@pytest.mark.parametrize("service", SERVICES)
async def test_what_was_released_is_handled_in_a_real_store(
    service: str, database: Callable[[str], Awaitable[Addresses]]
) -> None:
    table, store = tables(released.reader())[service], Store((await database(service)).app_url, service)
    said = [wire for release in releases() for kind in KINDS for wire in events_of(release, kind)]
    try:
        outcomes = Counter([await _outcome(store, table, wire) for wire in said if service in wire.stream.readers])
    finally:
        await store.close()
    assert len(outcomes) > 1
    assert outcomes.keys() <= {"handled", "not ours", *NAMED[service]}


async def _outcome(store: Store, table: Consumers, wire: Wire) -> str:
    """What becomes of an event, on its own: nothing else waits behind it."""
    work = table.read(Record(wire.stream.name, 0, 0, wire.key, wire.value))
    if work is None:
        return "not ours"
    try:
        async with store.transaction(system(store.service)) as tx:
            await handle(tx, work)
    except Exception as error:  # noqa: BLE001 - whatever a handler says is what is asked about
        return type(error).__name__
    return "handled"
