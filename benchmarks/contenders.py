"""Who is measured: the floor, bare AutoGen with SQLite by hand, and the engine. Each runs the same plans."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from autogen_core import AgentId, MessageContext, RoutedAgent, SingleThreadedAgentRuntime, message_handler
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    UserMessage,
)
from pydantic import BaseModel

from benchmarks.bakery import InstantModel, bake, given_plan, team_of
from macae import Engine, Settings
from macae.models import PlanStatus
from macae.tools import as_tool

__all__ = ["Bare", "Contender", "Floor", "Ours"]

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS documents (session TEXT, id TEXT, body TEXT, PRIMARY KEY (session, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, session TEXT, body TEXT);
"""


class Contender(Protocol):
    """Runs plans of bakes; what a person decides is durable before anything happens."""

    name: str

    async def open(self, folder: Path, *, delay: float = 0.0, tools: int = 1) -> None:
        """Make ready. `delay`: seconds a model call; `tools`: how many the agent has."""

    async def plan(self, steps: int, *, at_once: bool = False) -> None:
        """A plan from goal to end, its steps approved one after the other, or all at once and independent."""

    async def pause(self, steps: int) -> str:
        """A plan that waits for its first approval; gives what `load` needs."""

    async def load(self, folder: Path, key: str) -> None:
        """Open what is stored and read that plan, as a fresh process would."""

    async def close(self) -> None:
        """Let go."""


class ByHand:
    """What the floor and bare AutoGen share: a table, a thread, one transaction a change."""

    def __init__(self) -> None:
        self.delay = 0.0

    async def open(self, folder: Path, *, delay: float = 0.0, tools: int = 1) -> None:
        """Open the file."""
        self.delay = delay
        self.db = sqlite3.connect(folder / "hand.db", isolation_level=None, check_same_thread=False)
        self.db.executescript(SCHEMA)
        self.thread = ThreadPoolExecutor(1)

    async def write(
        self, session: str, documents: list[dict[str, Any]], events: list[dict[str, Any]]
    ) -> None:
        """One transaction, durable when it returns."""

        def work() -> None:
            self.db.execute("BEGIN IMMEDIATE")
            for document in documents:
                row = (session, document["id"], json.dumps(document))
                self.db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", row)
            for event in events:
                self.db.execute(
                    "INSERT INTO events (session, body) VALUES (?, ?)", (session, json.dumps(event))
                )
            self.db.execute("COMMIT")

        await asyncio.get_running_loop().run_in_executor(self.thread, work)

    async def pause(self, steps: int) -> str:
        """Store a plan."""
        session = str(uuid.uuid4())
        await self.store_plan(session, steps)
        return session

    async def store_plan(self, session: str, steps: int) -> list[dict[str, Any]]:
        """A plan and its steps."""
        plan = {
            "id": str(uuid.uuid4()),
            "data_type": "plan",
            "initial_goal": "Bake",
            "overall_status": "in_progress",
        }
        rows = [
            {"id": str(uuid.uuid4()), "data_type": "step", "plan_id": plan["id"], "action": f"Bake kind {i} with bake.",
             "agent": "BakerAgent", "status": "awaiting_feedback", "arguments": {"kind": f"kind {i}"}}
            for i in range(steps)
        ]  # fmt: skip
        await self.write(session, [{"id": session, "data_type": "session"}], [{"type": "goal_received"}])
        await self.write(
            session, [plan, *rows], [{"type": "step_offered", "step": row["id"]} for row in rows]
        )
        return rows

    async def load(self, folder: Path, key: str) -> None:
        """Read the plan from a new connection."""
        db = sqlite3.connect(folder / "hand.db")
        rows = [
            json.loads(body) for (body,) in db.execute("SELECT body FROM documents WHERE session = ?", (key,))
        ]
        assert rows
        db.close()

    async def close(self) -> None:
        """Close the file."""
        self.thread.shutdown()
        self.db.close()


