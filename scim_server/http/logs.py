"""Logs as lines on standard error, JSON or for people. No header, body, token or address of a person ever enters one.

That holds by structure, at every level: what is named like a secret or looks like one is taken out of each line before
it is written, exceptions show kinds and places only, and JSON escapes what could pass for another line.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from scim_server.protocol.redactions import REDACTED, without_secrets
from scim_server.telemetry.traces import ids

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

SECRET_NAMES = frozenset(
    {
        "assertion",
        "authorization",
        "body",
        "cookie",
        "dsn",
        "headers",
        "key",
        "password",
        "proof",
        "secret",
        "token",
        "url",
        "verifier",
    }
)
"""The last words of names whose values no log may hold, in singular or plural."""

_log = structlog.get_logger("scim_server")


def configure_logging(level: str, form: str = "json", *first: Processor) -> None:
    """Set up structlog, and the log of Flask, at `level` (debug, info, warning, error), in the form json or console.

    What comes `first` may add facts to each line.
    """
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *first, *_processors(form)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
    ours = logging.getLogger("scim_server")
    ours.handlers, ours.propagate = [_Foreign(form)], False
    ours.setLevel(number)


def foreign_formatter(form: str = "json") -> structlog.stdlib.ProcessorFormatter:
    """Writes what others log through the standard library in the form of ours, and as safely."""
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(processors=[remove_meta, *_processors(form)])


def log_uncaught() -> None:
    """From now on exceptions that end this process or one of its threads are logged like all others."""

    def tell(exc_info: Any) -> None:
        _log.critical("uncaught exception", exc_info=exc_info)

    sys.excepthook = lambda *exc_info: tell(exc_info)
    threading.excepthook = lambda args: tell((args.exc_type, args.exc_value, args.exc_traceback))


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Take out what is named like a secret or looks like one, however deep it lies (a processor of structlog)."""
    return {without_secrets(name): _redacted(name, value) for name, value in line.items()}


def _redacted(name: str, value: Any) -> Any:
    if _is_secret(name):
        return REDACTED
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {without_secrets(str(inner)): _redacted(str(inner), held) for inner, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner) for inner in value]
    return value


@lru_cache(1000)
def _is_secret(name: str) -> bool:
    last = name.lower().replace("-", "_").rpartition("_")[2]
    return bool(SECRET_NAMES.intersection({last, last.removesuffix("s")}))


def of_trace(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Say which trace a line belongs to, where one is written (a processor of structlog)."""
    return {**line, **ids()}


def _processors(form: str) -> list[Processor]:
    as_json = structlog.processors.JSONRenderer(serializer=lambda line, **_: _encoder.encode(line))
    return [
        of_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_traceback),
        redact,
        as_json if form == "json" else _for_people,
    ]


def _for_people(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    """Moment, level and event, then the facts: values as they are where they are plain words, as JSON otherwise."""
    first = (str(line.pop(name, "")) for name in ("timestamp", "level", "event"))
    return " ".join([*map(_plain, first), *(f"{_plain(name)}={_plain(value)}" for name, value in line.items())])


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else _encoder.encode(value)
    return text if _PLAIN.fullmatch(text) else _encoder.encode(value)


_PLAIN = re.compile(r"[\x21\x23-\x3c\x3e-\x7e]+")
"""What needs no quotes."""

_encoder = json.JSONEncoder(default=lambda value: f"<{type(value).__name__}>")
"""Writes ASCII. Of an object that is no JSON value it tells only the kind."""


class _Foreign(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever standard error is at the moment."""

    def __init__(self, form: str) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(foreign_formatter(form))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_frames = ExceptionDictTransformer(show_locals=False)


def _traceback(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Kinds and places only: the values of variables and the messages of exceptions can be personal data."""
    return [
        {
            "type": stack["exc_type"],
            "is_cause": stack["is_cause"],
            "at": [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in stack["frames"]],
        }
        for stack in _frames(exc_info)
    ]
