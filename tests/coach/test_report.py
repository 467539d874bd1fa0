"""What notebooks send: nothing unless it is wanted, never in a cell's way, and in the end the newest."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from macae.cli import main
from macae.config import load_settings
from macae.workshop import coach_join, coach_off, coach_on, coach_report
from macae.workshop.coach import report
from macae.workshop.coach.code import decode, short_id
from macae.workshop.coach.folder import Folder
from macae.workshop.coach.member import learner_id
from macae.workshop.coach.summary import ChallengeSummary, Summary
from tests.coach.conftest import JOIN, Coach, at, learner

NOW = Summary(challenge=3, exercise="bakery", challenges=(at(3),))


def soon(condition: Callable[[], object], seconds: float = 40) -> None:
    """Wait for it."""
    until = time.monotonic() + seconds
    tick = threading.Event()
    while not condition():
        assert time.monotonic() < until, "it never came"
        tick.wait(0.01)


def set_board(patch: pytest.MonkeyPatch, url: str, code: str = JOIN) -> None:
    patch.setenv("MACAE_COACH_URL", url)
    patch.setenv("MACAE_COACH_CODE", code)


@pytest.fixture
def ear() -> object:
    """A server that counts who comes, and answers nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.3)
        yield server


def nobody_came(ear: socket.socket) -> bool:
    try:
        ear.accept()[0].close()
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("named", [(), ("URL",), ("CODE",)])
def test_nothing_is_sent_unless_address_and_code_are_set(
    home: Path, ear: socket.socket, monkeypatch: pytest.MonkeyPatch, named: tuple[str, ...]
) -> None:
    values = {"URL": f"http://127.0.0.1:{ear.getsockname()[1]}", "CODE": JOIN}
    for name in named:
        monkeypatch.setenv(f"MACAE_COACH_{name}", values[name])
    report.send(NOW)
    assert report.sender.thread is None and not home.exists()
    assert nobody_came(ear)
    shown = coach_report()
    assert not shown.active and not shown.sent
    assert all(f"MACAE_COACH_{name}" in str(shown) for name in ("URL", "CODE"))


