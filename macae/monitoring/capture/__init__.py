"""Capturing what agents do without naming any: a model client around theirs, their AgentChat stream, their memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.capture.client import ModelCall, ObservedClient, Observer
    from macae.monitoring.capture.knowledge import ObservedKnowledge
    from macae.monitoring.capture.memory import ObservedMemory
    from macae.monitoring.capture.stream import observed_stream

__all__ = [
    "ModelCall",
    "ObservedClient",
    "ObservedKnowledge",
    "ObservedMemory",
    "Observer",
    "observed_stream",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ModelCall": "macae.monitoring.capture.client",
        "ObservedClient": "macae.monitoring.capture.client",
        "Observer": "macae.monitoring.capture.client",
        "ObservedKnowledge": "macae.monitoring.capture.knowledge",
        "ObservedMemory": "macae.monitoring.capture.memory",
        "observed_stream": "macae.monitoring.capture.stream",
    },
)
