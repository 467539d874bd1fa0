"""AutoGen's runtime without its own spans."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from autogen_core import SingleThreadedAgentRuntime
from opentelemetry.trace import NoOpTracerProvider

__all__ = ["QuietRuntime"]


class NoSpans:
    """Stands where the runtime keeps its tracer."""

    def trace_block(self, *arguments: Any, **more: Any) -> AbstractContextManager[None]:
        """No span."""
        return nullcontext()


class QuietRuntime(SingleThreadedAgentRuntime):
    """Makes no spans of its own: they would hold the full text of every message, some 250 a run.

    A no-op tracer provider alone still costs a fifth of a step. This reaches into autogen-core, which is pinned exactly.
    """

    def __init__(self) -> None:
        super().__init__(tracer_provider=NoOpTracerProvider())
        self._tracer_helper: Any = NoSpans()

    async def _create_otel_attributes(self, *arguments: Any, **more: Any) -> Mapping[str, str]:
        return {}
