"""Teams from YAML files. A team file names Python functions, so it is code: load only your own."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from macae.agents.departments import DECLARED, department
from macae.agents.team import AgentSpec, Team
from macae.errors import TeamError

__all__ = ["load_team"]


class AgentEntry(BaseModel):
    """One agent of a team file."""

    model_config = ConfigDict(extra="forbid")

    name: str
    system_message: str
    tools: list[str] = Field(default_factory=list)
    """`package.module:function`, or `file.py:function` beside the team file."""
    description: str = ""
    quick_tasks: list[str] = Field(default_factory=list)
    icon: str = "user"


class TeamFile(BaseModel):
    """A team file."""

    model_config = ConfigDict(extra="forbid")

    name: str = "My team"
    departments: list[str] = Field(default_factory=list)
    """Contoso's departments that are part of the team: Hr, Procurement, …, or `all`."""
    agents: list[AgentEntry] = Field(default_factory=list)


def load_team(path: str | Path) -> Team:
    """The team that a YAML file declares. Raises TeamError naming the file, the agent and the mend."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TeamError(f"The team file {file} cannot be read: {error}.") from None
    try:
        declared = TeamFile.model_validate(yaml.safe_load(text) or {})
    except (yaml.YAMLError, RecursionError) as error:
        raise TeamError(f"The team file {file} is not YAML: {' '.join(str(error).split())}.") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        raise TeamError(f"The team file {file} cannot be used: {wrong}.") from None
    names = list(DECLARED) if "all" in declared.departments else declared.departments
    if unknown := [name for name in names if name not in DECLARED]:
        raise TeamError(
            f"{file}: there is no department {', '.join(unknown)}; there are {', '.join(DECLARED)} and all."
        )
    agents = [department(name) for name in names]
    for entry in declared.agents:
        tools = [find_function(tool, file, entry.name) for tool in entry.tools]
        try:
            agents.append(AgentSpec(**{**entry.model_dump(), "tools": tools}))
        except TeamError as error:
            raise TeamError(f"The team file {file}: {error}") from None
    try:
        return Team(agents, name=declared.name)
    except TeamError as error:
        raise TeamError(f"The team file {file}: {error}") from None


def find_function(text: str, file: Path, agent: str) -> Callable[..., Any]:
    """The function that a tool entry names."""
    where, _, name = text.rpartition(":")
    if not where or not name:
        raise TeamError(
            f"{file}, {agent}: the tool {text!r} must be written module:function or file.py:function."
        )
    try:
        module = import_file(file.parent / where) if where.endswith(".py") else importlib.import_module(where)
        function = getattr(module, name)
    except AttributeError:
        raise TeamError(f"{file}, {agent}: {where} has no function {name!r}.") from None
    except (Exception, SystemExit) as error:
        raise TeamError(
            f"{file}, {agent}: {where} cannot be imported: {type(error).__name__}: {error}."
        ) from error
    if not callable(function):
        raise TeamError(f"{file}, {agent}: {text} is not a function.")
    found: Callable[..., Any] = function
    return found


def import_file(path: Path) -> Any:
    """A Python file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f"there is no file {path.name} beside the team file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
