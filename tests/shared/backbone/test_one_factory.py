"""Brokers, subscribers and producers are made in one place each, where the defaults that lose data are changed."""

import ast
from pathlib import Path

import pytest
from faststream.kafka import KafkaBroker

from shared.backbone.broker import make_broker

ROOT = Path(__file__).resolve().parents[3]
MAKERS = {
    "KafkaBroker": "shared/backbone/broker.py",
    "subscriber": "shared/backbone/broker.py",
    "AIOKafkaProducer": "shared/backbone/producer.py",
    "AIOKafkaConsumer": None,
    "publisher": None,
    "publish_batch": None,
}


def calls(tree: ast.AST) -> set[str]:
    """The names of everything that is called."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        func.attr if isinstance(func, ast.Attribute) else func.id
        for func in called
        if isinstance(func, (ast.Attribute, ast.Name))
    }


@pytest.mark.parametrize("name", MAKERS)
def test_it_is_made_in_one_place_alone(name: str) -> None:
    files = [path for room in ("services", "shared") for path in (ROOT / room).rglob("*.py")]
    found = [path.relative_to(ROOT).as_posix() for path in files if name in calls(ast.parse(path.read_text()))]
    assert found == [place for place in (MAKERS[name],) if place]


def test_a_broker_changes_the_defaults_that_lose_data() -> None:
    broker = make_broker("127.0.0.1:1", "reporting")
    assert isinstance(broker, KafkaBroker)
    assert broker.config.broker_config.allow_auto_create_topics is False
    assert broker.config.broker_config.consumer_only is True
