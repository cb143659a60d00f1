"""What there is: read straight from the four stores, the streams and the mailbox, past every service."""

import asyncio
import json
import mailbox
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.databases import SERVICES
from deploy.embedded.handover import Handover
from shared.events.streams import STREAMS, Stream
from tests.faults.checker import Effect, Said

# Each gives one text a row, and stands for one place.
ROWS: Mapping[str, str] = {
    "referral.referral": "SELECT concat_ws(' ', p.nhs_number, r.id, r.reference, r.link_worker)"
    " FROM person p LEFT JOIN referral r ON r.person_id = p.id",
    "referral.open_person": "SELECT referral_id::text FROM open_person WHERE kind = 'nhs'",
    "referral.contact": "SELECT note FROM contact_attempt",
    "referral.session": "SELECT note FROM session",
    "referral.plan": "SELECT what_matters FROM plan",
    "referral.outcome": "SELECT concat_ws(' ', referral_id, stage) FROM outcome",
    "referral.prescription": "SELECT concat_ws(' ', id, reference, state) FROM prescription",
    "referral.prescription_news": "SELECT concat_ws(' ', prescription_id, news) FROM prescription_news",
    "directory.place_request": "SELECT concat_ws(' ', id, reference, state) FROM place_request",
    "directory.attendance": "SELECT format('%s %s %s', request_id, held_on, CASE WHEN attended THEN 'True' END)"
    " FROM attendance",
    "directory.timer": "SELECT concat_ws(' ', kind, subject) FROM timer",
    "notifications.contact": "SELECT email FROM contact WHERE email LIKE 'rosa.%'",
    "notifications.request": "SELECT concat_ws(' ', request_id, reference) FROM request",
    "notifications.message": "SELECT concat_ws(' ', referral_id, coalesce(request_id::text, '-'), occasion, audience)"
    " FROM message",
    "reporting.referral": "SELECT concat_ws(' ', referral_id, CASE WHEN accepted IS NOT NULL THEN 'accepted' END,"
    " CASE WHEN answered IS NOT NULL THEN 'answered' END, CASE WHEN attended IS NOT NULL THEN 'attended' END,"
    " CASE WHEN prescribed IS NOT NULL THEN 'prescribed' END, CASE WHEN reached IS NOT NULL THEN 'reached' END,"
    " CASE WHEN made_on IS NOT NULL THEN 'referred' END, CASE WHEN session IS NOT NULL THEN 'session' END)"
    " FROM referral",
    "reporting.request": "SELECT concat_ws(' ', request_id, answer, CASE WHEN attended IS NOT NULL THEN 'attended' END)"
    " FROM request WHERE asked IS NOT NULL",
}
IN_EACH: Mapping[str, str] = {
    "outbox": "SELECT concat_ws(' ', stream, key) FROM outbox",
    "parked_event": "SELECT concat_ws(' ', stream, key, error_class) FROM parked_event",
    "discarded_event": "SELECT concat_ws(' ', stream, key, error_class) FROM discarded_event",
    "idempotency": "SELECT key FROM idempotency",
}
MESSAGES = "SELECT id::text, state FROM message"
TOLD = "SELECT id::text, state FROM case_message"
SENT = "SELECT seq, stream, key, payload FROM outbox_sent ORDER BY seq"
HEARD = "SELECT stream, event_id::text AS id FROM inbox"
# What tells one event of a type from the others under its key.
DETAILS = ("request_reference", "prescription_id", "attempt", "number", "plan_version", "message_id")


@dataclass
class Found:
    """Everything there is. `messages` and `told` are states by message id, as notifications and referral know them."""

    effects: list[Effect] = field(default_factory=list)
    messages: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    mail: Sequence[str] = ()
    log: list[Said] = field(default_factory=list)
    sent: list[Said] = field(default_factory=list)
    heard: Mapping[str, set[tuple[str, str]]] = field(default_factory=dict)


async def read(handover: Handover) -> Found:
    """All of it; the network should have settled."""
    found = Found(mail=mail_in(handover.data / "mailbox"))
    heard: dict[str, set[tuple[str, str]]] = {}
    for service in SERVICES:
        store = await asyncpg.connect(handover.stores[service].owner_url.replace("+asyncpg", ""))
        try:
            found.effects += await _effects(store, service)
            found.sent += [_said(row["stream"], row["key"], row["payload"]) for row in await store.fetch(SENT)]
            heard[service] = {(row["stream"], row["id"]) for row in await store.fetch(HEARD)}
            if service == "notifications":
                found.messages = dict([tuple(row) for row in await store.fetch(MESSAGES)])
            if service == "referral":
                found.told = dict([tuple(row) for row in await store.fetch(TOLD)])
        finally:
            await store.close()
    found.heard = heard
    found.log = await read_streams(handover.kafka)
    return found


async def _effects(store: asyncpg.Connection, service: str) -> list[Effect]:
    asked = {f"{service}.{table}": sql for table, sql in IN_EACH.items()}
    asked |= {place: sql for place, sql in ROWS.items() if place.startswith(f"{service}.")}
    return [Effect(place, row[0]) for place, sql in asked.items() for row in await store.fetch(sql)]


async def read_streams(kafka: str) -> list[Said]:
    """Every stream from its beginning to its end, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        return [said for stream in STREAMS for said in await _read_stream(consumer, stream)]
    finally:
        await consumer.stop()


async def _read_stream(consumer: AIOKafkaConsumer, stream: Stream) -> list[Said]:
    places = [TopicPartition(stream.name, number) for number in range(stream.partitions)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    records: list[Said] = []
    async with asyncio.timeout(60):
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records += [_said(stream.name, record.key.decode(), record.value) for record in batch]
    return records


def _said(stream: str, key: str, value: bytes) -> Said:
    event: dict[str, Any] = json.loads(value)
    name = event["type"].removeprefix("kith.").removesuffix(".v1")
    detail = [str(event["data"][each]) for each in DETAILS if each in event["data"]][:1]
    return Said(stream, key, event["subject"], int(event["sequence"]), event["id"], " ".join([name, *detail]))


def mail_in(folder: Path) -> list[str]:
    """The message id in each mail that was kept."""
    box = mailbox.Maildir(folder)
    try:
        return [str(mail["Message-ID"]).strip().strip("<>").partition("@")[0] for mail in box]
    finally:
        box.close()
