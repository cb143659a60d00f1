"""Makes the catalogue's streams on a broker: `python -m shared.backbone.topics`. No topic comes about otherwise."""

import asyncio
from collections.abc import Collection, Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, TopicAlreadyExistsError, for_code

from shared.events.streams import DAY_MS, STREAMS, Stream
from shared.runtime.settings import Settings

VISIBLE_S = 20.0
TOMBSTONE_DAYS = 30  # how long a reader may be away and still learn that something was erased


class WrongTopic(Exception):
    """A topic is there with another number of partitions, which would put keys in other places."""


async def make_topics(
    kafka: str, prefix: str = "", *, replication: int = 1, streams: Collection[Stream] = STREAMS
) -> list[str]:
    """Make what is missing and bring the rest to the catalogue's settings; returns the names made.

    With three copies, two must be in sync.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, client_id="kith-topics")
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [stream for stream in streams if stream.topic(prefix) not in there]
        made = await _make(admin, [_as_topic(stream, prefix, replication) for stream in missing])
        copies = await _check(admin, {stream.topic(prefix): stream.partitions for stream in streams})
        topics = {stream.topic(prefix): stream for stream in streams}
        await _set(admin, {topic: settings_of(stream, copies[topic]) for topic, stream in topics.items()})
        await _ready_for_readers(admin)
        return made
    finally:
        await admin.close()


def settings_of(stream: Stream, replication: int) -> dict[str, str]:
    """A stream's topic settings on the broker.

    The broker stamps the records: by a writer's clock that went wrong it would refuse them, or delete them at once.
    """
    common = {"min.insync.replicas": "2" if replication > 2 else "1", "message.timestamp.type": "LogAppendTime"}
    if stream.days is None:
        return {**common, "cleanup.policy": "compact", "delete.retention.ms": str(TOMBSTONE_DAYS * DAY_MS)}
    return {**common, "cleanup.policy": "delete", "retention.ms": str(stream.days * DAY_MS)}


def _as_topic(stream: Stream, prefix: str, replication: int) -> NewTopic:
    configs = settings_of(stream, replication)
    return NewTopic(stream.topic(prefix), stream.partitions, replication, topic_configs=configs)


async def _make(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> list[str]:
    """The names made; one that somebody else made meanwhile is not among them."""
    made: list[str] = []
    answer = await admin.create_topics(topics) if topics else None
    for name, code, *_ in answer.topic_errors if answer else ():
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(name)
        made += [] if code else [name]
    return made


async def _check(admin: AIOKafkaAdminClient, wanted: Mapping[str, int]) -> dict[str, int]:
    """All are there with the right number of partitions; how many copies each has, whatever is asked of new ones.

    A broker takes a moment to say so of those just made.
    """
    copies = {}
    async with asyncio.timeout(VISIBLE_S):
        while not set(wanted) <= set(await admin.list_topics()):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.1)
    for topic in await admin.describe_topics(list(wanted)):
        found = len(topic["partitions"])
        if found != wanted[topic["topic"]]:
            raise WrongTopic(f"{topic['topic']} has {found} partitions and should have {wanted[topic['topic']]}")
        copies[topic["topic"]] = min(len(partition["replicas"]) for partition in topic["partitions"])
    return copies


async def _set(admin: AIOKafkaAdminClient, wanted: Mapping[str, dict[str, str]]) -> None:
    """Whatever else was set by hand is taken back."""
    topics = [ConfigResource(ConfigResourceType.TOPIC, name, settings) for name, settings in wanted.items()]
    for answer in await admin.alter_configs(topics) if topics else ():
        for code, said, *_ in answer.resources:
            if code:
                raise for_code(code)(said)


async def _ready_for_readers(admin: AIOKafkaAdminClient) -> None:
    """A new broker makes what it keeps readers' places in when first asked; until then every reader complains."""
    async with asyncio.timeout(VISIBLE_S):
        while True:
            try:
                await admin.find_coordinator("kith")
                return
            except GroupCoordinatorNotAvailableError:
                await asyncio.sleep(0.1)


def main() -> None:
    """The one-shot beside the migrations."""
    settings = Settings()
    made = asyncio.run(make_topics(settings.kafka, settings.stream_prefix, replication=settings.replication))
    print(f"{len(made)} streams made, {len(STREAMS) - len(made)} were there.")  # noqa: T201 - said to who ran it


if __name__ == "__main__":
    main()
