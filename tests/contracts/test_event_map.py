"""The README's event map is what the catalogue says and what the services really handle."""

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.directory.consumers import consumers as directory
from services.notifications.consumers import consumers as notifications
from services.referral.consumers import consumers as referral
from services.reporting.consumers import consumers as reporting
from shared.backbone.consumers import Consumers
from shared.events.streams import STREAMS, Stream
from shared.runtime import sealing

README = Path(__file__).resolve().parents[2] / "README.md"


def tables(own: X25519PrivateKey | None = None) -> Mapping[str, Consumers]:
    """Each service's dispatch table; `own` opens what is sealed, when anything is to be opened."""
    own = own or sealing.private_key(sealing.new_pair()[1])
    return {
        "referral": referral(),
        "directory": directory(),
        "notifications": notifications(own),
        "reporting": reporting(),
    }


def _row(stream: Stream, number: int, heard: Mapping[str, Consumers]) -> str:
    fact = stream.facts[number]
    hearers = [name for name, table in heard.items() if (stream.name, fact.type_name()) in table.handled]
    lead = f"`{stream.name}`" if number == 0 else ""
    return f"| {lead} | {fact.name} | {stream.owner} | {', '.join(hearers) or 'none yet'} |"


def event_map() -> str:
    heard = tables()
    return "\n".join(_row(stream, number, heard) for stream in STREAMS for number in range(len(stream.facts)))


def test_the_event_map_in_the_readme_is_true() -> None:
    assert event_map() in README.read_text(), f"write this into the README:\n{event_map()}"


def test_nobody_handles_what_they_may_not_read() -> None:
    readers = {stream.name: stream.readers for stream in STREAMS}
    for name, table in tables().items():
        assert all(name in readers[stream] for stream, _ in table.handled)
