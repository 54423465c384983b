"""Hands what a program logs with `logging` to a log producer; used by log_producer.py."""

import asyncio
import datetime
import logging
from typing import Any

#: The protocol has four levels, by the least number that Python gives them; programs may have levels of their own between.
LEVELS = ((logging.ERROR, "ERROR"), (logging.WARNING, "WARN"), (logging.INFO, "INFO"))


class LogHandler(logging.Handler):
    """Add it to any logger: `logging.getLogger().addHandler(LogHandler(producer, loop))`."""

    def __init__(self, producer: Any, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._producer = producer
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        written = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        entry = {
            "timestamp": written.isoformat(timespec="milliseconds"),
            "level": next((name for least, name in LEVELS if record.levelno >= least), "DEBUG"),
            "target": record.name,
            "message": record.getMessage(),
            "fields": {"thread": record.threadName, "line": record.lineno},
        }
        self._loop.call_soon_threadsafe(self._producer.send, entry)
