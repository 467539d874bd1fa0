"""Every error that the package raises on purpose.

    MacaeError
    ├── ConfigError            a setting is missing or wrong
    ├── InvalidInput           what the caller gave cannot be used (an empty goal, an unknown column, …)
    ├── NotFound               no such session, plan, step or agent, or it is another user's
    ├── Conflict               somebody else changed it first; `.current` is the state now
    ├── NotAllowed             the engine's rules forbid it (no approval, wrong status)
    ├── TeamError              a team, an agent or a tool is declared wrongly
    ├── ToolRefused            a tool says no, with the reason (raised by tools; the model reads it)
    ├── PlanError              the planner's answer is no usable plan, also after the repair round
    ├── StoreError             the store cannot be reached, read or written; nothing was changed
    ├── LimitReached           a time, token or money limit stopped the work
    ├── CheckFailed            an exercise's check did not pass (raised to the learner only in strict mode)
    └── ModelError             a model call failed
        ├── ModelAuthError         wrong key, or none
        ├── ModelNotFound          unknown model or deployment
        ├── ModelUnavailable       no network, dead or failing server, time-out
        ├── ModelRateLimited       429; `.retry_after` in seconds where the server said so
        ├── ModelFiltered          the content filter stopped it
        └── ModelBadReply          empty, refused or malformed where structure was asked for

An error's text is one or two sentences: what was wrong, with the name of the step, agent, tool or setting; and what to do.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CheckFailed",
    "ConfigError",
    "Conflict",
    "InvalidInput",
    "LimitReached",
    "MacaeError",
    "ModelAuthError",
    "ModelBadReply",
    "ModelError",
    "ModelFiltered",
    "ModelNotFound",
    "ModelRateLimited",
    "ModelUnavailable",
    "NotAllowed",
    "NotFound",
    "PlanError",
    "StoreError",
    "TeamError",
    "ToolRefused",
]


class MacaeError(Exception):
    """The base of all errors here: catch it to catch every one that the package raises on purpose."""


class ConfigError(MacaeError):
    """A setting is missing or wrong; the text names the variable to set."""


class InvalidInput(MacaeError, ValueError):
    """What the caller gave cannot be used; nothing was changed."""


class NotFound(MacaeError, LookupError):
    """No such session, plan, step or agent for this user."""


class Conflict(MacaeError):
    """Somebody else changed the object first. `current` holds it as it is now."""

    def __init__(self, text: str, current: Any = None) -> None:
        super().__init__(text)
        self.current = current


class NotAllowed(MacaeError):
    """The engine's rules forbid it now; the text says what would be allowed."""


class TeamError(MacaeError):
    """A team, an agent or a tool is declared wrongly; the text names it and the mend."""


class ToolRefused(MacaeError):
    """A tool says no, with the reason: raise it in a tool when what is asked is impossible."""


class PlanError(MacaeError):
    """The planner's answer is no usable plan, also after its repair round."""


class StoreError(MacaeError):
    """The store cannot be reached, read or written. A write that raised this was not made, unless the text says that it is not
    known (a connection to Cosmos DB broke, and could not be made again in time)."""


class LimitReached(MacaeError):
    """A time, token or money limit stopped the work."""


class CheckFailed(MacaeError):
    """An exercise's check did not pass; the text says what was expected, what was seen, and where to look."""


class ModelError(MacaeError):
    """A model call failed; the text says what to check or set. `usage` is what it used all the same, where that is known.

    `sent` is False where no server can have got the request, not in any of its tries: it has cost nothing.
    """

    usage: Any = None
    sent: bool = True


class ModelAuthError(ModelError):
    """The key is wrong, missing, or lacks the right to this model."""


class ModelNotFound(ModelError):
    """The server knows no such model or deployment."""


class ModelUnavailable(ModelError):
    """The server cannot be reached, fails, or does not answer in time."""


class ModelRateLimited(ModelError):
    """The server asks to slow down. `retry_after` is in seconds, None where the server did not say."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class ModelFiltered(ModelError):
    """The provider's content filter stopped the prompt or the reply."""


class ModelBadReply(ModelError):
    """The reply is empty, a refusal, or not of the structure that was asked for. `reply` is its text, where there was one."""

    def __init__(self, text: str, reply: str | None = None) -> None:
        super().__init__(text)
        self.reply = reply
