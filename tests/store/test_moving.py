"""Whole sessions: copied between stores, exported, backed up, deleted. Nothing is lost, doubled or overwritten."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from macae.config import Settings
from macae.contoso.company import Company
from macae.errors import Conflict, InvalidInput, NotFound, StoreError
from macae.memory import Change, SQLiteStore
from macae.memory.archive.backup import back_up_file, back_up_store, opened_backup
from macae.memory.archive.companies import Tables, as_section, prepared_company, read_company
from macae.memory.archive.copies import Copies
from macae.memory.archive.exporting import Exported, as_export, read_export
from macae.memory.archive.files import put_in_place, write_private
from macae.memory.archive.masking import known_secrets
from macae.memory.archive.moving import Copied, compare, copy_session, copy_sessions, delete_session
from macae.memory.archive.protocol import Archive, Record
from macae.memory.cosmos import CosmosStore
from macae.memory.sqlite import schema
from macae.memory.sqlite.migration import kept_copy
from macae.models import (
    AgentMessage,
    Approval,
    CallRecord,
    Event,
    EventType,
    Plan,
    Session,
    Step,
    StepStatus,
    Usage,
)
from macae.models.spending import UsageRecord
from tests.cosmos.peer import Peer
from tests.store.conftest import OpenStore


@pytest.fixture
async def archive(open_store: OpenStore) -> Archive:
    return cast(Archive, await open_store())


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path / "home" / "copies.db")


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "other" / "store.db") as opened:
        yield opened


def happened(text: str, session_id: str = "s", user_id: str = "ann", **data: Any) -> Event:
    return Event(type=EventType.message, session_id=session_id, user_id=user_id, text=text, data=data)


async def fill(store: Any, session_id: str = "s", user_id: str = "ann", messages: int = 5) -> Step:
    """A session with a plan, a step that was changed, and a trail of five events."""
    session = Session(id=session_id, session_id=session_id, user_id=user_id)
    plan = Plan(id=f"plan-{session_id}", session_id=session_id, user_id=user_id, initial_goal="Bake 1.0 köln")
    step = Step(plan_id=plan.id, session_id=session_id, user_id=user_id, index=1, action="x", agent="A")
    await store.write(
        user_id, session_id, [Change(session, 0), Change(plan, 0)], [happened("begin", session_id, user_id)]
    )
    await store.write(user_id, session_id, [Change(step, 0)])
    for tokens in (1, 2, 3):
        step.tokens = tokens
        more = [happened(str(tokens), session_id, user_id, n=tokens, big=2**60)]
        await store.write(user_id, session_id, [Change(step, step.version)], more)
    said = [
        AgentMessage(session_id=session_id, user_id=user_id, content=f"m{n}", source="A")
        for n in range(messages)
    ]
    for start in range(0, messages, 90):  # Cosmos DB takes at most 99 at once
        await store.write(user_id, session_id, [Change(message, 0) for message in said[start : start + 90]])
    await store.write(user_id, session_id, [], [happened("end", session_id, user_id)])
    return step


async def same(one: Any, two: Any, session_id: str = "s", user_id: str = "ann") -> bool:
    first, second = await one.record(user_id, session_id), await two.record(user_id, session_id)
    texts = [[event.text for event in record.events] for record in (first, second)]
    return compare(first, second).is_none and not first.is_empty and texts[0] == texts[1]


async def test_a_record_holds_all_of_a_session_and_nothing_of_another(archive: Archive) -> None:
    step = await fill(archive)
    await fill(archive, "t")
    await fill(archive, "u", "bob")
    record = await archive.record("ann", "s")
    assert record.kinds() == {"session": 1, "plan": 1, "step": 1, "agent_message": 5}
    assert record.by_id[step.id].version == 4
    assert [event.text for event in record.events] == ["begin", "1", "2", "3", "end"]
    assert (await archive.record("bob", "s")).is_empty
    assert await archive.census() == [("ann", "s"), ("ann", "t"), ("bob", "u")]


async def test_a_copy_and_its_way_back(archive: Archive, other: SQLiteStore, copies: Copies) -> None:
    step = await fill(archive)
    copied = await copy_session(archive, other, "ann", "s", copies=copies)
    assert (copied.documents, copied.events) == (8, 5)
    assert await same(archive, other)
    again = await copy_session(archive, other, "ann", "s", copies=copies)
    assert (again.documents, again.events) == (0, 0)
    found = await other.get(Step, step.id, user_id="ann", session_id="s")
    assert found == step, "a version is kept, so a decision on it still holds"
    found.agent_reply = "done there"
    await other.write("ann", "s", [Change(found, found.version)], [happened("there")])
    back = await copy_session(other, archive, "ann", "s", copies=copies)
    assert (back.documents, back.events) == (1, 1)
    assert await same(archive, other)
    # What came by copying is written on like anything else.
    found.agent_reply = "done here"
    await archive.write("ann", "s", [Change(found, found.version)], [happened("here")])
    trail = await archive.events(user_id="ann", session_id="s")
    assert [event.text for event in trail] == ["begin", "1", "2", "3", "end", "there", "here"]
    assert [event.seq for event in trail] == sorted({event.seq for event in trail})
    messages = await archive.find(AgentMessage, user_id="ann", session_id="s")
    assert [message.content for message in messages] == ["m0", "m1", "m2", "m3", "m4"]
    page = await archive.sessions(user_id="ann")
    assert [session.session_id for session in page.items] == ["s"]


async def test_a_store_that_is_filled_by_copying_has_everything_in_order(
    archive: Archive, other: SQLiteStore
) -> None:
    for session_id in ("s1", "s2", "s3"):
        await fill(other, session_id)
    seen: list[tuple[int, Copied]] = []
    done = await copy_sessions(
        other, archive, await other.census(), lambda place, copied: seen.append((place, copied))
    )
    assert [copied.session_id for copied in done] == ["s1", "s2", "s3"]
    assert [place for place, _ in seen] == [1, 2, 3]
    for session_id in ("s1", "s2", "s3"):
        assert await same(other, archive, session_id)
    page = await archive.sessions(user_id="ann")
    assert [session.session_id for session in page.items] == ["s3", "s2", "s1"]
    assert not any(copied.documents for copied in await copy_sessions(other, archive, await other.census()))


async def test_two_users_sessions_of_one_name_where_both_divide_the_container(
    cosmos_peer: Peer, cosmos_database: str, other: SQLiteStore
) -> None:
    async with CosmosStore(
        endpoint=cosmos_peer.endpoint, key=cosmos_peer.key, database=cosmos_database, partition="user_session"
    ) as store:
        await fill(store, "s", "ann")
        await fill(store, "s", "bob", messages=2)
        await copy_session(store, other, "ann", "s")
        assert await same(store, other)
        await delete_session(store, await store.record("ann", "s"))
        assert await store.census() == [("bob", "s")]
        await copy_session(other, store, "ann", "s")
        assert await same(store, other)
        assert len((await store.record("bob", "s")).documents) == 5


async def test_a_copy_that_a_fault_cuts_short_is_finished_by_the_next(
    cosmos_peer: Peer, cosmos_database: str, other: SQLiteStore
) -> None:
    await fill(other, messages=350)
    place = {"endpoint": cosmos_peer.endpoint, "key": cosmos_peer.key, "database": cosmos_database}
    for action in ("drop", "drop_after"):
        async with CosmosStore(**place, timeout=2) as store:
            cosmos_peer.fail(action, kind="batch", skip=1)
            with pytest.raises(StoreError):
                await copy_session(other, store, "ann", "s")
            cosmos_peer.heal()
            assert 80 < len((await store.record("ann", "s")).documents) < 353
            page = await store.sessions(user_id="ann")
            assert page.items == [], "half a session is not listed"
    async with CosmosStore(**place) as store:
        await copy_session(other, store, "ann", "s")
        assert await same(other, store)
        messages = await store.find(AgentMessage, user_id="ann", session_id="s")
        assert [message.content for message in messages] == [f"m{n}" for n in range(350)]


async def test_a_service_that_is_busy_hangs_or_breaks_off_is_waited_for_within_bounds(
    cosmos_peer: Peer, cosmos_database: str, other: SQLiteStore
) -> None:
    await fill(other, messages=250)
    place = {"endpoint": cosmos_peer.endpoint, "key": cosmos_peer.key, "database": cosmos_database}
    async with CosmosStore(**place, timeout=1) as store:
        cosmos_peer.fail(status=429, retry_after_ms=1, times=3, kind="batch")
        await copy_session(other, store, "ann", "s")
        assert await same(other, store)
        seen = await store.record("ann", "s")
        for action, kind in (("hang", "query"), ("hang", "batch"), ("drop", "batch")):
            cosmos_peer.fail(action, kind=kind, skip=int(kind == "batch"))
            started = time.monotonic()
            with pytest.raises(StoreError):
                await delete_session(store, seen)
            assert time.monotonic() - started < 5
            cosmos_peer.heal()
            seen = await store.record("ann", "s")
        assert 0 < len(seen.documents) < 253, "a part is gone"
        assert (await store.sessions(user_id="ann")).items == [], "and it is not listed"
        assert await store.census() == [("ann", "s")], "but can be found"
        await delete_session(store, seen)
        assert await store.census() == []


async def test_a_long_session_arrives_whole(archive: Archive, other: SQLiteStore) -> None:
    await fill(other, messages=250)
    await copy_session(other, archive, "ann", "s")
    assert await same(other, archive)
    messages = await archive.find(AgentMessage, user_id="ann", session_id="s")
    assert [message.content for message in messages] == [f"m{n}" for n in range(250)]


async def test_nothing_newer_is_overwritten(archive: Archive, other: SQLiteStore) -> None:
    step = await fill(archive)
    await copy_session(archive, other, "ann", "s")
    before = await archive.record("ann", "s")
    found = await other.get(Step, step.id, user_id="ann", session_id="s")
    assert found is not None
    for newer in (
        [Change(found, found.version)],
        [Change(AgentMessage(session_id="s", user_id="ann", content="x", source="A"), 0)],
    ):
        await other.write("ann", "s", newer)
        with pytest.raises(Conflict, match="was not copied"):
            await copy_session(archive, other, "ann", "s")
    assert (await archive.record("ann", "s")) == before
    (failed,) = await copy_sessions(archive, other, [("ann", "s")])
    assert "Delete it there first" in failed.problem
    step.tokens = 99
    await archive.write("ann", "s", [Change(step, step.version)])  # the same version, another content
    with pytest.raises(Conflict, match="differs there"):
        await copy_session(archive, other, "ann", "s")
    with pytest.raises(NotFound):
        await copy_session(archive, other, "bob", "s")


async def test_what_only_the_target_has_is_not_overwritten_by_a_higher_version(
    archive: Archive, other: SQLiteStore, copies: Copies
) -> None:
    note = AgentMessage(session_id="s", user_id="ann", content="first", source="A")

    async def said(store: Any, *texts: str) -> None:
        for text in texts:
            found = await store.get(AgentMessage, note.id, user_id="ann", session_id="s")
            await store.write("ann", "s", [Change(found.model_copy(update={"content": text}), found.version)])

    await fill(other)
    await other.write("ann", "s", [Change(note, 0)])
    await copy_session(other, archive, "ann", "s", copies=copies)
    await said(other, "here")
    assert (await copy_session(other, archive, "ann", "s", copies=copies)).documents == 1
    await said(archive, "only there")
    await said(other, "here too", "and again")
    for memory in (copies, None):
        with pytest.raises(Conflict, match="is not what was last copied"):
            await copy_session(other, archive, "ann", "s", copies=memory)
    kept = await archive.get(AgentMessage, note.id, user_id="ann", session_id="s")
    assert kept is not None and kept.content == "only there"


async def test_trails_that_went_different_ways_are_not_mixed(archive: Archive, other: SQLiteStore) -> None:
    await fill(archive)
    await copy_session(archive, other, "ann", "s")
    await archive.write("ann", "s", [], [happened("here")])
    await other.write("ann", "s", [], [happened("there")])
    with pytest.raises(Conflict, match="audit trail"):
        await copy_session(archive, other, "ann", "s")


async def test_a_session_that_changes_meanwhile_is_neither_overwritten_nor_deleted(archive: Archive) -> None:
    step = await fill(archive)
    seen = await archive.record("ann", "s")
    await archive.write("ann", "s", [], [happened("one more")])
    for call in (archive.erase(seen), archive.put(seen, seen)):
        with pytest.raises(Conflict, match="changed meanwhile"):
            await call
    seen = await archive.record("ann", "s")
    await archive.write("ann", "s", [Change(step, step.version)])
    with pytest.raises(Conflict, match="changed meanwhile"):
        await archive.erase(seen)
    assert len((await archive.record("ann", "s")).events) == 6


async def test_a_deleted_session_is_gone_and_only_that(archive: Archive) -> None:
    await fill(archive, messages=150)
    await fill(archive, "t")
    await delete_session(archive, await archive.record("ann", "s"))
    assert (await archive.record("ann", "s")).is_empty
    assert await archive.census() == [("ann", "t")]
    assert [row.session_id for row in (await archive.sessions(user_id="ann")).items] == ["t"]
    await fill(archive)  # its ids are free again
    assert len((await archive.record("ann", "s")).events) == 5


async def test_a_session_at_work_is_left_alone(archive: Archive, other: SQLiteStore) -> None:
    step = await fill(archive)
    step.status, step.owner = StepStatus.action_requested, archive.owner
    await archive.write("ann", "s", [Change(step, step.version)])
    for what, call in (
        ("deleted", delete_session(archive, await archive.record("ann", "s"))),
        ("copied", copy_session(archive, other, "ann", "s")),
    ):
        with pytest.raises(Conflict, match=rf"is at work.*cannot be {what}"):
            await call
    step.owner = "1-0000000000000000"
    await archive.write("ann", "s", [Change(step, step.version)])
    await copy_session(archive, other, "ann", "s")
    await delete_session(archive, await archive.record("ann", "s"))


async def test_an_export_is_complete_readable_and_without_secrets(archive: Archive) -> None:
    await fill(archive)
    await archive.write(
        "ann", "s", [], [happened("the key is sk-very-secret, ok", deep=[{"k": "sk-very-secret"}])]
    )
    record = await archive.record("ann", "s")
    content, removed = as_export(record, ["sk-very-secret"])
    text = json.dumps(content)
    assert removed == 2 and "sk-very-secret" not in text
    assert "Bake 1.0 k" in text and content["session_id"] == "s"
    clean, removed = as_export(record)
    assert removed == 0
    assert read_export(json.loads(json.dumps(clean)), "f.json") == record
    assert read_export(json.loads(text), "f.json", "eve").user_id == "eve"


async def test_only_what_is_said_is_masked_and_only_keys_are(
    other: SQLiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ("MACAE_API_KEY=lm-studio", "OPENAI_API_KEY=in-the-file", "MY_TOKEN=hidden-2468-hidden")
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("DB_PASSWORD", "password")
    secrets = known_secrets(Settings())
    assert {"lm-studio", "in-the-file", "hidden-2468-hidden"} <= set(secrets) and "password" not in secrets
    step = await fill(other)
    step.function, step.action = (
        "lm-studio",
        "The password: lm-studio, in-the-file, sk-proj-0123456789abcdef.",
    )
    step.arguments = {"source": "hidden-2468-hidden", "lm-studio": 1}
    await other.write("ann", "s", [Change(step, step.version)], [happened("x", function="lm-studio")])
    content, removed = as_export(await other.record("ann", "s"), secrets)
    assert removed == 4
    found = read_export(content, "f.json").by_id[step.id].body
    assert found["action"] == "The password: (secret removed), (secret removed), (secret removed)."
    assert found["function"] == "lm-studio"
    assert found["arguments"] == {"source": "(secret removed)", "lm-studio": 1}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "other"}, "no exported session"),
        ({"version": 99}, "newer macae"),
        ({"documents": []}, "changed or cut"),
        ({"sha256": None}, "changed or cut"),
        ({"session_id": None}, "no complete export"),
    ],
)
async def test_a_damaged_export_is_refused(other: SQLiteStore, change: dict[str, Any], says: str) -> None:
    await fill(other)
    content, _ = as_export(await other.record("ann", "s"))
    with pytest.raises(InvalidInput, match=says):
        read_export(content | change, "f.json")
    for odd in (None, [], "x", {"format": "macae session", "version": 1}):
        with pytest.raises(InvalidInput):
            read_export(odd, "f.json")


async def test_a_made_up_file_with_documents_that_cannot_be_is_refused(other: SQLiteStore) -> None:
    await fill(other)
    record = await other.record("ann", "s")
    plan = next(document for document in record.documents if document.data_type == "plan")
    for forged, says in (
        ({"user_id": "eve"}, "a document's body has 'user_id'"),
        ({"initial_goal": []}, "its plan plan-s"),
    ):
        changed = replace(plan, body={**plan.body, **forged})
        content, _ = as_export(replace(record, documents=(changed,)))
        with pytest.raises(InvalidInput, match=says):
            read_export(content, "f.json")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    path = tmp_path_factory.mktemp("company") / "c.db"
    Company.create(path).close()
    found = read_company(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("table", "spoilt", "says"),
    [
        ("sqlite_master", {"columns": ["sql"], "rows": [["CREATE TRIGGER t"]]}, "other tables"),
        ("rooms", {"columns": ["name", "seats); DROP TABLE rooms; --"], "rows": []}, "other columns"),
        ("rooms", {"columns": ["name", "seats"], "rows": [["Oak", "many"]]}, "a row that does not fit"),
        ("rooms", {"columns": ["name", "seats"], "rows": [["Oak", 2**70]]}, "too large"),
        (
            "meta",
            {"columns": ["key", "value"], "rows": [["format", "contoso 1"], ["today", "x"]]},
            "isoformat",
        ),
        (
            "offers",
            {"columns": ["employee_id", "salary_usd", "accepted_on"], "rows": [[999, 1.0, "x"]]},
            "belong",
        ),
        ("rooms", [], "indices"),
    ],
)
def test_a_company_in_a_file_that_cannot_be_is_refused(
    company: Tables, tmp_path: Path, table: str, spoilt: Any, says: str
) -> None:
    """Whoever makes a file can make its sum, too."""
    tables: Any = company | {table: spoilt}
    with (
        pytest.raises(InvalidInput, match=f"f.json cannot be used: its copy .*{says}"),
        prepared_company(as_section(tables), "f.json", tmp_path / "c.db"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_company_is_carried_within_bounds_and_never_written_over(
    company: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, section = tmp_path / "home" / "c.db", as_section(company)
    for expected in ("written", "same"):
        with prepared_company(json.loads(json.dumps(section)), "f", path) as put:
            assert put() == expected
        assert read_company(path) == company and [file.name for file in path.parent.iterdir()] == ["c.db"]
    path.write_text("mine", encoding="utf-8")
    with prepared_company(section, "f", path) as put:
        assert put() == "kept"
    assert path.read_text(encoding="utf-8") == "mine"
    with (
        pytest.raises(InvalidInput, match="changed or cut"),
        prepared_company(section | {"sha256": ""}, "f", path),
    ):
        pass
    path.unlink()
    Company.create(path).close()
    monkeypatch.setattr("macae.memory.archive.companies.LARGEST_COMPANY", 1000)
    with pytest.raises(InvalidInput, match="too large"):
        read_company(path)
    with pytest.raises(InvalidInput, match="larger than 1,000"), prepared_company(section, "f", path):
        pass


async def test_what_a_file_says_was_approved_asks_again(other: SQLiteStore, tmp_path: Path) -> None:
    """Its sum guards against damage, not against forgery: anybody can make one."""
    step = await fill(other)
    yes = Approval(by="ann", version=4, hash=step.hash)
    calls = [
        CallRecord(key="a", tool="look", effect="read"),
        CallRecord(key="b", tool="order"),
        CallRecord(key="c", tool="count", state="completed"),
    ]
    for index, status in enumerate(("approved", "action_requested", "planned", "completed"), 2):
        more = step.model_copy(update={"id": status, "index": index, "status": status, "approval": yes})
        more = more.model_copy(update={"calls": calls, "owner": "1-0"} if index == 3 else {})
        await other.write("ann", "s", [Change(more, 0)])
    (plan,) = await other.find(Plan, user_id="ann", session_id="s")
    plan.allowed_more = Usage(tokens=10**9)
    await other.write("ann", "s", [Change(plan, plan.version)])
    raised = {"allowed_scope": "user", "allowed": Usage(tokens=10**9)}
    used = UsageRecord(id="u", day="2026-11-21", tokens=5, **raised)  # type: ignore[arg-type]
    await other.write("ann", "s", [Change(used, 0)])
    record = await other.record("ann", "s")
    content, _ = as_export(record)
    source = Exported(read_export(content, "f.json"))
    again = await copy_session(source, other, "ann", "s", from_file=True)
    assert (again.documents, again.asks_again) == (0, 0), "what was approved in this store stays so"
    async with SQLiteStore(tmp_path / "new.db") as new:
        copied = await copy_session(source, new, "ann", "s", from_file=True)
        assert (copied.events, copied.asks_again) == (5 + 3 + 1, 3), (
            "three steps and the plan are told as they are now"
        )
        assert (await new.get(Plan, plan.id, user_id="ann", session_id="s")).allowed_more == Usage()
        (spent,) = await new.find(UsageRecord, user_id="ann", session_id="s")
        assert (spent.allowed_scope, spent.allowed, spent.tokens) == ("", Usage(), 5)
        found = {step.id: step for step in await new.find(Step, user_id="ann", session_id="s")}
        assert (found["approved"].status, found["approved"].approval) == (StepStatus.awaiting_feedback, None)
        assert (found["planned"].status, found["planned"].approval) == (StepStatus.planned, None)
        assert (found["completed"].status, found["completed"].approval) == (StepStatus.completed, yes)
        cut = found["action_requested"]
        assert (cut.status, cut.approval, cut.owner) == (StepStatus.awaiting_feedback, None, None)
        assert [call.state for call in cut.calls] == ["failed", "unknown", "completed"]
        assert cut.interrupted_calls == ["order: it may have run"]
        assert (await copy_session(source, new, "ann", "s", from_file=True)).documents == 0


async def test_a_backup_of_every_session_is_restored(
    archive: Archive, other: SQLiteStore, tmp_path: Path
) -> None:
    await fill(archive)
    await fill(archive, "t", "bob")
    told: list[tuple[int, int]] = []
    assert await back_up_store(archive, tmp_path / "all", lambda *at: told.append(at)) == 2
    assert told == [(1, 2), (2, 2)]
    async with opened_backup(tmp_path / "all") as source:
        assert not [c.problem for c in await copy_sessions(source, other, await source.census()) if c.problem]
    assert await same(archive, other) and await same(archive, other, "t", "bob")
    with pytest.raises(InvalidInput, match="exists already"):
        await back_up_store(archive, tmp_path / "all", lambda *at: None)
    lines = (tmp_path / "all").read_text(encoding="utf-8").splitlines(keepends=True)
    for cut in (lines[:2], [*lines[:2], lines[2][:50]], ["{}"], ["x"], []):
        (tmp_path / "cut").write_text("".join(cut), encoding="utf-8")
        with pytest.raises(InvalidInput):
            async with opened_backup(tmp_path / "cut"):
                pass


async def test_a_backup_is_as_the_store_is_and_for_its_owner_alone(
    other: SQLiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACAE_API_KEY", "messages")
    step = await fill(other)
    step.action = "The key is sk-a0b1c2d3e4f5g6h7i8j9"
    await other.write("ann", "s", [Change(step, step.version)])
    await fill(other, "t", "bob")
    assert await back_up_store(other, tmp_path / "lines", lambda *at: None, "ann") == 1
    back_up_file(other.path, tmp_path / "file", user_id="ann")
    for file in (tmp_path / "lines", tmp_path / "file"):
        assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600
        assert b"bob" not in file.read_bytes() and b"plan-t" not in file.read_bytes()
        async with opened_backup(file) as source:
            (done,) = await copy_sessions(source, other, await source.census(), from_file=True)
        assert (done.session_id, done.documents, done.problem) == ("s", 0, "")


async def test_one_session_that_cannot_be_read_does_not_stop_the_others(
    other: SQLiteStore, tmp_path: Path
) -> None:
    for session_id in ("r", "s", "t", "u"):
        await fill(other, session_id)
    await back_up_store(other, tmp_path / "lines", lambda *at: None)
    lines = (tmp_path / "lines").read_text(encoding="utf-8").splitlines(keepends=True)
    lines[1] = lines[1].replace("Bake", "Cook")
    lines[2] = lines[2].replace("{", "[", 1)
    (tmp_path / "lines").write_text("".join(lines), encoding="utf-8")
    back_up_file(other.path, tmp_path / "file")
    with closing(sqlite3.connect(tmp_path / "file")) as db, db:
        db.execute("UPDATE documents SET body = '{' WHERE session_id = 'r' AND data_type = 'plan'")
        db.execute("UPDATE documents SET body = '{}' WHERE session_id = 's' AND data_type = 'plan'")
    for file in ("lines", "file"):
        async with SQLiteStore(tmp_path / f"{file}.db") as new, opened_backup(tmp_path / file) as source:
            done = await copy_sessions(source, new, await source.census(), from_file=True)
            assert [bool(copied.problem) for copied in done] == [True, True, False, False]
            assert await new.census() == [("ann", "t"), ("ann", "u")]


async def test_a_file_in_use_is_backed_up_and_restored(other: SQLiteStore, tmp_path: Path) -> None:
    await fill(other)  # it stays open: what was written may still be in the log
    back_up_file(other.path, tmp_path / "copy")
    before = (tmp_path / "copy").read_bytes()
    await other.write("ann", "s", [], [happened("later")])
    async with SQLiteStore(tmp_path / "new.db") as new, opened_backup(tmp_path / "copy") as source:
        await copy_sessions(source, new, await source.census())
        assert [e.text for e in (await new.record("ann", "s")).events] == ["begin", "1", "2", "3", "end"]
    assert (tmp_path / "copy").read_bytes() == before
    for taken in (tmp_path / "copy", tmp_path):
        with pytest.raises(InvalidInput, match="exists already"):
            back_up_file(other.path, taken)
    with pytest.raises(StoreError, match="nothing to back up"):
        back_up_file(tmp_path / "none", tmp_path / "x")
    assert not (tmp_path / "x").exists()


async def test_an_older_file_is_migrated_and_kept(
    other: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(other)
    await other.close()
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 3)
    with pytest.raises(StoreError, match=r"written by an older macae.*store export"):
        await other.open()
    kept = kept_copy(other.path, 1)
    assert not kept.exists()
    steps = {1: "CREATE TABLE more (x TEXT)", 2: "INSERT INTO more VALUES ('y'); DROP TABLE missing"}
    monkeypatch.setattr("macae.memory.sqlite.migration.MIGRATIONS", steps)
    with pytest.raises(StoreError, match="could not be brought to format 3"):
        await other.open()
    assert _version(other.path) == _version(kept) == 1
    steps[2] = "INSERT INTO more VALUES ('y')"
    await other.open()
    assert len((await other.record("ann", "s")).events) == 5
    await other.close()
    assert (_version(other.path), _version(kept)) == (3, 1)


async def test_only_a_whole_copy_of_an_older_file_counts_as_kept(
    other: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(other)
    await other.close()
    kept = kept_copy(other.path, 1)
    kept.touch()
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    monkeypatch.setattr("macae.memory.sqlite.migration.MIGRATIONS", {1: "CREATE TABLE more (x TEXT)"})
    await other.open()
    assert (_version(other.path), _version(kept)) == (2, 1)


def test_a_backup_that_is_killed_leaves_nothing_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "store")) as db, db:
        db.execute("CREATE TABLE t (x)")
    at_work: list[bool] = []

    def killed(*_: Any, **__: Any) -> Any:
        at_work.append((tmp_path / "copy").exists())
        raise KeyboardInterrupt

    monkeypatch.setattr("macae.memory.archive.backup.connect", killed)
    with pytest.raises(KeyboardInterrupt):
        back_up_file(tmp_path / "store", tmp_path / "copy")
    assert at_work == [False]
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left = tmp_path / f".copy.{gone.pid}.macae-part-journal"
    for file in (left, other := tmp_path / f".copy.{os.getppid()}.macae-part"):
        file.touch()
    write_private(tmp_path / "next", ["x"])
    assert not left.exists() and (other.exists() or sys.platform == "win32")
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="exists already"):
        put_in_place(tmp_path / "store", tmp_path / "taken")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


async def test_what_another_user_has_under_the_same_ids_is_not_touched(
    archive: Archive, other: SQLiteStore
) -> None:
    await fill(other)
    await copy_session(other, archive, "ann", "s")
    record = await other.record("ann", "s")
    eves = Record("eve", "s", record.documents, ())
    before = await archive.record("ann", "s")
    try:
        await archive.put(eves, Record("eve", "s"))
    except Conflict:
        assert (await archive.record("eve", "s")).is_empty
    assert await archive.record("ann", "s") == before
