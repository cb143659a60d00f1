"""Logs: one line an event, with ids and never a person's details."""

import logging
import sys
import traceback
from contextlib import suppress

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from shared.runtime.settings import Settings


class _Lines(structlog.WriteLogger):
    """Writes to the standard error; bears a module's name."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr)
        self.name = name

    def msg(self, message: str) -> None:
        """What cannot be written (a full disk, a reader that is gone) is lost, and nobody's trouble."""
        with suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


def _loud_enough(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """As the standard library's loggers: a test that looks at lines sees them before this."""
    if not logging.root.isEnabledFor(logging.getLevelNamesMapping()[level.upper()]):
        raise structlog.DropEvent
    return event


def _class_and_frames(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its class and places: its text can quote a row, so it is never written."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else sys.exc_info()[1]
    if info and error:
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-6:]]
    return event


def _json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def configure(settings: Settings) -> None:
    """JSON lines for machines, or aligned colour on a terminal; the standard library's loggers write the same lines.

    Ours do not go through them: a line would cost three times as much.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    writer: Processor = _json if settings.json_logs else structlog.dev.ConsoleRenderer()
    renderer = [_class_and_frames, writer]
    structlog.configure(
        processors=[_loud_enough, *shared, *renderer],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    for chatty in ("aiokafka", "httpx", "uvicorn.access", "alembic", "mail.log", "faststream"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def logger(name: str) -> FilteringBoundLogger:
    """A logger bound to a module's name."""
    bound: FilteringBoundLogger = structlog.get_logger(name)
    return bound
