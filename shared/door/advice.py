"""What is wrong with a service's carrying, in words for whoever mends it, and what they do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.backbone.status import RELAY_S, BackboneStatus, StreamStatus


@dataclass(frozen=True, slots=True)
class ToMend:
    """`what` is wrong, what to `do`, and the `kith` command that does it or looks closer."""

    what: str
    do: str
    command: str


def to_mend(service: str, status: BackboneStatus | None) -> list[ToMend]:
    """All that needs somebody, most pressing first; None: the store does not answer."""
    if status is None:
        return [
            ToMend(
                "The store does not answer",
                "See that PostgreSQL runs and takes connections. The service goes on by itself when it answers.",
                f"kith status --service {service}",
            )
        ]
    return [*_sending(service, status), *_hearing(service, status), *_aside(service, status)]


def _sending(service: str, status: BackboneStatus) -> Iterator[ToMend]:
    look = f"kith status --service {service}"
    if status.relay_turned_s > RELAY_S:
        waited = f"{status.relay_turned_s:,.0f} seconds"
        do = "See that Kafka answers; the log of this service says why under relay-stalled."
        yield ToMend(f"The relay has not turned for {waited}", do, look)
    if status.outbox_age_s > RELAY_S:
        what = f"{status.outbox_depth:,} events wait to be sent, the oldest for {status.outbox_age_s:,.0f} seconds"
        yield ToMend(what, "See that Kafka answers. Nothing is lost: they go in order when it does.", look)


def _hearing(service: str, status: BackboneStatus) -> Iterator[ToMend]:
    if len(status.streams) > 1 and all(stream.end is None for stream in status.streams):
        do = "See that it runs. Nothing is lost: each stream is read on from where it stood."
        yield ToMend("Kafka does not answer", do, f"kith stream list --service {service}")
        return
    for stream in status.streams:
        yield from _stream(service, stream, status.stuck_limit_s)


def _stream(service: str, stream: StreamStatus, limit: float) -> Iterator[ToMend]:
    name = stream.stream
    if stream.stopped:
        yield ToMend(
            f"{name} is stopped: too much failed in a row",
            "Mend what they have in common, then try one of them again: when it can be acted on, the stream goes on.",
            f"kith parked list --service {service}",
        )
    elif stream.end is None:
        do = "See that Kafka answers and that the stream is there."
        yield ToMend(f"{name} cannot be reached", do, f"kith stream list --service {service}")
    elif stream.lost_ground:
        what, _, command = stream.lost_ground.rpartition(": ")
        do = f"If the broker lost its disk, send that time again first (kith stream republish --stream {name}); then:"
        yield ToMend(f"{name} has lost ground: {what}", do, command)
    elif stream.stuck_s > limit:
        do = "Its process ends itself to be started again; if it does not, start it again. It goes on where it stood."
        yield ToMend(f"{name} has not moved for {stream.stuck_s:,.0f} seconds", do, f"kith status --service {service}")


def _aside(service: str, status: BackboneStatus) -> Iterator[ToMend]:
    if status.parked:
        what = "1 event is parked" if status.parked == 1 else f"{status.parked:,} events are parked"
        wait = "waits" if status.waiting == 1 else "wait"
        behind = f", and {status.waiting:,} {wait} behind" if status.waiting else ""
        do = "Look at each, then try it again, or discard it with a reason."
        yield ToMend(what + behind, do, f"kith parked list --service {service}")
    if status.early:
        what = "1 event came too early" if status.early == 1 else f"{status.early:,} events came too early"
        yield ToMend(
            f"{what}: something said before has not come",
            "Have it sent again by its owner (kith stream republish --key), or try one again to wait no longer.",
            f"kith parked list --service {service}",
        )
