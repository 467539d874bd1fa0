"""From the command's options to a running engine, and how to come back to what it did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from macae.cli.hints import hint
from macae.config import Settings, load_settings

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["Place", "command", "opened"]


@dataclass(frozen=True)
class Place:
    """Where to work, and as whom: `--home` and `--user`; None leaves it to the settings."""

    home: Path | None = None
    user: str | None = None

    def settings(self) -> Settings:
        """The settings with these options. Raises ConfigError."""
        given = {"home": self.home, "user": self.user}
        return load_settings(**{name: value for name, value in given.items() if value is not None})

    def engine(self, settings: Settings | None = None, team: Path | None = None) -> Engine:
        """An engine that is not started yet. Raises ConfigError, TeamError."""
        from macae.engine import Engine

        return Engine(settings=settings or self.settings(), team=team)

    @property
    def words(self) -> list[str]:
        """The options as they are written."""
        home = ["--home", str(self.home)] if self.home is not None else []
        return [*home, *(["--user", self.user] if self.user is not None else [])]


@asynccontextmanager
async def opened(engine: Engine) -> AsyncIterator[Engine]:
    """The engine, started. Left by an error or Ctrl+C it stops at once; what was stopped is asked about when it is resumed."""
    try:
        await engine.start()
        yield engine
    except BaseException:
        await engine.close(0)
        raise
    await engine.close()


def command(place: Place, *words: str) -> str:
    """The command line that does something at this place, for people to copy."""
    return hint(*words, *place.words)
