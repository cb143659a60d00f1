"""A line of the log is found by its ids and says nothing of anybody, for a machine and on a terminal."""

import json
import logging
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from shared.runtime.logs import configure, logger
from shared.runtime.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    line: dict[str, object] = json.loads(capsys.readouterr().err)
    return line


def test_a_line_is_json_with_its_moment_and_the_ids_it_was_bound_to(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(json_logs=True))
    with bound_contextvars(correlation="visit-1"):
        logger("kith.test").info("case-opened", referral="0199")
    line = written(capsys)
    assert {name: line[name] for name in ("event", "level", "logger", "correlation", "referral")} == {
        "event": "case-opened",
        "level": "info",
        "logger": "kith.test",
        "correlation": "visit-1",
        "referral": "0199",
    }
    assert str(line["timestamp"]).endswith("Z")


def test_what_is_less_than_was_asked_for_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_level="WARNING"))
    logger("kith.test").info("case-opened", referral="0199")
    assert capsys.readouterr().err == ""
    logger("kith.test").warning("case-late")
    assert written(capsys)["event"] == "case-late"


def test_libraries_speak_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(json_logs=True))
    logging.getLogger("some.library").warning("%s is slow", "it")
    assert (written(capsys)["event"]) == "it is slow"


def test_of_an_exception_its_class_and_places_are_written_and_never_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(Settings(json_logs=True))
    try:
        raise ValueError("Rosa Okafor, 999 000 0018")
    except ValueError:
        logger("kith.test").error("request_failed", exc_info=True)
    line = written(capsys)
    assert line["error"] == "ValueError"
    assert "test_logs.py" in str(line["at"])
    assert "Rosa" not in json.dumps(line)


def test_on_a_terminal_a_line_reads_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(json_logs=False))
    logger("kith.test").info("case-opened", referral="0199")
    said = capsys.readouterr().err
    assert "case-opened" in said
    assert not said.startswith("{")


@pytest.mark.parametrize(
    "trouble", [OSError(28, "No space left on device"), ValueError("I/O operation on closed file")]
)
def test_a_line_that_cannot_be_written_is_lost_and_nobodys_trouble(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    full = Mock(write=Mock(side_effect=trouble))
    monkeypatch.setattr("sys.stderr", full)
    configure(Settings(json_logs=True))
    for level in ("info", "warning", "error", "critical"):
        getattr(logger("kith.test"), level)("case-opened", referral="0199")
    assert full.write.called
