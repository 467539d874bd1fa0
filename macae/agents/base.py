"""A specialist: carries out one step with its tools."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from autogen_core import AgentId, MessageContext, RoutedAgent, message_handler
from autogen_core.models import ChatCompletionClient, CreateResult, SystemMessage, UserMessage

from macae.agents.budget import check_budget
from macae.agents.callresult import reason_of
from macae.agents.gate import AttemptEnds
from macae.agents.gatedtool import GatedTool
from macae.agents.ledger import Ledger
from macae.agents.observing import observed
from macae.agents.stepprompt import step_prompt, system_prompt
from macae.agents.steprun import StepRun
from macae.agents.toolloop import tool_loop
from macae.errors import LimitReached, ModelError, TeamError
from macae.memory.chat.context import CosmosBufferedChatCompletionContext
from macae.models import ActionRequest, ActionResponse
from macae.tools import as_tool

__all__ = ["BaseAgent"]


class BaseAgent(RoutedAgent):
    """Carries out steps with a model and tools. Subclass it as the guide does, or declare an `AgentSpec` and write no class.

    Its chat context is kept in the store, so that after a restart it still knows what it did.
    """

    def __init__(
        self,
        agent_name: str,
        model_client: ChatCompletionClient,
        session_id: str,
        user_id: str,
        memory: Ledger,
        tools: Sequence[Any] | None = None,
        agent_id: AgentId | None = None,
        system_message: str | None = None,
    ) -> None:
        super().__init__(agent_name)
        gate = getattr(memory, "gate", None)
        if gate is None:
            raise TeamError(
                f"{agent_name} needs the memory that an Engine made: only there can its tools be approved."
            )
        self.agent_name = agent_name
        self.model_client = observed(model_client, gate, agent_name)
        self.session_id, self.user_id = session_id, user_id
        self.memory, self.gate = memory, gate
        self.tools = [
            tool if isinstance(tool, GatedTool) else GatedTool(as_tool(tool), gate, agent_name)
            for tool in tools or ()
        ]
        self.system_message = system_message or f"You are {agent_name}. Carry out your step with your tools."
        settings = gate.settings
        self.chat_context = CosmosBufferedChatCompletionContext(
            session_id,
            user_id,
            settings.buffer_size,
            store=memory.store,
            agent=agent_name,
            write_through=False,
            buffer_tokens=settings.buffer_tokens,
            summary_size=settings.summary_size,
            model_client=self.model_client if settings.summary == "model" else None,
            summary_timeout=min(settings.model_timeout, 20.0),
        )

    @message_handler
    async def handle_action_request(self, message: ActionRequest, ctx: MessageContext) -> ActionResponse:
        """Carry out the step. The answer says what came of it; the manager stores it.

        Raises NotAllowed when the step was not approved and claimed, Conflict and StoreError when it can't be recorded.
        """
        with self.gate.carrying_out(message.step_id) as run:
            run.task = asyncio.ensure_future(self.carry_out(message, run))
            try:
                return self.respond(message, "success", await run.task)
            except (AttemptEnds, LimitReached, ModelError) as error:
                return self.respond(message, "failure", reason_of(error))
            except asyncio.CancelledError:
                if not run.stopped:
                    raise
                return self.respond(message, "failure", run.stopped)

    async def carry_out(self, message: ActionRequest, run: StepRun) -> str:
        """Ask the model and run its tools until there is an answer. Override this for a specialist of another kind."""
        system = SystemMessage(content=system_prompt(self.system_message, self.gate.today()))
        prompt = UserMessage(content=await step_prompt(self.memory, run.step), source="GroupChatManager")
        run.history.append(prompt)
        state = await self.memory.state(run.step.plan_id)

        def on_turn(result: CreateResult) -> None:
            if not isinstance(result.content, str):
                # An answer is taken even if it was the last that could be paid for; more work is not begun.
                spending = self.memory.spending
                check_budget(state.plan, state.steps.values(), self.gate.settings, run.usage, spending)

        try:
            await self.chat_context.summarise()
            return await tool_loop(
                self.model_client,
                self.agent_name,
                await self.chat_context.get_messages(),
                self.tools,
                system=[system],
                max_rounds=self.gate.settings.max_tool_rounds,
                history=run.history,
                on_turn=on_turn,
            )
        finally:
            run.context = self.chat_context

    def respond(self, message: ActionRequest, status: Any, text: str) -> ActionResponse:
        """The answer to an ActionRequest."""
        return ActionResponse(
            status=status,
            message=text,
            result=text,
            user_id=message.user_id,
            step_id=message.step_id,
            plan_id=message.plan_id,
            session_id=message.session_id,
        )
