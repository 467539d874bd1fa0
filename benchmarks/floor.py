"""The floor: the same durable writes with nothing but asyncio and sqlite3, no engine, no checks, no messages."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

__all__ = ["Floor"]

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE documents (session TEXT, id TEXT, version INTEGER, body TEXT, PRIMARY KEY (session, id)) WITHOUT ROWID;
CREATE TABLE events (seq INTEGER PRIMARY KEY, session TEXT, body TEXT);
"""


class Floor:
    """Runs a plan by hand. Each step is committed four times, as the engine does it: approved, claimed, tool started, done."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.executescript(SCHEMA)
        self.thread = ThreadPoolExecutor(1)

    async def write(
        self, session: str, documents: list[dict[str, Any]], events: list[dict[str, Any]]
    ) -> None:
        """One transaction, durable when it returns."""

        def work() -> None:
            self.db.execute("BEGIN IMMEDIATE")
            for document in documents:
                row = (session, document["id"], document.get("version", 1), json.dumps(document))
                self.db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", row)
            for event in events:
                self.db.execute(
                    "INSERT INTO events (session, body) VALUES (?, ?)", (session, json.dumps(event))
                )
            self.db.execute("COMMIT")

        await asyncio.get_running_loop().run_in_executor(self.thread, work)

    async def run(self, steps: int) -> None:
        """Plan, then approve and carry out one step after the other."""
        session = str(uuid.uuid4())
        plan = {
            "id": str(uuid.uuid4()),
            "data_type": "plan",
            "initial_goal": "Bake",
            "overall_status": "in_progress",
        }
        rows = [
            {"id": str(uuid.uuid4()), "data_type": "step", "plan_id": plan["id"], "action": f"Bake kind {i} with bake.",
             "agent": "BakerAgent", "status": "awaiting_feedback", "arguments": {"kind": f"kind {i}"}, "version": 1}
            for i in range(steps)
        ]  # fmt: skip
        await self.write(session, [{"id": session, "data_type": "session"}], [{"type": "goal_received"}])
        await self.write(
            session, [plan, *rows], [{"type": "step_offered", "step": row["id"]} for row in rows]
        )
        for row in rows:
            for status, event, more in (
                ("approved", "step_approved", {"approval": {"by": "local"}}),
                ("action_requested", "step_started", {"owner": "me"}),
                ("action_requested", "tool_started", {"calls": [{"tool": "bake", "state": "started"}]}),
                ("completed", "step_completed", {"agent_reply": "baked", "calls": [{"tool": "bake", "state": "completed"}]}),
            ):  # fmt: skip
                row.update(status=status, version=row["version"] + 1, **more)
                said = {"id": str(uuid.uuid4()), "data_type": "agent_message", "content": event}
                await self.write(session, [row, said], [{"type": event, "step": row["id"]}])

    def close(self) -> None:
        """Close the file."""
        self.thread.shutdown()
        self.db.close()
