"""Silence for the threads that send: what goes wrong there is counted and told by the sink, not written again and again."""

from __future__ import annotations

import logging
import threading

__all__ = ["hush"]

LOUD = ("opentelemetry", "azure", "urllib3", "requests")
_silent: set[int] = set()


class _NotFromSenders(logging.Filter):
    """Drops what a sending thread logs. Everybody else is heard as before."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is kept."""
        return record.thread not in _silent


_filter = _NotFromSenders()


def hush() -> None:
    """Silence the exporters' loggers for the calling thread. Their messages may also hold headers and addresses."""
    _silent.add(threading.get_ident())
    for name, logger in list(logging.Logger.manager.loggerDict.items()):
        if name.partition(".")[0] in LOUD and isinstance(logger, logging.Logger):
            logger.addFilter(_filter)  # adds it once


def speak() -> None:
    """The thread ends; another may get its number."""
    _silent.discard(threading.get_ident())
