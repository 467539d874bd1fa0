"""One company: a SQLite file with everything that the tools read and change."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any


class Company:
    """One copy of the sample company."""

    path: Path
    db: sqlite3.Connection
    lock: threading.RLock

    def effect(self, key: str) -> dict[str, Any] | None:
        """The stored effect."""
        raise NotImplementedError


def current() -> Company:
    """The company in use."""
    raise NotImplementedError
