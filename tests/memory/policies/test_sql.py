"""SQLMemory: durable, apart by user and collection, found by words, with and without full-text search."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_core import Image
from autogen_core.memory import MemoryContent, MemoryMimeType

from macae.errors import InvalidInput, StoreError
from macae.llm.offline import OfflineChatCompletionClient
from macae.memory.policies import CachedMemory, EvictingMemory, SQLMemory
from macae.memory.policies.sqlfile import has_fts5
from tests.memory.policies.support import note, texts

NOTES = [
    "The meeting with Fabrikam is on Friday.",
    "Ann prefers green tea.",
    "Meetings last at most an hour; Friday is for reviews.",
    "Der Kaffee ist für José Müller.",
]


@pytest.fixture(params=[None, False], ids=["fts", "like"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> SQLMemory:
    return SQLMemory(tmp_path / "m.db", fts=request.param)


def test_this_python_has_full_text_search() -> None:
    assert has_fts5()


async def test_the_best_come_first(memory: SQLMemory) -> None:
    await memory.add_many([note(text) for text in NOTES])
    found = (await memory.query("When is the meeting on Friday?")).results
    assert [one.content for one in found] == [NOTES[0], NOTES[2]]
    scores = [(one.metadata or {})["score"] for one in found]
    assert 1 >= scores[0] >= scores[1] > 0
    assert await texts(memory, "kaffee jose") == [NOTES[3]]
    assert await texts(memory, "MÜLLER") == [NOTES[3]]
    assert await texts(memory, "submarine") == []
    assert await texts(memory, "???") == []
    assert [one.content for one in (await memory.query("")).results] == NOTES
    assert len((await memory.query("friday", k=1)).results) == 1


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "tea OR",
        "NEAR(",
        "tea*",
        "col:tea",
        "'; DROP TABLE memories; --",
        "% _ !",
        "x" * 5000,
        "tea \x00",
    ],
)
async def test_no_query_is_a_command(memory: SQLMemory, query: str) -> None:
    await memory.add(note("green tea"))
    await memory.query(query)
    assert await texts(memory, "tea") == ["green tea"]


async def test_what_is_stored_comes_back_as_it_was(memory: SQLMemory) -> None:
    picture = Image.from_base64(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    )
    given = [
        note("text", "a", kind="note", nested={"x": [1, None]}),
        note({"name": "Ann", "days": 3}, "b"),
        MemoryContent(content=b"\x00\xff", mime_type=MemoryMimeType.BINARY, metadata={"id": "c"}),
        MemoryContent(content=picture, mime_type=MemoryMimeType.IMAGE, metadata={"id": "d"}),
        MemoryContent(content="SELECT 1", mime_type="application/sql", metadata={"id": "e"}),
    ]
    await memory.add_many(given)
    back = await SQLMemory(memory._file.path).get(["a", "b", "c", "d", "e", "missing"])
    assert [one.mime_type for one in back] == [one.mime_type for one in given]
    assert [one.metadata for one in back] == [one.metadata for one in given]
    assert [one.content for one in back[:3]] == [one.content for one in given[:3]]
    assert isinstance(back[3].content, Image) and back[3].content.image.size == (1, 1)
    assert await texts(memory, "Ann") == ["{'name': 'Ann', 'days': 3}"]


async def test_ids_replace_delete_and_clear(memory: SQLMemory) -> None:
    await memory.add(note("green tea", "x"))
    await memory.add(note("black coffee", "x"))
    assert await texts(memory, "tea") == [] and await texts(memory, "coffee") == ["black coffee"]
    await memory.add_many([note("first", "y"), note("second tea", "y")])
    assert await memory.ids() == ["x", "y"]
    await memory.delete(["x", "nobody"])
    assert await memory.ids() == ["y"] and await texts(memory, "coffee") == []
    assert indexed(memory) in ([], ["second tea"])
    await memory.clear()
    assert await memory.ids() == [] and await texts(memory, "tea") == []
    assert indexed(memory) == []


def indexed(memory: SQLMemory) -> list[str]:
    """What the full-text index holds: of what was deleted it must keep nothing."""
    with closing(sqlite3.connect(memory._file.path)) as db:
        there = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'memory_words'").fetchone()
        return [row[0] for row in db.execute("SELECT words FROM memory_words")] if there else []


async def test_users_and_collections_are_apart(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    ann, tom, other = (
        SQLMemory(path, user_id="ann"),
        SQLMemory(path, user_id="tom"),
        SQLMemory(path, "x", "ann"),
    )
    await ann.add(note("secret tea", "same"))
    await tom.add(note("public tea", "same"))
    for one, known in ((ann, ["secret tea"]), (tom, ["public tea"]), (other, [])):
        assert await texts(one, "tea") == known
        assert await texts(one) == known
    await tom.clear()
    await other.delete(["same"])
    assert await texts(ann, "tea") == ["secret tea"]
    assert [one.content for one in await ann.get(["same"])] == ["secret tea"]


async def test_metadata_filters(memory: SQLMemory) -> None:
    await memory.add_many(
        [note("tea one", kind="a", year=2025), note("tea two", kind="b"), note("tea three")]
    )
    assert await texts(memory, "tea", where={"kind": "a"}) == ["tea one"]
    assert await texts(memory, "tea", where={"kind": "a", "year": 2026}) == []
    assert await texts(memory, "", where={"year": 2025}) == ["tea one"]
    assert await texts(memory, "tea", where={"kind": None}) == ["tea three"]
    for wrong in ({'a"b': 1}, {"kind": ["a"]}):
        with pytest.raises(InvalidInput, match="where"):
            await memory.query("tea", where=wrong)


async def test_options_are_kept_to_or_refused(memory: SQLMemory) -> None:
    await memory.add_many([note("green tea"), note("black tea with milk and sugar")])
    (best, last) = (await memory.query("green tea")).results
    least = ((best.metadata or {})["score"] + (last.metadata or {})["score"]) / 2
    assert await texts(memory, "green tea", threshold=least) == ["green tea"]
    for wrong in ({"k": 0}, {"k": -1}, {"k": True}, {"threshold": 2}, {"top": 3}):
        with pytest.raises(InvalidInput, match="|".join(wrong)):
            await CachedMemory(memory).query("tea", **wrong)


async def test_a_file_that_a_build_without_full_text_search_wrote_into(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    with_fts, without = SQLMemory(path), SQLMemory(path, fts=False)
    await with_fts.add(note("old tea", "a"))
    assert await texts(with_fts, "tea") == ["old tea"]
    await without.add(note("new tea", "b"))
    await without.add(note("changed tea", "a"))
    assert await texts(with_fts, "tea") == ["changed tea", "new tea"]
    assert await texts(with_fts, "old") == []


async def test_reading_waits_for_no_writer_and_holds_no_process(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    await SQLMemory(path).add(note("green tea", "t"))
    fresh = SQLMemory(path)
    fresh._file._wait = 0.05
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await texts(fresh, "tea") == ["green tea"]
        assert await fresh.ids() == ["t"] and len(await fresh.get(["t"])) == 1
        with pytest.raises(StoreError, match="locked by another program"):
            await fresh.add(note("black tea"))
    with pytest.raises(StoreError):
        await fresh._file.read(lambda db: db.execute("DELETE FROM memories"))
    # Of a thread that is no daemon, the interpreter waits for the end, however long it hangs.
    assert await fresh._file.run(lambda db: threading.current_thread().daemon)


async def test_it_is_durable_private_and_shared(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "m.db"
    memory = SQLMemory(path)
    async with memory:
        await asyncio.gather(*[memory.add(note(f"note {n}", f"{n}")) for n in range(10)])
    assert len(await memory.ids()) == 10  # usable after closing, as ListMemory is
    code = (
        "import asyncio, sys; from macae.memory.policies import SQLMemory; "
        "print(len(asyncio.run(SQLMemory(sys.argv[1]).ids())))"
    )
    out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)  # noqa: ASYNC221
    assert out.stdout.strip() == "10"
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_all_of_a_batch_or_nothing(memory: SQLMemory) -> None:
    with pytest.raises(InvalidInput):
        await memory.add_many([note("fine"), note("bad", "x", thing=object())])
    with pytest.raises(InvalidInput):
        await memory.add_many([note("fine"), note("half a character \ud800")])
    assert await memory.ids() == []


async def test_a_bad_file_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    bad.write_text("this is no database, " * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"bad\.db is no SQLite file"):
        await SQLMemory(bad).add(note("tea"))
    with pytest.raises(StoreError, match="cannot be created"):
        await SQLMemory(bad / "inside.db").add(note("tea"))
    locked = tmp_path / "locked.db"
    memory = SQLMemory(locked)
    await memory.add(note("tea"))
    memory._file._wait = 0.05
    with closing(sqlite3.connect(locked, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked by another program"):
            await memory.query("tea")


async def test_an_agent_remembers_across_processes(tmp_path: Path) -> None:
    await SQLMemory(tmp_path / "m.db").add_many(
        [note("The office in Lisbon opens at 9:15."), note("Tea is green.")]
    )
    memory = CachedMemory(EvictingMemory(SQLMemory(tmp_path / "m.db")))
    agent: Any = AssistantAgent("helper", OfflineChatCompletionClient(), memory=[memory])
    result = await agent.run(task="When does the office in Lisbon open?")
    assert "9:15" in str(result.messages[-1].content)