def test_a_report_arrives_with_who_sends_it(
    home: Path, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_board(monkeypatch, coach.url + "/", JOIN.lower())
    monkeypatch.setenv("MACAE_TEAM", "Red \x1b[2J pandas")
    monkeypatch.setenv("MACAE_NAME", "Kwame")
    report.send(NOW)
    assert report.idle(30)
    mine = learner_id(home)
    seen = next(p for p in coach.look()["people"] if p["learner"] == mine)
    assert (seen["team"], seen["name"], seen["challenge"], seen["exercise"]) == (
        "Red [2J pandas",
        "Kwame",
        3,
        "bakery",
    )
    assert report.state().accepted
    assert "was accepted" in repr(coach_report())


def test_what_is_shown_is_what_is_sent(home: Path, coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    set_board(monkeypatch, coach.url)
    shown = coach_report()
    assert shown.active and coach.url in shown.text
    told = json.loads(shown.sent)
    assert set(told) == {"learner", "team", "name", "challenge", "exercise", "challenges", "sent"}
    assert set(told) == set(Summary.model_fields)
    texts = {name for name, field in ChallengeSummary.model_fields.items() if field.annotation is str}
    assert texts == {"title"}, "numbers, and the challenge's title: no field could carry source code"
    assert JOIN not in shown.sent and "<pre" in shown._repr_html_()


def test_a_dead_board_costs_no_time_and_the_newest_arrives_when_it_lives(
    home: Path, start: Callable[..., Coach], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start()
    port = first.port
    first.end()
    set_board(monkeypatch, f"http://127.0.0.1:{port}")
    began = time.perf_counter()
    for passed in range(4):
        report.send(Summary(challenge=3, challenges=(at(3, passed=passed),)))
    assert time.perf_counter() - began < 1
    soon(lambda: report.state().said)
    assert "does not answer" in report.state().said and not report.state().accepted
    again = start(port)
    soon(lambda: report.state().accepted)
    (seen,) = again.look()["people"]
    assert [c["passed"] for c in seen["cells"]] == [3]


def test_a_board_that_never_answers_holds_nothing_up(
    home: Path, ear: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macae.workshop.coach.delivery.SECONDS", 3)
    set_board(monkeypatch, f"http://127.0.0.1:{ear.getsockname()[1]}")
    began = time.perf_counter()
    report.send(NOW)
    assert time.perf_counter() - began < 1.5
    soon(lambda: "does not answer" in report.state().said)
    coach_off()
    assert report.idle(30)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("192.168.1.20:8900", "should look like"),
        ("ftp://127.0.0.1", "should look like"),
        ("http://", "should look like"),
        ("http://127.0.0.1:99999", "does not answer"),
        ("http://board.invalid", "does not answer"),
    ],
)
def test_a_wrong_address_is_said_where_one_looks(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    set_board(monkeypatch, url)
    report.send(NOW)
    soon(lambda: report.state().said)
    assert said in coach_report().text


def test_a_wrong_code_is_said_and_not_tried_again(
    home: Path, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_board(monkeypatch, coach.url, "BADGER-1")
    report.send(NOW)
    assert report.idle(30)
    assert "not the join code" in coach_report().text
    assert all(p["learner"] != learner_id(home) for p in coach.look()["people"])


def test_off_is_off_in_every_notebook_and_on_again(
    home: Path, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_board(monkeypatch, coach.url)
    assert not coach_off().active
    report.send(NOW)
    assert report.sender.thread is None
    monkeypatch.setattr(report, "sender", report.Sender())  # as another kernel would
    report.send(NOW)
    assert report.sender.thread is None
    assert "coach_on()" in coach_report().text
    assert coach_on().active
    report.send(NOW)
    assert report.idle(30) and report.state().accepted


def test_off_also_stops_what_still_waits(
    home: Path, ear: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ear.getsockname()[1]
    ear.close()
    set_board(monkeypatch, f"http://127.0.0.1:{port}")
    monkeypatch.setattr(report, "FIRST", 30.0)
    report.send(NOW)
    soon(lambda: report.state().said)
    coach_off()
    assert report.idle(30)


def test_the_join_code_follows_no_redirect(
    home: Path, monkeypatch: pytest.MonkeyPatch, ear: socket.socket
) -> None:
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.listen()
        ear.settimeout(10)
        set_board(monkeypatch, f"http://127.0.0.1:{ear.getsockname()[1]}")
        report.send(NOW)
        line, _ = ear.accept()
        with line:
            line.recv(65_536)
            to = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
            line.sendall(
                f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
        assert report.idle(30)
        elsewhere.settimeout(0.2)
        assert nobody_came(elsewhere)


@pytest.mark.parametrize("broken", ["home", "settings"])
def test_it_never_raises(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    set_board(monkeypatch, "http://127.0.0.1:9")
    if broken == "home":
        (tmp_path / "file").write_text("no folder", encoding="utf-8")
        monkeypatch.setenv("MACAE_HOME", str(tmp_path / "file"))
    else:
        monkeypatch.setenv("MACAE_MAX_STEPS", "many")
    report.send(NOW)


def test_a_shared_folder_needs_no_server(
    home: Path, tmp_path: Path, start: Callable[..., Coach], monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    monkeypatch.setenv("MACAE_COACH_FOLDER", str(share))
    monkeypatch.setenv("MACAE_NAME", "../../<b>")
    report.send(NOW)
    assert report.idle(30) and report.state().accepted
    (file,) = share.iterdir()
    assert file.name == f"{learner_id(home)}.json"
    board = start(0, "--folder", str(share))
    soon(lambda: board.look()["people"])
    (seen,) = board.look()["people"]
    assert (seen["name"], seen["source"]) == ("../../<b>", "folder")
    report.send(Summary(challenge=4, challenges=(at(4),)))
    soon(lambda: board.look()["people"][0]["challenge"] == 4)
    assert "1 learner." in board.look()["folder"]


def test_files_that_are_no_reports_harm_nobody(tmp_path: Path) -> None:
    from macae.workshop.coach.board import Board

    good = learner(1)
    (tmp_path / f"{good.learner}.json").write_text(good.model_dump_json(), encoding="utf-8")
    (tmp_path / "other.json").write_text(good.model_dump_json(), encoding="utf-8")
    (tmp_path / "big.json").write_text("x" * 20_000, encoding="utf-8")
    (tmp_path / "half.json").write_text('{"learner": "a', encoding="utf-8")
    (tmp_path / "binary.json").write_bytes(b"\xff\x00")
    (tmp_path / "folder.json").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")
        (tmp_path / "link.json").symlink_to(tmp_path / f"{good.learner}.json")
    others = len(list(tmp_path.glob("*.json"))) - 1
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    board = Board(tmp_path / "b.db")
    folder = Folder(tmp_path, board)
    assert folder.scan() == 1
    assert f"1 learner, {others} that are no reports" in folder.status
    assert [row.summary for row in board.rows()] == [good]
    assert folder.scan() == 0
    gone = Folder(tmp_path / "none", board)
    assert gone.scan() == 0 and "cannot be read" in gone.status
    board.close()


def test_a_shared_folder_that_is_gone_is_said(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACAE_COACH_FOLDER", str(tmp_path / "share"))
    report.send(NOW)
    soon(lambda: report.state().said)
    assert "is not there" in coach_report().text and not (tmp_path / "share").exists()
    (tmp_path / "share").mkdir()
    soon(lambda: report.state().accepted)


def test_an_old_file_does_not_undo_what_came_later(tmp_path: Path) -> None:
    from macae.workshop.coach.board import Board

    board = Board(tmp_path / "b.db")
    file = tmp_path / f"{learner(1).learner}.json"
    file.write_text(learner(1, challenge=1).model_dump_json(), encoding="utf-8")
    os.utime(file, (time.time() - 600, time.time() - 600))
    board.take(learner(1, challenge=3), "http")
    Folder(tmp_path, board).scan()
    assert [row.summary.challenge for row in board.rows()] == [3]
    board.close()


def test_a_notebook_that_was_open_for_years_is_still_told_of() -> None:
    row = ChallengeSummary(number=1, minutes=1e9, stuck=1e9, failed=10**9)
    assert (row.minutes, row.stuck, row.failed) == (100_000, 100_000, 9_999)


def test_one_line_in_a_notebook_joins(home: Path, tmp_path: Path, coach: Coach) -> None:
    (tmp_path / ".env").write_text("MACAE_MODEL=mine\nMACAE_TEAM=old\n", encoding="utf-8")
    coach_off()
    shown = coach_join(coach.url, "otter 2026", team='It\'s "us"\n=#')
    assert shown.active and "has taken your first report" in shown.text
    mine = learner_id(home)
    seen = next(p for p in coach.look()["people"] if p["learner"] == mine)
    assert seen["team"] == 'It\'s "us" =#' and seen["zone"] == "new"
    settings = load_settings()
    assert settings.model == "mine" and settings.team == seen["team"]
    report.send(NOW)
    assert report.idle(30) and report.state().accepted


def test_joining_says_what_does_not_work(home: Path, coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not the join code" in coach_join(coach.url, "BADGER-1").text
    assert "does not answer" in coach_join("http://127.0.0.1:9", JOIN).text
    assert "should look like" in coach_join("board", JOIN).text
    monkeypatch.setenv("MACAE_COACH_URL", "http://127.0.0.1:9")
    assert "wins over .env" in coach_join(coach.url, JOIN).text


def test_joining_in_a_terminal(home: Path, coach: Coach, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coach", "join", coach.url, JOIN, "--team", "Foxes"]) == 0
    assert "has taken your first report" in " ".join(capsys.readouterr().out.split())
    assert main(["coach", "join", coach.url, "BADGER-1"]) == 1


def test_a_shared_folder_is_joined_the_same_way(home: Path, tmp_path: Path) -> None:
    share = tmp_path / "our share"
    share.mkdir()
    assert coach_join(str(share), team="Foxes").active
    (file,) = share.iterdir()
    assert json.loads(file.read_text(encoding="utf-8"))["team"] == "Foxes"
    assert load_settings().coach_folder == share


def test_what_a_learner_does_in_a_notebook_reaches_the_board(
    home: Path, coach: Coach, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: a check, a hint, a pass; and the code for where there is no network."""
    from macae.workshop import check, hint, progress

    async def first_plan(engine: object, goal: str) -> object:
        return engine.submit(goal)  # type: ignore[attr-defined]

    set_board(monkeypatch, coach.url)
    check(first_plan)
    hint(first_plan)

    def mine() -> dict[str, object]:
        found = [p for p in coach.look()["people"] if p["learner"] == learner_id(home)]
        return dict(found[0]) if found else {}

    soon(lambda: mine().get("hints") == 1)
    seen = mine()
    assert (seen["challenge"], seen["exercise"], seen["failed"]) == (0, "first_plan", 1)

    async def solved(engine: object, goal: str) -> object:
        return await engine.submit(goal)  # type: ignore[attr-defined]

    solved.__name__ = "first_plan"
    check(solved)
    soon(lambda: mine()["cells"][0]["passed"] == 1)  # type: ignore[index]
    capsys.readouterr()
    progress(code=True)
    given = decode(re.findall(r"(?:[2-9A-HJ-NP-Z]{4}-){5}[2-9A-HJ-NP-Z]{4}", capsys.readouterr().out)[0])
    assert given.learner == f"code-{short_id(learner_id(home)).lower()}"
    assert [(c.number, c.passed, c.failed, c.hints) for c in given.challenges] == [(0, 1, 1, 1)]
