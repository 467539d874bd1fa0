"""Functions that are called without `await`."""

from __future__ import annotations

import inspect
from typing import Any

from macae.workshop.trial import Trial

__all__ = ["at_once"]


def at_once(attempt: Any, trial: Trial, *arguments: Any) -> Any:
    """What the learner's function gives when it is called as the notebook calls it, without `await`."""
    made = attempt(*arguments)
    if inspect.isawaitable(made):
        if inspect.iscoroutine(made):
            made.close()
        trial.fail(
            expected=f"`def {attempt.__name__}(…)`, which gives its result at once",
            seen=f"`async def {attempt.__name__}(…)`: its caller gets a coroutine",
            look="There is nothing to wait for in it. The cells below call it without `await`: leave the `async` out.",
            kind="async-def",
        )
    return made
