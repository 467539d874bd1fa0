"""A tool as an agent has it: behind the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, ToolSchema
from pydantic import BaseModel

from macae.agents.covering import plain
from macae.agents.gate import Gate
from macae.tools import ActionTool

__all__ = ["GatedTool"]


class GatedTool(BaseTool[BaseModel, Any]):
    """A tool behind the gate; for an agent it looks like the tool itself."""

    def __init__(self, tool: ActionTool, gate: Gate, agent: str) -> None:
        super().__init__(tool.args_type(), str, tool.name, tool.description)
        self.tool, self.gate, self.agent = tool, gate, agent

    @property
    def schema(self) -> ToolSchema:
        """What the model is shown; built once, for all sessions."""
        return self.tool.schema

    async def run(self, args: BaseModel, cancellation_token: CancellationToken) -> str:
        """Run it through the gate."""
        return await self.gate.call(self.agent, self.tool, plain(args))

    async def run_json(
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> str:
        """Run it through the gate, with the arguments as the model wrote them."""
        return await self.gate.call(self.agent, self.tool, args)
