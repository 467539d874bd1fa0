"""What this kernel knows of its learner: the challenge that was begun, the exercise checked last, and cells that did not run."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Here", "here", "watch_cells"]

DEFINES = re.compile(r"(?m)^(?:async\s+def|def|class)\s+(\w+)")


@dataclass
class Here:
    """One kernel."""

    challenge: int | None = None
    exercise: str | None = None
    failed: dict[str, str] = field(default_factory=dict)
    """By name: why the newest cell that was to define it did not; what stands under the name is older."""
    before: dict[str, Any] = field(default_factory=dict)
    shell: Any = None

    def starts(self, info: Any) -> None:
        """A cell is about to run."""
        self.before = {name: self.shell.user_ns.get(name) for name in DEFINES.findall(info.raw_cell or "")}

    def ended(self, result: Any) -> None:
        """A cell has ended."""
        error = result.error_before_exec or result.error_in_exec
        for name, old in self.before.items():
            if error is not None and self.shell.user_ns.get(name) is old:
                self.failed[name] = f"{type(error).__name__}: {error}"
            else:
                self.failed.pop(name, None)


_here = Here()


def here() -> Here:
    """This kernel's."""
    return _here


def watch_cells() -> None:
    """Notice from now on which cells fail; outside IPython there are none."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    if running is None or running is _here.shell:
        return
    _here.shell = running
    running.events.register("pre_run_cell", _here.starts)
    running.events.register("post_run_cell", _here.ended)
