"""One referral as the streams tell it, from the committed examples, and a notifications service to hear it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.notifications.actions.sending import Outgoing
from services.notifications.consumers import consumers
from services.notifications.domain.email import email_text
from services.notifications.mail import Outcome
from services.notifications.sender import Sender
from services.notifications.store.rows import MessageRow
from shared.backbone.consumers import Record, handle, handle_many
from shared.events import directory, network, place, referral
from shared.events.contact import ContactDetails, ContactStated
from shared.events.envelope import Fact
from shared.events.snapshots import example
from shared.events.streams import DIRECTORY_CONTACTS, REFERRAL_CONTACTS, Stream, stream_of
from shared.events.vocabulary import Channel
from shared.runtime import sealing
from shared.runtime.actor import system
from shared.runtime.ids import new_id
from shared.runtime.store import Store

PUBLIC, PRIVATE = sealing.new_pair()
PCN = "U99901"


@dataclass
class Ids:
    """The ids of one referral's story."""

    referral: UUID = field(default_factory=new_id)
    request: UUID = field(default_factory=new_id)
    activity: UUID = field(default_factory=new_id)
    person: UUID = field(default_factory=new_id)
    referrer: UUID = field(default_factory=new_id)
    worker: UUID = field(default_factory=new_id)
    provider: UUID = field(default_factory=new_id)


def said(fact: type[Fact], key: UUID | str, subject: UUID | str, **data: object) -> Record:
    """A committed example as a record, with ids of its own and some of its data changed."""
    event: dict[str, Any] = json.loads(example(fact))
    event |= {"id": str(new_id()), "partitionkey": str(key), "subject": str(subject), "pcn": PCN}
    event["data"] |= data
    return Record(stream_of(fact).name, 0, 0, str(key), json.dumps(event).encode())


def at(contact: UUID, version: int = 1) -> dict[str, object]:
    return {"contact_id": str(contact), "version": version}


def contact(stream: Stream, contact_id: UUID, version: int = 1, **details: Any) -> Record:
    """How somebody is reached, sealed as its owner seals it."""
    default: dict[str, Any] = {
        "kind": "person",
        "what_to_call": "Rosa",
        "full_name": "Rosa Okafor",
        "notify_by": Channel.EMAIL,
        "email": f"{contact_id}@kith.example",
    }
    plain = ContactDetails(**(default | details)).model_dump_json().encode()
    recipient = sealing.public_key(PUBLIC)
    sealed = sealing.seal(plain, recipient=recipient, topic=stream.name, contact_id=contact_id, version=version)
    stated = {"contact_id": str(contact_id), "contact_version": version, "sealed": sealed.model_dump()}
    record = said(ContactStated, contact_id, contact_id, **stated)
    return Record(stream.name, 0, 0, str(contact_id), record.value)


class Story:
    """The records of one referral, each stream's in its own order."""

    def __init__(self, **person: Any) -> None:
        self.ids = ids = Ids()
        refs = {"person": at(ids.person), "referrer": at(ids.referrer)}
        self.created = said(referral.ReferralCreated, ids.referral, ids.referral, **refs)
        worker = {"link_worker_contact": at(ids.worker)}
        self.allocated = said(referral.ReferralAllocated, ids.referral, ids.referral, **refs, **worker)
        about = {"prescription_id": str(ids.request), "activity_id": str(ids.activity)}
        self.prescribed = said(
            referral.ActivityPrescribed, ids.referral, ids.referral, **about, request_reference="M8T-2VW"
        )
        self.overdue = said(place.ReplyOverdue, ids.referral, ids.request, **about)
        self.accepted = said(place.PlaceAccepted, ids.referral, ids.request, **about)
        self.attended = said(place.AttendanceRecorded, ids.referral, ids.request, **about, attended=True)
        self.attended_again = said(place.AttendanceRecorded, ids.referral, ids.request, **about, attended=True)
        self.listed = self._listed()
        self.network = said(network.OrganisationListed, PCN, PCN, code=PCN, kind="pcn", organisation_name="Elm PCN")
        self.person = contact(REFERRAL_CONTACTS, ids.person, **person)
        self.referrer = contact(REFERRAL_CONTACTS, ids.referrer, kind="referrer", full_name="Elm Surgery")
        self.worker = contact(REFERRAL_CONTACTS, ids.worker, kind="link-worker", full_name="Jo Bell")
        self.provider = contact(DIRECTORY_CONTACTS, ids.provider, kind="provider", full_name="Riverside Arts")

    def _listed(self) -> Record:
        whole = json.loads(example(directory.ActivityListed))["data"]["activity"]
        activity = whole | {"provider_contact": at(self.ids.provider)}
        return said(directory.ActivityListed, self.ids.activity, self.ids.activity, activity=activity)

    @property
    def streams(self) -> Sequence[Sequence[Record]]:
        """Every record; those of one inner list arrive in order, the lists in any."""
        return (
            [self.created, self.allocated, self.prescribed],
            [self.overdue, self.accepted, self.attended, self.attended_again],
            [self.listed],
            [self.network],
            [self.person],
            [self.referrer, self.worker],
            [self.provider],
        )


