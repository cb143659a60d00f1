"""The stream catalogue: the one source of topics, retention, readers, AsyncAPI and the README's event map."""

from dataclasses import dataclass
from functools import cache

from shared.events import contact, directory, network, notification, place, referral
from shared.events.envelope import Fact

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Stream:
    """One Kafka topic: who owns it, what keys it, how long it is kept, who may read it, what is said on it.

    `days` is None for a compacted stream; on the others a gap in a subject's sequence means loss.
    """

    name: str
    owner: str
    key: str
    partitions: int
    days: int | None
    readers: tuple[str, ...]
    facts: tuple[type[Fact], ...]
    sealed: bool = False
    description: str = ""

    @property
    def compacted(self) -> bool:
        """Whether one record per key is kept."""
        return self.days is None

    def topic(self, prefix: str = "") -> str:
        """The topic's name on a broker that several networks may share."""
        return f"{prefix}{self.name}"


REFERRAL_EVENTS = Stream(
    "referral-events",
    "referral",
    "referral id",
    12,
    400,
    ("directory", "notifications", "reporting"),
    (
        referral.ReferralCreated,
        referral.SelfReferralReceived,
        referral.ConsentGiven,
        referral.ReferralAccepted,
        referral.ReferralDeclined,
        referral.ReferralAllocated,
        referral.ContactAttempted,
        referral.SessionBooked,
        referral.SessionCompleted,
        referral.SessionMissed,
        referral.SessionCancelled,
        referral.PlanAgreed,
        referral.OutcomeRecorded,
        referral.ActivityPrescribed,
        referral.ActivitySignposted,
        referral.PrescriptionWithdrawn,
        referral.NeedUnmet,
        referral.ReferralClosed,
    ),
    description="A person's referral, from open to closed.",
)
NETWORK_EVENTS = Stream(
    "network-events",
    "referral",
    "organisation code",
    3,
    None,
    ("notifications", "reporting"),
    (network.OrganisationListed,),
    description="Practices, primary care networks and their names.",
)
DIRECTORY_EVENTS = Stream(
    "directory-events",
    "directory",
    "activity id",
    3,
    None,
    ("referral", "notifications"),
    (directory.ActivityListed, directory.ActivityRevised, directory.ActivityWithdrawn, directory.CapacityStated),
    description="What the community offers, and how much room there is.",
)
PLACE_EVENTS = Stream(
    "place-events",
    "directory",
    "referral id",
    12,
    400,
    ("referral", "notifications", "reporting"),
    (
        place.PlaceAcknowledged,
        place.PlaceAccepted,
        place.PlaceWaitlisted,
        place.PlaceDeclined,
        place.PersonActionNeeded,
        place.ReplyOverdue,
        place.AttendanceRecorded,
        place.PlaceEnded,
    ),
    description="What became of each request for a place.",
)
NOTIFICATION_EVENTS = Stream(
    "notification-events",
    "notifications",
    "referral id or organisation id",
    3,
    90,
    ("referral",),
    (notification.MessageSent, notification.MessageFailed, notification.MessageWithheld),
    description="What became of each message.",
)
REFERRAL_CONTACTS = Stream(
    "referral-contacts",
    "referral",
    "contact id",
    3,
    None,
    ("notifications",),
    (contact.ContactStated,),
    sealed=True,
    description="How to reach a person, a link worker or a practice; a tombstone erases.",
)
DIRECTORY_CONTACTS = Stream(
    "directory-contacts",
    "directory",
    "contact id",
    3,
    None,
    ("notifications",),
    (contact.ContactStated,),
    sealed=True,
    description="How to reach a provider's people; a tombstone erases.",
)
STREAMS = (
    REFERRAL_EVENTS,
    NETWORK_EVENTS,
    DIRECTORY_EVENTS,
    PLACE_EVENTS,
    NOTIFICATION_EVENTS,
    REFERRAL_CONTACTS,
    DIRECTORY_CONTACTS,
)


@cache
def stream_of(fact: type[Fact]) -> Stream:
    """The stream that a fact belongs to; a sealed contact has two, so its caller names the stream."""
    return next(stream for stream in STREAMS if fact in stream.facts)


def read_by(service: str) -> tuple[Stream, ...]:
    """The streams a service may read."""
    return tuple(stream for stream in STREAMS if service in stream.readers)


def owned_by(service: str) -> tuple[Stream, ...]:
    """The streams a service writes."""
    return tuple(stream for stream in STREAMS if stream.owner == service)
