"""Monitors that draw as often as they can: tests do not wait for the pause between two pictures."""

from __future__ import annotations

import pytest

from macae.ui.monitor import cells, following, frames


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between pictures, and none to speak of between looks into the store."""
    monkeypatch.setattr(frames, "PAUSE", 0.01)
    monkeypatch.setattr(frames, "SHARE", 0.0)
    monkeypatch.setattr(following, "POLL", 0.1)
    monkeypatch.setattr(cells, "_made", {})
