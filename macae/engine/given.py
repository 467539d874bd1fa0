"""What a caller gives, looked at before anything is done with it: each refusal says what was wrong and what is asked for."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

from macae.errors import ConfigError, InvalidInput, MacaeError
from macae.models import Plan, Step
from macae.monitoring.words import count

__all__ = [
    "amount",
    "arguments",
    "clean",
    "page",
    "part",
    "plan_given",
    "session_name",
    "step_given",
    "who",
    "words",
    "words_or_none",
]

MAX_WORDS = 20_000
"""Characters of a goal, an answer, an action, a note."""
MAX_NAME = 200
"""Characters of a user's id."""
SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
JOINERS = "\u200c\u200d"
"""Zero-width joiners: Persian and many emoji are wrong without them."""
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Control and format characters, halves of characters: what a person cannot see, or what turns the line's direction."""


def clean(text: str) -> str:
    """The text without characters that nobody sees; every kind of line end is a line feed."""
    whole = "\n".join(text.splitlines())
    if whole.isascii() and whole.isprintable():
        return whole.strip()
    kept = (c for c in whole if c in "\n\t" or c in JOINERS or unicodedata.category(c) not in UNSEEN)
    return "".join(kept).strip()


def words(
    text: Any, what: str, hint: str = 'Say in a sentence what is to be done, e.g. "Order 5 laptops".'
) -> str:
    """A person's words, cleaned. Raises InvalidInput when they are none, say nothing, or are endless."""
    said = words_or_none(text, what) if text is not None else None
    if text is None:
        raise InvalidInput(f"The {what} must be text, not None.")
    if said is None or not any(c.isalnum() for c in said):
        raise InvalidInput(f"The {what} is empty. {hint}")
    return said


def words_or_none(text: Any, what: str) -> str | None:
    """Words that may be left out; None when nothing is left of them. Raises InvalidInput."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidInput(f"The {what} must be text, not {type(text).__name__}.")
    if len(text) > MAX_WORDS:
        raise InvalidInput(
            f"The {what} has {len(text):,} characters; {MAX_WORDS:,} are the most. Shorten it."
        )
    return clean(text) or None


def who(user: Any, what: str = "user id") -> str:
    """A person's id. Raises InvalidInput when it is none."""
    if not isinstance(user, str):
        raise InvalidInput(f"The {what} must be text, not {type(user).__name__}.")
    if not user.strip() or len(user) > MAX_NAME or clean(user) != user or len(user.splitlines()) > 1:
        raise InvalidInput(
            f"The {what} {user[:40]!r} cannot be used: give up to {MAX_NAME} visible characters on one line."
        )
    return user


def session_name(session_id: Any) -> str:
    """The id of a session to be made or taken up. Raises InvalidInput."""
    if not isinstance(session_id, str):
        raise InvalidInput(f"The session id must be text, not {type(session_id).__name__}.")
    if not SESSION_ID.fullmatch(session_id):
        cut = session_id[:40] + "…" * (len(session_id) > 40)
        raise InvalidInput(
            f"The session id {cut!r} cannot be used ({count(len(session_id), 'character')}): it begins with a letter or digit, "
            "goes on with letters, digits and . _ : @ - only, and has at most 100 characters."
        )
    return session_id


def step_given(step: Any) -> Step | str:
    """A step or its id. Raises InvalidInput for anything else."""
    if isinstance(step, Step | str):
        return step
    hint = " That is a plan: take one of plan.steps." if isinstance(step, Plan) else ""
    raise InvalidInput(f"Give a step or its id, not {type(step).__name__}.{hint}")


def plan_given(plan: Any) -> Plan | str:
    """A plan or its id. Raises InvalidInput for anything else."""
    if isinstance(plan, Plan | str):
        return plan
    hint = " That is a step: its plan is step.plan_id." if isinstance(plan, Step) else ""
    raise InvalidInput(f"Give a plan or its id, not {type(plan).__name__}.{hint}")


def arguments(values: Any, function: Any) -> dict[str, Any]:
    """The arguments of a call, by name. Raises InvalidInput."""
    if function is not None and not isinstance(function, str):
        raise InvalidInput(f"The function must be a name, not {type(function).__name__}.")
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise InvalidInput('The arguments must be a dictionary by name, such as {"quantity": 5}.')
    return values


def page(limit: Any, before: Any) -> None:
    """Which page of a list is wanted. Raises InvalidInput."""
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= 1_000:
        raise InvalidInput(f"A page holds from 1 to 1,000 sessions, not {limit!r:.40}.")
    if before is not None and not isinstance(before, str):
        raise InvalidInput(f"`before` is the `next` of the page before, a text, not {type(before).__name__}.")


def amount(value: Any, what: str) -> float:
    """A number from 0 up. Raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise InvalidInput(f"{what} must be a number from 0 up, not {value!r:.40}.")
    return value


def part(name: str, value: Any, fits: bool, wanted: str, kind: type[MacaeError] = ConfigError) -> None:
    """One of the engine's parts. Raises `kind`: a part that does not fit would fail later, with an error that names nothing."""
    if value is not None and not fits:
        raise kind(f"Engine({name}=…) must be {wanted}, not {type(value).__name__}.")
