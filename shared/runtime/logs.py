"""Logs: one line an event, with ids and never a person's details."""

import logging
import sys
import traceback

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.runtime.settings import Settings


def _class_and_frames(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its class and places: its text can quote a row, so it is never written."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else sys.exc_info()[1]
    if info and error:
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-6:]]
    return event


def configure(settings: Settings) -> None:
    """JSON lines for machines, or aligned colour on a terminal; the standard library's loggers go the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    writer: Processor = structlog.processors.JSONRenderer() if settings.json_logs else structlog.dev.ConsoleRenderer()
    renderer = [_class_and_frames, writer]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
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


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger bound to a module's name."""
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