class Floor(ByHand):
    """Nothing but asyncio and sqlite3, with the commits that the engine makes: no checks, no messages, no model."""

    name = "floor: asyncio + sqlite3"

    async def plan(self, steps: int, *, at_once: bool = False) -> None:
        """Approved, claimed, tool started, done: four commits a step."""
        session = str(uuid.uuid4())
        rows = await self.store_plan(session, steps)

        async def step(row: dict[str, Any]) -> None:
            await self.change(session, row, "step_approved", status="approved", approval={"by": "local"})
            await self.change(session, row, "step_started", status="action_requested", owner="me")
            await asyncio.sleep(self.delay) if self.delay else None
            await self.change(session, row, "tool_started", calls=[{"tool": "bake", "state": "started"}])
            await asyncio.sleep(self.delay) if self.delay else None
            await self.change(session, row, "step_completed", status="completed", agent_reply="baked")

        if at_once:
            await asyncio.gather(*(step(row) for row in rows))
        else:
            for row in rows:
                await step(row)

    async def change(self, session: str, row: dict[str, Any], event: str, **more: Any) -> None:
        """One commit: the step, a message, an event."""
        row.update(more)
        said = {"id": str(uuid.uuid4()), "data_type": "agent_message", "content": event}
        await self.write(session, [row, said], [{"type": event, "step": row["id"]}])


class Request(BaseModel):
    """Carry a step out."""

    kind: str


class Reply(BaseModel):
    """What came of it."""

    text: str


class Baker(RoutedAgent):
    """A tool loop on the model client, by hand."""

    def __init__(self, model: InstantModel) -> None:
        super().__init__("bakes")
        self.model = model
        self.tool = as_tool(bake)

    @message_handler
    async def handle(self, message: Request, ctx: MessageContext) -> Reply:
        """Ask, call, ask again."""
        said: list[Any] = [
            UserMessage(content=f'Approved call: bake {{"kind": "{message.kind}"}}', source="user")
        ]
        while True:
            result = await self.model.create(said, tools=[self.tool.schema])
            if isinstance(result.content, str):
                return Reply(text=result.content)
            said.append(AssistantMessage(content=result.content, source="baker"))
            results = []
            for call in result.content:
                value = await self.tool.run_json(json.loads(call.arguments), ctx.cancellation_token)
                results.append(
                    FunctionExecutionResult(
                        content=str(value), name=call.name, call_id=call.id, is_error=False
                    )
                )
            said.append(FunctionExecutionResultMessage(content=results))


class Bare(ByHand):
    """AutoGen's runtime and a few lines of SQLite, as one would write them by hand: two commits a step, no gate, no audit."""

    name = "bare AutoGen + SQLite"

    async def plan(self, steps: int, *, at_once: bool = False) -> None:
        """Approved, done: two commits a step."""
        session = str(uuid.uuid4())
        rows = await self.store_plan(session, steps)
        runtime = SingleThreadedAgentRuntime()
        model = InstantModel(self.delay)
        await Baker.register(runtime, "baker", lambda: Baker(model))
        runtime.start()

        async def step(row: dict[str, Any]) -> None:
            row["status"] = "approved"
            await self.write(session, [row], [])
            reply = await runtime.send_message(
                Request(kind=row["arguments"]["kind"]), AgentId("baker", session)
            )
            row.update(status="completed", agent_reply=reply.text)
            await self.write(session, [row], [])

        if at_once:
            await asyncio.gather(*(step(row) for row in rows))
        else:
            for row in rows:
                await step(row)
        await runtime.stop()


class Ours:
    """The engine with everything on: approvals, gate, audit trail, chat contexts, owners."""

    name = "MACAE"
    engine: Engine

    async def open(self, folder: Path, *, delay: float = 0.0, tools: int = 1) -> None:
        """Start an engine."""
        self.model = InstantModel(delay)
        self.engine = Engine(
            settings=Settings(home=folder), model=self.model, team=team_of(tools), planner=given_plan(self)
        )
        self.steps, self.in_a_row = 6, True
        await self.engine.start()

    async def plan(self, steps: int, *, at_once: bool = False) -> None:
        """Submit, approve, wait."""
        self.steps, self.in_a_row = steps, not at_once
        plan = await self.engine.submit("Bake")
        if at_once:
            await self.engine.approve_all(plan)
        else:
            for step in plan.steps:
                await self.engine.approve(step)
        plan = await self.engine.wait(plan)
        assert plan.overall_status is PlanStatus.completed, plan

    async def pause(self, steps: int) -> str:
        """Submit only."""
        self.steps, self.in_a_row = steps, True
        return (await self.engine.submit("Bake")).id

    async def load(self, folder: Path, key: str) -> None:
        """A fresh engine reads the plan."""
        engine = Engine(settings=Settings(home=folder), model=self.model, team=self.engine.team)
        await engine.store.open()
        assert (await engine.plan(key)).steps
        await engine.close()

    async def close(self) -> None:
        """Close the engine."""
        await self.engine.close()
