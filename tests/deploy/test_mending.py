"""The `kith` command and a real network: a poison event is found, understood and mended as the read-me says."""

import asyncio
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from deploy.databases import SERVICES
from deploy.embedded.handover import Handover
from shared.events.referral import ReferralCreated
from shared.events.snapshots import example
from shared.runtime.ids import new_id
from tests.engines import Databases, Engines, remove_topics
from tests.system.embedded import handover, hosted
from tests.waiting import eventually

README = Path(__file__).resolve().parents[2] / "deploy" / "README.md"
COMMANDS = re.findall(r"^\.venv/bin/kith ([^#\n]+)", README.read_text().partition("## Watching and mending")[2], re.M)


@dataclass(frozen=True)
class Running:
    """An empty network."""

    given: Handover

    def kith(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--url", self.given.base_url])

    def said(self, *words: str) -> Any:
        return json.loads(self.kith(*words, "--json").stdout)

    def says(self, **data: Any) -> None:
        """Put a referral-created on its stream, as if referral had said it."""
        event = json.loads(example(ReferralCreated))
        event |= {"id": str(new_id()), "subject": str(new_id()), "partitionkey": str(new_id())}
        event["data"] |= data
        asyncio.run(self._send(event["partitionkey"].encode(), json.dumps(event).encode()))

    async def _send(self, key: bytes, value: bytes) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.given.kafka, acks="all")
        await producer.start()
        await producer.send_and_wait(f"{self.given.stream_prefix}referral-events", value, key=key)
        await producer.stop()

    def rename(self, old: str, new: str) -> None:
        """What a bad release does to reporting's store, and a good one after it."""
        asyncio.run(self._execute(f"ALTER TABLE referral RENAME COLUMN {old} TO {new}"))

    async def _execute(self, sql: str) -> None:
        connection = await asyncpg.connect(self.given.stores["reporting"].owner_url.replace("+asyncpg", ""))
        await connection.execute(sql)
        await connection.close()

    def parked(self) -> list[Any]:
        found: list[Any] = self.said("parked", "list", "--service", "reporting")
        return [event for event in found if event["state"] == "parked"]


@pytest.fixture(scope="module")
def network(engines: Engines, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    prefix, stores = f"m{uuid4().hex[:8]}.", {name: asyncio.run(databases.fresh(name)) for name in SERVICES}
    given = handover(tmp_path_factory.mktemp("mending"), engines, stores, prefix)
    with pytest.MonkeyPatch.context() as told:
        told.setenv("KITH_RETRY_SECONDS", "[0.1]")
        with hosted(given, "--empty"):
            yield Running(given)
    asyncio.run(remove_topics(engines.kafka, prefix))
    for addresses in stores.values():
        asyncio.run(databases.drop(addresses))


def test_poison_is_found_understood_and_mended_with_the_commands_of_the_read_me(network: Running) -> None:
    network.rename("reason_group", "no_group")
    network.says()
    eventually(lambda: len(network.parked()) == 1, "reporting could not act on it")
    network.says(reason_group="Ana Example", route=None)
    eventually(lambda: len(network.parked()) == 2, "reporting could not read it")
    network.rename("no_group", "reason_group")
    assert "2 events are parked" in network.kith("status").stdout
    shown = network.kith("parked", "show", "reporting", "2").stdout
    assert "data.reason_group" in shown
    assert "Ana Example" not in shown
    results = [(words, network.kith(*shlex.split(words))) for words in COMMANDS]
    assert [(words, result.output) for words, result in results if result.exit_code] == []
    assert len(results) >= 7
    assert network.parked() == [], "what was discarded stays so in the projection that was made anew"


def test_trying_again_what_is_still_broken_ends_with_one_and_says_so(network: Running) -> None:
    network.says(route=None)
    (event,) = eventually(network.parked, "reporting could not read it")
    again = network.kith("parked", "redrive", "reporting", str(event["id"]))
    assert (again.exit_code, "failed again: Unreadable" in again.stderr) == (1, True)


def test_a_window_is_sent_again_to_its_end(network: Running) -> None:
    window = ("stream", "republish", "--stream", "network-events", "--since", "2026-01-01")
    assert network.said(*window, "--dry-run")["total"] == 0
    sent = network.kith(*window)
    assert (sent.exit_code, "referral: sent again" in sent.stdout) == (0, True)


def test_json_is_what_the_network_said_of_one_service_or_of_each(network: Running) -> None:
    one, all_four = network.said("status", "--service", "reporting"), network.said("status")
    assert set(all_four) == set(SERVICES)
    assert set(one) == set(all_four["reporting"]) >= {"ready", "troubles", "to_mend", "streams", "parked"}
    streams = network.said("stream", "list", "--service", "reporting")
    assert [stream["stream"] for stream in streams] == [stream["stream"] for stream in one["streams"]]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("parked", "show", "reporting", "999"), 1, "It is not put aside any more."),
        (("parked", "discard", "reporting", "999", "--reason", "x"), 1, "reason:"),
        (
            ("stream", "republish", "--service", "reporting", "--stream", "referral-events"),
            1,
            "reporting sends nothing",
        ),
        (("parked", "show", "nowhere", "1"), 2, "nowhere"),
        (("parked", "discard", "reporting", "1"), 2, "--reason"),
        (("stream", "republish"), 2, "--since"),
        (("stream", "republish", "--since", "yesterday"), 2, "yesterday"),
    ],
)
def test_no_ends_with_one_and_wrong_usage_with_two(
    network: Running, words: tuple[str, ...], code: int, said: str
) -> None:
    result = network.kith(*words)
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
