"""Logs as JSON lines on standard error. No header, body, token or address of a person ever enters one."""

import logging
import sys

import structlog


def configure_logging(level: str) -> None:
    """Set up structlog at `level` (debug, info, warning, error)."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
