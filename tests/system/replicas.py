"""Several processes of the directory over one store, as replicas run: each one a uvicorn, killed like one."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from deploy.embedded.process import free_port
from services.directory.actions.listings import import_activities
from services.directory.imports.open_referral import read_listings
from shared.backbone.sending import HEADERS
from shared.events.envelope import Event, Head
from shared.events.referral import ActivityPrescribed
from shared.events.streams import REFERRAL_EVENTS, Stream
from shared.events.vocabulary import ReasonGroup, Urgency
from shared.runtime import sealing
from shared.runtime.actor import Role, system
from shared.runtime.clock import now
from shared.runtime.ids import new_id
from shared.runtime.store import Store
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.engines import Addresses, Engines
from tests.faults.checker import Said

ROOT = Path(__file__).resolve().parents[2]
GROUP = "directory.referral-events"
SERVICE = {"id": "feed-1", "name": "Riverside Singers", "status": "active", "organization": {"id": "r", "name": "R"}}


@dataclass
class Replica:
    """One process of the directory."""

    url: str
    process: "subprocess.Popen[bytes]"
    token: str = field(repr=False)

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {self.token}"}, verify=False) as client:
            return await client.get(f"{self.url}/directory/{path}", timeout=10)

    async def ready(self) -> bool:
        assert self.process.poll() is None, "a replica ended"
        try:
            return (await self.get("health/ready")).is_success
        except httpx.TransportError:
            return False

    async def status(self) -> Mapping[str, Any]:
        """What an operator is shown of this process."""
        status: Mapping[str, Any] = (await self.get("operate/api/status")).raise_for_status().json()
        return status

    def kill(self) -> None:
        """With -9."""
        self.process.kill()
        self.process.wait(30)


@dataclass
class Replicas:
    """The directory's one store and its streams; `ends` stops whatever process is left."""

    engines: Engines
    addresses: Addresses
    prefix: str
    folder: Path
    ends: ExitStack
    said: dict[UUID, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._callers = Callers(self.folder)
        self._contact_key, _ = sealing.new_pair()

    def start(self) -> Replica:
        """One more process, whose log stays in the folder."""
        port = free_port()
        told = {
            "KITH_DATABASE_URL": self.addresses.app_url,
            "KITH_KAFKA": self.engines.kafka,
            "KITH_STREAM_PREFIX": self.prefix,
            "KITH_ISSUER": ISSUER,
            "KITH_JWKS": self._callers.jwks,
            "KITH_COOKIE_KEY": COOKIE_KEY,
            "KITH_CONTACT_PUBLIC_KEY": self._contact_key,
            "PATH": str(Path(sys.executable).parent),
        }
        app = ["--factory", "services.directory.app:create", "--port", str(port), "--no-access-log"]
        output = self.ends.enter_context((self.folder / f"{port}.log").open("wb"))
        command = [sys.executable, "-m", "uvicorn", *app]
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=output, stderr=output)
        self.ends.callback(process.wait, 30)
        self.ends.callback(process.kill)
        return Replica(f"http://127.0.0.1:{port}", process, self._callers.token(Role.OPERATOR))

    async def listed(self) -> UUID:
        """The id of an activity, in the store from the start."""
        store = Store(self.addresses.app_url, "directory")
        try:
            async with store.transaction(system("directory")) as tx:
                await import_activities(tx, read_listings([SERVICE]), now())
            async with store.transaction(system("directory")) as tx:
                (row,) = await tx.rows("SELECT id FROM activity")
        finally:
            await store.close()
        return UUID(str(row["id"]))

    async def ask(self, activity: UUID, places: int) -> None:
        """So many requests for a place are said, each about a referral of its own and overdue at once."""
        producer = AIOKafkaProducer(bootstrap_servers=self.engines.kafka, enable_idempotence=True)
        await producer.start()
        try:
            for _ in range(places):
                prescription, referral = new_id(), new_id()
                value = _prescribed(activity, prescription, referral, f"R{len(self.said):06}").wire()
                topic = REFERRAL_EVENTS.topic(self.prefix)
                await producer.send(topic, value, str(referral).encode(), headers=HEADERS)
                self.said[prescription] = referral
            await producer.flush()
        finally:
            await producer.stop()

    async def shares(self) -> list[int]:
        """How many partitions of its stream each member of the directory's group reads, as the broker says."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.engines.kafka)
        await admin.start()
        try:
            (answer,) = await admin.describe_consumer_groups([self.prefix + GROUP])
        finally:
            await admin.close()
        ((_, _, state, _, _, members, *_),) = answer.groups
        if state != "Stable":
            return []
        return sorted(len(ConsumerProtocolMemberAssignment.decode(member[4]).partitions()) for member in members)

    async def rows(self, sql: str) -> Sequence[Any]:
        """Read from the store, past every process."""
        store = Store(self.addresses.app_url, "directory")
        try:
            async with store.transaction(system("directory")) as tx:
                return await tx.rows(sql)
        finally:
            await store.close()


def _prescribed(activity: UUID, prescription: UUID, referral: UUID, reference: str) -> Event[ActivityPrescribed]:
    said = ActivityPrescribed(
        prescription_id=prescription,
        request_reference=reference,
        activity_id=activity,
        provider_id="r",
        reason_group=ReasonGroup.INTERESTS,
        urgency=Urgency.ROUTINE,
        answer_by=now(),
    )
    return Event[ActivityPrescribed](
        id=new_id(),
        source="referral",
        type=said.type_name(),
        subject=str(referral),
        time=now(),
        key=str(referral),
        sequence=1,
        correlation=str(referral),
        data=said,
    )


async def log_of(engines: Engines, prefix: str, stream: Stream) -> list[Said]:
    """A stream from its beginning to its end, each partition in its order."""
    reader = AIOKafkaConsumer(bootstrap_servers=engines.kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    await reader.start()
    try:
        places = [TopicPartition(stream.topic(prefix), number) for number in range(stream.partitions)]
        reader.assign(places)
        ends, found = await reader.end_offsets(places), list[Said]()
        while any([await reader.position(place) < ends[place] for place in places]):
            for records in (await reader.getmany(timeout_ms=500)).values():
                found += [_said(stream.name, record.key.decode(), record.value) for record in records]
        return found
    finally:
        await reader.stop()


def _said(stream: str, key: str, value: bytes) -> Said:
    head = Head.model_validate_json(value)
    return Said(stream, key, head.subject, head.sequence, str(head.id), head.type)