class Post:
    """A mail server that keeps what it is handed, or does as it is told."""

    def __init__(self) -> None:
        self.taken: list[Outgoing] = []
        self.answer: Callable[[Outgoing], Outcome] = lambda _: Outcome.TAKEN

    async def deliver(self, outgoing: Outgoing) -> Outcome:
        outcome = self.answer(outgoing)
        if outcome is Outcome.TAKEN:
            self.taken.append(outgoing)
        return outcome

    def texts(self) -> Mapping[str, list[str]]:
        """What each audience was sent."""
        sent: dict[str, list[str]] = {}
        for one in self.taken:
            text = email_text(one.ready.words, one.about.audience, one.ready.matter, one.ready.contact.what_to_call)
            sent.setdefault(one.about.audience, []).append(f"{one.ready.words.subject}\n{text}")
        return sent

    @contextmanager
    def answering(self, answer: Callable[[Outgoing], Outcome]) -> Iterator[None]:
        before, self.answer = self.answer, answer
        yield
        self.answer = before


class Stage:
    """The service on a store of its own, without broker or mail server."""

    def __init__(self, store: Store) -> None:
        self.store, self.post = store, Post()
        self.table = consumers(sealing.private_key(PRIVATE))
        self.sender = Sender(store, self.post, "http://kith.example")

    async def hear(self, *records: Record) -> None:
        """Handle each record, in a transaction of its own as the backbone would."""
        for record in records:
            work = self.table.read(record)
            assert work is not None, record.stream
            async with self.store.transaction(system("notifications")) as tx:
                await handle(tx, work)

    async def hear_together(self, *records: Record) -> None:
        """Handle one stream's records as one batch."""
        works = [self.table.read(record) for record in records]
        events = [work.event for work in works if work and work.many]
        assert len(events) == len(records)
        assert works[0] is not None
        async with self.store.transaction(system("notifications")) as tx:
            await handle_many(tx, works[0].handle, events)

    async def send(self) -> None:
        """Let the sender work until nothing is due."""
        while await self.sender.send_next():
            pass

    async def rows(self, sql: str, **values: object) -> list[Mapping[str, Any]]:
        async with self.store.transaction(system("notifications")) as tx:
            return [dict(row) for row in await tx.rows(sql, **values)]

    async def states(self) -> list[tuple[str, str, str]]:
        """(occasion, audience, state) of every message, in words' order."""
        found = await self.rows(f"SELECT occasion, audience, state FROM {MessageRow.__tablename__} ORDER BY 1, 2")
        return [(row["occasion"], row["audience"], row["state"]) for row in found]

    async def events(self) -> list[dict[str, Any]]:
        """What the service has recorded to be said, oldest first."""
        found = await self.rows("SELECT payload FROM outbox ORDER BY seq")
        return [json.loads(row["payload"]) for row in found]
