"""Where `in_thread` was before other memories needed it too."""

from __future__ import annotations

from macae.memory.threads import in_thread

__all__ = ["in_thread"]
