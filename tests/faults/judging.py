"""Holds what there is against what was promised, in every store, on every stream and in the mailbox."""

from collections.abc import Iterable, Sequence

from shared.events.streams import STREAMS
from tests.faults.checker import Effect, Finding, Said, compare, compare_numbers, compare_order, heard_once
from tests.faults.driving import Told
from tests.faults.promised import effects, events
from tests.faults.reading import Found

COMPACTED = {stream.name for stream in STREAMS if stream.compacted}
# The directory's listings and the network's organisations were there before the first journey.
OF_JOURNEYS = {"referral-events", "place-events"}
# What a message that came to rest leaves on its stream, and in referral's store.
SAID = {"sent": "message-sent", "unsure": "message-failed", "withheld": "message-withheld"}
TOLD = {"sent": "sent", "unsure": "failed", "withheld": "withheld"}


def findings(journeys: Sequence[Told], found: Found) -> list[Finding]:
    """Everything that is not as it was acknowledged; nothing, when all is well."""
    return [*_effects(journeys, found), *_messages(found), *_streams(journeys, found), *_readers(found)]


def _effects(journeys: Sequence[Told], found: Found) -> list[Finding]:
    """Stores and streams hold what the journeys promise and nothing else: no event parked, none unsent, no timer."""
    promised = [effect for journey in journeys for effect in effects(journey)]
    said = [Effect(one.stream, one.what) for one in heard_once(found.log) if one.stream in OF_JOURNEYS]
    return compare(promised, [*found.effects, *said])


def _messages(found: Found) -> list[Finding]:
    """Each message came to rest; one that was sent is in the mailbox once, one nobody can know of at most once."""
    settled = {id_: state for id_, state in found.messages.items() if state in SAID}
    unsettled = [Effect("message at rest", id_) for id_ in found.messages.keys() - settled.keys()]
    mails = [Effect("mailbox", id_) for id_ in found.mail]
    sent = [Effect("mailbox", id_) for id_, state in settled.items() if state == "sent"]
    unsure = [Effect("mailbox", id_) for id_, state in settled.items() if state == "unsure"]
    told = [Effect("referral.case_message", f"{id_} {state}") for id_, state in found.told.items()]
    heard = [Effect("referral.case_message", f"{id_} {TOLD[state]}") for id_, state in settled.items()]
    log = [one for one in heard_once(found.log) if one.stream == "notification-events"]
    wanted = [Effect("notification-events", f"{SAID[state]} {id_}") for id_, state in settled.items()]
    return [
        *compare(unsettled, []),
        *compare(sent, mails, unsure),
        *compare(heard, told),
        *compare(wanted, [Effect(one.stream, one.what) for one in log]),
    ]


def _streams(journeys: Sequence[Told], found: Found) -> list[Finding]:
    """What left the outboxes lies on the streams, numbered without a gap and in the order it was acknowledged."""
    kept = [one for one in found.log if one.stream not in COMPACTED]
    order = {place: whats for journey in journeys for place, whats in events(journey).items()}
    return [*_carried(found), *compare_numbers(kept), *compare_order(order, kept)]


def _carried(found: Found) -> list[Finding]:
    """By id. A compacted stream owes only the last under each key."""
    last = {(one.stream, one.key): one for one in found.sent if one.stream in COMPACTED}
    owed = [*last.values(), *(one for one in found.sent if one.stream not in COMPACTED)]
    superseded = _ids(found.sent) - _ids(owed)
    lying = [Effect(f"{one.stream} by id", one.id) for one in heard_once(found.log)]
    return compare(sorted(_ids(owed)), lying, superseded)


def _ids(said: Iterable[Said]) -> set[Effect]:
    return {Effect(f"{one.stream} by id", one.id) for one in said}


def _readers(found: Found) -> list[Finding]:
    """Each service heard every event of the types that it hears, and none that was never said."""
    types = {(one.stream, one.id): one.what.split()[0] for one in found.log}
    judged: list[Finding] = []
    for service, heard in found.heard.items():
        hears = {(stream, types.get((stream, id_))) for stream, id_ in heard}
        wanted = {place for place, type_ in types.items() if (place[0], type_) in hears}
        judged += compare(_heard(service, wanted), _heard(service, heard))
    return judged


def _heard(service: str, places: Iterable[tuple[str, str]]) -> list[Effect]:
    return [Effect(f"{service}'s inbox", f"{stream} {id_}") for stream, id_ in places]
