"""Settings that cannot be, and parts that do not fit."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from autogen_core import MessageContext, RoutedAgent, message_handler

from macae import Engine
from macae.config import load_settings
from macae.errors import ConfigError, InvalidInput, PlanError, TeamError
from macae.models import InputTask
from tests.badinput.rig import GOAL, NOTHING, Rig
from tests.badinput.table import Row, row


def setting(variable: str, value: str, says: str) -> Row:
    async def deed(rig: Rig) -> None:
        os.environ[variable] = value
        try:
            load_settings()
        finally:
            del os.environ[variable]

    return row(f"{variable}={value}", deed, ConfigError, ("These settings cannot be used.", f"{variable}: {says}"), NOTHING)  # fmt: skip


def part(gave: str, says: str, error: type[Exception] = ConfigError, **parts: Any) -> Row:
    async def deed(rig: Rig) -> None:
        Engine(**parts)

    return row(gave, deed, error, says, NOTHING)


def own(gave: str, says: str, kept: Any = NOTHING, error: type[Exception] = TeamError, **parts: Any) -> Row:
    async def deed(rig: Rig) -> None:
        await rig.engine(**parts).submit("Bake")

    return row(gave, deed, error, says, kept)


def env_file(gave: str, content: bytes, says: str | tuple[str, ...]) -> Row:
    async def deed(rig: Rig) -> None:
        (rig.home / ".env").write_bytes(content)
        here = os.getcwd()  # noqa: PTH109
        os.chdir(rig.home)
        try:
            load_settings()
        finally:
            os.chdir(here)

    return row(gave, deed, ConfigError, says, NOTHING)


class Deaf(RoutedAgent):
    """Handles nothing."""

    def __init__(self, context: Any) -> None:
        super().__init__("deaf")


def answering_with(value: Any) -> Callable[[Any], Any]:
    """A planner that answers with this."""

    class Odd(RoutedAgent):
        def __init__(self, context: Any) -> None:
            super().__init__("odd")

        @message_handler
        async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> Any:
            return value

    return Odd


ROWS = [
    setting("MACAE_MAX_STEPS", "0", "Input should be greater than or equal to 1"),
    setting("MACAE_MAX_STEPS", "many", "Input should be a valid integer"),
    setting("MACAE_TOOL_TIMEOUT", "-1", "Input should be greater than 0"),
    setting("MACAE_PROVIDER", "skynet", "Input should be 'offline', 'openai' or 'azure'"),
    setting("MACAE_AUTO_APPROVE", "perhaps", "Input should be a valid boolean"),
    setting("MACAE_PLAN_USD", "nan", "Input should be greater than 0"),
    env_file("an .env file that is no text", b"MACAE_MODEL=\xff\xfe\x00", ("The file .env in", "cannot be read as UTF-8 text")),
    env_file("an .env file with a wrong value", b"MACAE_MODEL_RETRIES=99\n", "MACAE_MODEL_RETRIES: Input should be less than or equal to 10"),
    part("a dictionary for settings", "Engine(settings=…) must be a Settings: load_settings(…), not dict.", settings={}),
    part("a name for a model client", "Engine(model=…) must be a ChatCompletionClient; set MACAE_MODEL for a name, not str.", model="gpt-4o"),
    part("a path for a store", "Engine(store=…) must be a Store, such as SQLiteStore(path), not str.", store="macae.db"),
    part("a list for a team", "Engine(team=…) must be a Team or a team file, not list.", TeamError, team=[]),
    part("a number for a company", "Engine(company=…) must be a contoso.Company or its file, not int.", company=7),
    part("words for a day", "Engine(today=…) must be a date, or a function that gives one, not str.", today="tomorrow"),
    part("a number for a user", "The user id must be text, not int.", InvalidInput, user_id=7),
    part("a user's id with a line end", "The user id 'eve\\nlocal' cannot be used: give up to 200 visible characters on one line.", InvalidInput, user_id="eve\nlocal"),
    part("half a character for a user", "cannot be used: give up to 200 visible characters on one line.", InvalidInput, user_id="\ud800"),
    own("a number for a planner", "planner could not be built: TypeError", planner=7),
    own("a planner that handles nothing", "planner has no handler for InputTask.", planner=Deaf),
    own("a manager that handles nothing", "manager has no handler for InputTask.", manager=Deaf),
    own("a planner that answers with nothing", "The planner answered with NoneType, not with a PlanWithSteps.", GOAL, PlanError, planner=answering_with(None)),
    own("a planner that answers with a dictionary", "The planner answered with dict, not with a PlanWithSteps.", GOAL, PlanError, planner=answering_with({"steps": []})),
]  # fmt: skip
