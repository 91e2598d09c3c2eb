"""Logs as JSON lines on standard error. No header, body, token or address of a person ever enters one."""

import logging
import sys
from types import TracebackType
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logging(level: str) -> None:
    """Set up structlog at `level` (debug, info, warning, error)."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_traceback),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


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
