"""What a check works with: the learner's object is tried on real parts of its own, made for this one check."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from macae.config import Settings
from macae.workshop.diagnose import NO_AWAIT
from macae.workshop.verdict import NotYet

if TYPE_CHECKING:
    from autogen_core import SingleThreadedAgentRuntime

    from macae import contoso
    from macae.engine import Engine
    from macae.workshop.scripted import ScriptedModel

__all__ = ["TODAY", "Trial"]

T = TypeVar("T")

TODAY = date(2026, 11, 21)
"""The day that checks run on: the same verdict for all, always."""


class FixedSettings(Settings):
    """Settings that no environment variable and no `.env` changes."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given."""
        return (init_settings,)


class Trial:
    """One run of one check. What it opens is closed at its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """A folder for this check alone."""
        self.lines: list[str] = []
        self._open = AsyncExitStack()
        self._companies = 0

    async def close(self) -> None:
        """Let go of everything."""
        await self._open.aclose()

    # Parts ----------------------------------------------------------------------------------------------------------

    def model(self, *replies: Any) -> ScriptedModel:
        """A model client that gives these replies in order, the last one again and again; without any: the offline model.

        A reply is a text, a list of (tool name, arguments), a CreateResult, or a function of (messages, tool names) that
        gives one. `.requests` holds what it was sent, `.calls` how often.
        """
        from macae.llm.offline import OfflineChatCompletionClient
        from macae.workshop.scripted import ScriptedModel

        return ScriptedModel(*replies, inner=OfflineChatCompletionClient())

    @property
    def settings(self) -> Settings:
        """Settings with the defaults, whatever the learner's environment says."""
        return FixedSettings(home=self.folder, step_timeout=20.0, tool_timeout=5.0, model_timeout=10.0)

    @asynccontextmanager
    async def engine(self, **parts: Any) -> AsyncIterator[Engine]:
        """The real engine with a store of its own, on a fixed day, with the offline model unless `model=` is given."""
        from macae.engine import Engine

        given = {"settings": self.settings, "today": TODAY, **parts}
        async with Engine(**given) as engine:
            yield engine

    def company(self) -> contoso.Company:
        """A fresh sample company; its tools act on it inside `with contoso.use(company):`."""
        from macae import contoso

        self._companies += 1
        company = contoso.Company.create(self.folder / f"contoso{self._companies}.db", TODAY)
        self._open.callback(company.close)
        return company

    @asynccontextmanager
    async def runtime(self) -> AsyncIterator[SingleThreadedAgentRuntime]:
        """A bare runtime, started; stopped at the end."""
        from autogen_core import SingleThreadedAgentRuntime

        runtime = SingleThreadedAgentRuntime()
        runtime.start()
        try:
            yield runtime
        finally:
            await asyncio.wait_for(runtime.stop(), 2)

    # Trying ---------------------------------------------------------------------------------------------------------

    async def call(self, thing: Any, *arguments: Any, **named: Any) -> Any:
        """Call the learner's function or class, async or not; a coroutine that comes back unawaited is told as such."""
        value = thing(*arguments, **named)
        if inspect.isawaitable(value):
            value = await value
        if inspect.iscoroutine(value):
            name = value.__qualname__
            value.close()
            raise NotYet("no-await", "a result", f"a coroutine of `{name}` that nobody awaited", NO_AWAIT)
        return value

    async def waits(self, awaitable: Awaitable[T], seconds: float, what: str) -> T:
        """The result of `awaitable`; after so many seconds the check ends and says that `what` did not come."""
        try:
            return await asyncio.wait_for(awaitable, seconds)
        except TimeoutError:
            raise NotYet("too-slow", what, f"nothing of the kind within {seconds:g} seconds") from None

    # Judging --------------------------------------------------------------------------------------------------------

    def expect(self, ok: Any, *, expected: str, seen: Any = "", look: str = "", kind: str = "wrong") -> None:
        """End the check with "not yet" unless `ok`."""
        if not ok:
            self.fail(expected=expected, seen=seen, look=look, kind=kind)

    def fail(self, *, expected: str, seen: Any = "", look: str = "", kind: str = "wrong") -> NoReturn:
        """End the check with "not yet"."""
        raise NotYet(kind, expected, shown(seen), look)

    def proven(self, text: str) -> None:
        """Note what was shown to hold; a line on the card."""
        self.lines.append(text)


def shown(value: Any, longest: int = 400) -> str:
    """What was seen, as text: words as they are, anything else as Python shows it."""
    if value is None:
        return "nothing (`None`)"
    try:
        text = value if isinstance(value, str) else repr(value)
    except Exception as error:  # somebody's own __repr__
        text = f"a {type(value).__name__} that cannot be shown ({type(error).__name__})"
    text = text if text else "an empty text"
    return text if len(text) <= longest else f"{text[:longest]} …"
