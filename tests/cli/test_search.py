"""`macae search`: what was said is found with its source, one's own only, and harmless on a terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from macae.memory import Change, SQLiteStore
from macae.models import AgentMessage, Session
from tests.cli.conftest import Inside, object_in


def said(session: str, text: str, user: str = "local", **more: Any) -> list[Change]:
    message = AgentMessage(session_id=session, user_id=user, content=text, source="HrAgent\x1b[1m", **more)
    return [Change(Session(id=session, session_id=session, user_id=user), 0), Change(message, 0)]


def test_what_was_said_is_found_with_its_source(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACAE_EMBEDDING", "lexical")
    nothing = inside("search", "laptop")
    assert nothing.returncode == 1 and "Nothing is stored" in nothing.stderr

    async def fill() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as store:
            laptop = said("session1", "The laptop\x1b[2J was ordered.", plan_id="p1", step_id="st1")
            await store.write("local", "session1", laptop)
            await store.write("local", "session2", said("session2", "The mentor is Isabel."))
            await store.write("eve", "secret", said("secret", "Eve's laptop.", "eve"))

    asyncio.run(fill())
    told = inside("search", "Who ordered the laptop?")
    assert told.returncode == 0 and "by letters" in told.stdout and "2 of 2 new messages" in told.stdout
    assert "session session1, plan p1, step st1" in told.stdout and "HrAgent" in told.stdout
    assert "\x1b" not in told.stdout and "Eve" not in told.stdout
    found = object_in(inside("search", "the laptop that was ordered", "--limit", "1", "--json"))
    (row,) = found["found"]
    assert (found["new"], row["session_id"], row["plan_id"], row["step_id"]) == (0, "session1", "p1", "st1")
    assert 0 < row["score"] <= 1 and row["when"] > 0 and found["embedding"].startswith("Embedding: lexical")
    narrow = object_in(inside("search", "the mentor of the laptop", "--session", "session2", "--json"))
    assert [row["session_id"] for row in narrow["found"]] == ["session2"]
    assert "no session 'nobody'" in inside("search", "laptop", "--session", "nobody").stderr
    for wrong in (" ", "x" * 2_001):
        assert "1 to 2,000 characters" in inside("search", wrong).stderr
