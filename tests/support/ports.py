"""A port that nothing listens on."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of its own for each test: they run side by side, and a taken port may be talked about."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
