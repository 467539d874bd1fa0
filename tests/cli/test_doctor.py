"""The doctor finds what is wrong, says the fix, ends in time, and shows no key."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import socket
import sqlite3
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from macae.config import Settings
from macae.memory.sqlite.store import SQLiteStore
from macae.workshop import doctor, installation, knowing, storage
from macae.workshop.findings import Finding
from macae.workshop.knowing import check_documents, check_vectors
from macae.workshop.provider import check_provider
from tests.cli.conftest import Inside, object_in
from tests.cosmos.peer import Peer
from tests.support.openai_server import OpenAIServer, calls, error, hang, text

KEY = "the-very-secret-0123456789-key"


def worst(findings: list[Finding]) -> str:
    states = {finding.status for finding in findings}
    assert all(finding.fix for finding in findings if finding.status != "ok")
    return next((state for state in ("problem", "warning") if state in states), "ok")


def settings(home: Path, **more: Any) -> Settings:
    return Settings(home=home, _env_file=None, **more)  # type: ignore[call-arg]


def test_the_command_tells_line_by_line(inside: Inside, tmp_path: Path) -> None:
    shown = inside("doctor")
    for name in ("Python:", "Kernel:", "Disk:", "Folder:", "Store:", "Provider:"):
        assert name in shown.stdout
    told = object_in(inside("doctor", "--json"))
    assert told["ok"] is (shown.returncode == 0)
    assert {"name", "status", "text", "fix"} == set(told["findings"][0])
    assert not (tmp_path / "home").exists()


def test_a_wrong_setting_is_a_finding_among_others(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACAE_MODEL_TIMEOUT", "soon")
    run = inside("doctor", "--json")
    told = {finding["name"]: finding for finding in object_in(run)["findings"]}
    assert run.returncode == 1
    assert told["Python"]["status"] == "ok" and "MACAE_MODEL_TIMEOUT" in told["Settings"]["text"]


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> list[Finding]:
        raise OSError("no such luck")

    monkeypatch.setattr(doctor, "kernel", broken)
    found = {finding.name: finding for finding in doctor.examine(settings(tmp_path))}
    assert found["Kernel"].status == "problem" and "no such luck" in found["Kernel"].text
    assert "Store" in found


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 9), "problem"), ((3, 12, 1), "ok"), ((3, 15, 0), "problem")]
)
def test_a_wrong_python(version: tuple[int, ...], state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert worst(installation.check_python()) == state


def test_packages_are_held_against_the_pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have = importlib.metadata.version("pydantic")
    file = tmp_path / "requirements.txt"
    monkeypatch.setattr(installation, "requirements", lambda: file)
    hashes = " \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"

    def findings(*pins: str) -> list[Finding]:
        file.write_text("# made\n" + "".join(pin + hashes for pin in pins), encoding="utf-8")
        return installation.check_packages()

    elsewhere = "nothing-here==1 ; sys_platform == 'plan9'"
    assert [f.text for f in findings(f"pydantic=={have}", elsewhere)] == ["all 1 are installed as pinned"]
    other = findings("pydantic==0.1", f"typer=={importlib.metadata.version('typer')}")
    assert worst(other) == "warning" and f"pydantic {have} (tested: 0.1)" in other[0].text
    gone = findings(*(f"not-there-{number}==1" for number in range(7)))
    assert worst(gone) == "problem" and "7 missing" in gone[0].text and "and 2 more" in gone[0].text


def test_the_real_pins_are_read() -> None:
    pins = dict(installation.pinned(installation.requirements().read_text(encoding="utf-8")))
    assert len(pins) > 100 and pins["autogen-core"] == "0.7.5"


def test_an_old_kernel_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "7.3.1")
    found = installation.check_kernel()
    assert worst(found[:1]) == "problem" and "7.3.1" in found[0].text


@pytest.mark.parametrize(
    ("program", "state"), [("python", "ok"), (sys.executable, "ok"), ("/elsewhere/bin/python", "warning")]
)
def test_a_kernel_of_another_python_is_noticed(
    program: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {
        "argv": [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "x",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    finding = installation.kernel_spec()
    assert finding.status == state, finding
    assert str(tmp_path) in finding.text


@pytest.mark.parametrize(("free", "state"), [(50, "problem"), (500, "warning"), (50_000, "ok")])
def test_a_full_disk(free: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, free * 1_000_000))
    assert worst(storage.check_space(tmp_path / "not" / "yet")) == state


@pytest.mark.parametrize(
    "name", ["OneDrive - Contoso", "Dropbox", "Mobile Documents", "Google Drive", "iCloud Drive"]
)
def test_a_synchronised_folder_is_a_warning(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name / "work"
    folder.mkdir(parents=True)
    found = storage.check_folder(folder / ".macae")
    assert worst(found) == "warning" and name in found[0].text


def test_onedrive_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OneDrive", str(tmp_path))
    assert worst(storage.check_folder(tmp_path / "work")) == "warning"


@pytest.mark.parametrize(
    ("kind", "state"), [("nfs4", "problem"), ("cifs", "problem"), ("9p", "problem"), ("ext4", "ok")]
)
def test_a_network_drive_is_a_problem(
    kind: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(
        storage, "mounts", lambda: [("/", "overlay"), (str(tmp_path), kind), ("/proc", "proc")]
    )
    assert worst(storage.check_folder(tmp_path / "home")) == state


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is asked another way")
def test_this_machines_mounts_are_understood() -> None:
    assert storage.mount_type(Path("/"), storage.mounts())


async def test_the_store_is_tried_where_it_stands(tmp_path: Path) -> None:
    assert worst(await storage.check_store(settings(tmp_path / "new"))) == "ok"
    assert not any(os.scandir(tmp_path))


async def test_a_broken_store_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "macae.db").write_bytes(b"this is no database" * 100)
    found = await storage.check_store(settings(tmp_path))
    assert [finding.status for finding in found] == ["ok", "problem"]
    assert "macae.db" in found[1].text and found[1].fix == storage.AWAY


async def test_a_store_that_is_damaged_further_in_is_not_sent_to_another_disk(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "macae.db"):
        pass
    with (tmp_path / "macae.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"no page of a database" * 1000)
    found = await storage.check_store(settings(tmp_path))
    assert [finding.status for finding in found] == ["ok", "problem"]
    assert "is damaged. Restore a copy, or move the file away" in found[1].text
    assert "Move the file away" in found[1].fix and "macae store restore" in found[1].fix


async def test_the_present_store_is_opened_and_left_as_it_was(inside: Inside, tmp_path: Path) -> None:
    home = tmp_path / "home"
    kept = SQLiteStore(home / "macae.db")
    await kept.open()
    await kept.close()
    with sqlite3.connect(home / "macae.db") as db:
        before = list(db.iterdump())
    db.close()
    found = await storage.check_store(settings(home))
    assert worst(found) == "ok" and "has 0 sessions" in found[-1].text
    with sqlite3.connect(home / "macae.db") as db:
        assert list(db.iterdump()) == before
    db.close()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o500)  # noqa: PTH101
    assert worst(await storage.check_store(settings(tmp_path))) == "problem"


async def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "home"
    file.write_text("not a folder", encoding="utf-8")
    assert worst(await storage.check_store(settings(file))) == "problem"


@pytest.mark.parametrize(
    ("reply", "state", "named"),
    [
        (text("ready"), "ok", "it answers"),
        (calls(("x", {})), "warning", "not with text"),
        (error(401, f"wrong key {KEY}"), "problem", "MACAE_API_KEY"),
        (error(404, "no model"), "problem", "MACAE_MODEL"),
        (error(500), "problem", ""),
    ],
)
async def test_what_the_provider_says(tmp_path: Path, reply: Any, state: str, named: str) -> None:
    with OpenAIServer() as server:
        server.answer(reply)
        found = await check_provider(
            settings(tmp_path, provider="openai", api_key=KEY, base_url=server.url, model_timeout=5)
        )
        assert len(server.requests) == 1
    assert worst(found) == state
    assert named in " ".join(finding.text for finding in found)
    assert KEY not in repr(found)


async def test_a_provider_that_hangs_is_waited_for_only_so_long(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.answer(hang())
        began = time.monotonic()
        found = await check_provider(
            settings(tmp_path, provider="openai", api_key=KEY, base_url=server.url, model_timeout=0.3)
        )
    assert worst(found) == "problem" and time.monotonic() - began < 5
    assert KEY not in repr(found)


async def test_a_provider_without_its_key_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    found = await check_provider(settings(tmp_path, provider="openai"))
    assert worst(found) == "problem" and "MACAE_API_KEY" in found[-1].text


async def test_the_offline_model_answers(tmp_path: Path) -> None:
    assert worst(await check_provider(settings(tmp_path))) == "ok"


async def test_the_store_in_cosmos_db_is_looked_at(
    cosmos_peer: Peer, cosmos_database: str, tmp_path: Path
) -> None:
    place = {"store": "cosmos", "cosmos_endpoint": cosmos_peer.endpoint, "cosmos_database": cosmos_database}
    found = await storage.check_store(settings(tmp_path, **place, cosmos_key=cosmos_peer.key))
    assert worst(found) == "ok" and "local has no sessions yet" in found[0].text
    for wrong, says in (
        ({"cosmos_key": "d3Jvbmc="}, "refuses the key"),
        ({"cosmos_key": "k"}, "MACAE_COSMOS_KEY must be"),
        ({"cosmos_endpoint": "http://127.0.0.1:9/", "cosmos_timeout": 2}, "cannot be reached"),
        ({"cosmos_endpoint": None}, "MACAE_COSMOS_ENDPOINT"),
    ):
        given = {**place, "cosmos_key": cosmos_peer.key, **wrong}
        (finding,) = await storage.check_store(settings(tmp_path, **given))
        assert worst([finding]) == "problem" and says in finding.text, finding
        assert cosmos_peer.key not in finding.text and "MACAE_STORE=sqlite" in finding.fix
    cosmos_peer.fail("hang")
    started = time.monotonic()
    hung = settings(tmp_path, **place, cosmos_key=cosmos_peer.key, cosmos_timeout=0.5)
    (finding,) = await storage.check_store(hung)
    assert worst([finding]) == "problem" and "did not answer within 0.5 s" in finding.text
    assert time.monotonic() - started < 10


def test_documents_that_cannot_be_read(tmp_path: Path) -> None:
    assert worst(check_documents(settings(tmp_path))) == "ok"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "torn.pdf").write_bytes(b"%PDF-1.4 torn")
    for folder, told in ((tmp_path / "own", "torn.pdf"), (tmp_path / "nowhere", "nowhere")):
        found = check_documents(settings(tmp_path, knowledge=folder))
        assert worst(found) == "problem" and told in found[0].text and "MACAE_KNOWLEDGE" in found[0].text


def test_vectors_are_looked_at_and_nothing_is_made(tmp_path: Path) -> None:
    assert worst(check_vectors(settings(tmp_path))) == "ok"
    assert not any(tmp_path.iterdir())
    chroma = settings(tmp_path).chroma_path
    chroma.mkdir()
    (chroma / "chroma.sqlite3").write_text("no database at all, but a text" * 9, encoding="utf-8")
    found = check_vectors(settings(tmp_path))
    assert worst(found) == "problem" and "is damaged" in found[0].text


@pytest.mark.parametrize(
    ("url", "told"),
    [("http://127.0.0.1:9", "cannot be reached"), ("nonsense", "must be http://HOST:PORT"), ("hanging", "within 1")],
)  # fmt: skip
def test_a_chroma_server_that_is_not_there(
    url: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowing, "ANSWERING", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        address = f"http://127.0.0.1:{silent.getsockname()[1]}" if url == "hanging" else url
        found = check_vectors(settings(tmp_path, chroma_url=address))
    assert worst(found) == "problem" and told in found[0].text and "MACAE_CHROMA_URL" in found[0].text


def test_broken_memory_is_among_the_doctors_findings(tmp_path: Path) -> None:
    broken = settings(tmp_path, knowledge=tmp_path / "nowhere", chroma_url="http://127.0.0.1:9")
    states = {finding.name: finding.status for finding in doctor.examine(broken)}
    assert (states["Documents"], states["Vectors"]) == ("problem", "problem")
