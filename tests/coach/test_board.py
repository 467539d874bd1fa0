"""The board, asked over real HTTP: who may report, who may look, what survives, what is refused."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.coach.conftest import JOIN, Coach, at, learner

HOSTILE = "<img src=x onerror=alert(1)>"


def person(coach: Coach, number: int) -> dict[str, object]:
    """One learner as the coach sees them."""
    found = [p for p in coach.look()["people"] if p["learner"] == f"{number:016x}"]
    assert len(found) == 1
    return dict(found[0])


def test_a_report_is_seen(coach: Coach) -> None:
    assert coach.report(learner(1, "Amira")).json() == {"ok": True}
    seen = person(coach, 1)
    assert (seen["name"], seen["team"], seen["challenge"], seen["zone"]) == ("Amira", "Otters", 3, "fine")
    assert [c["state"] for c in seen["cells"]] == ["done", "done", "done", "now"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("", 401, "takes the join code"),
        ("BADGER-1", 403, "not the join code"),
        ("OTTER-202", 403, "Ask the coach"),
    ],
)
def test_without_the_join_code_nothing_is_taken(coach: Coach, code: str, status: int, said: str) -> None:
    reply = coach.report(learner(2), code)
    assert reply.status_code == status
    assert said in reply.json()["error"] and JOIN not in reply.text
    assert all(p["learner"] != f"{2:016x}" for p in coach.look()["people"])


@pytest.mark.parametrize("code", ["otter-2026", "OTTER2026", "otter 2026"])
def test_a_join_code_may_be_written_as_people_write(coach: Coach, code: str) -> None:
    assert coach.report(learner(1), code).status_code == 200


@pytest.mark.parametrize("path", ["/api/board", "/api/code", "/api/plan", "/api/remove"])
@pytest.mark.parametrize(("key", "status"), [("", 401), ("x" * 32, 403), (JOIN, 403)])
def test_learners_can_neither_see_nor_change_it(coach: Coach, path: str, key: str, status: int) -> None:
    head = {"X-Coach-Key": key} if key else {}
    reply = (
        coach.http.get(path, headers=head)
        if path == "/api/board"
        else coach.http.post(path, json={}, headers=head)
    )
    assert reply.status_code == status and "coach's key" in reply.json()["error"]


def test_the_page_itself_holds_nothing_of_anybody(coach: Coach) -> None:
    coach.report(learner(3, "Zebulon"))
    for path in ("/", "/coach.css", "/coach.js"):
        reply = coach.http.get(path)
        assert reply.status_code == 200
        assert "Zebulon" not in reply.text and coach.key not in reply.text and JOIN not in reply.text
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert (
            reply.headers["x-content-type-options"] == "nosniff"
            and reply.headers["cache-control"] == "no-store"
        )
    for path in ("/docs", "/openapi.json", "/../board.db"):
        assert coach.http.get(path).status_code == 404


def test_guessing_is_slowed_down_and_disturbs_no_one_else(start: Callable[..., Coach]) -> None:
    coach = start()
    assert coach.report(learner(1)).status_code == 200
    answers = [coach.report(learner(99), f"WRONG-{i:04}").status_code for i in range(25)]
    assert answers[:20] == [403] * 20 and answers[20:] == [429] * 5
    late = coach.report(learner(98))
    assert late.status_code == 429, "the right code is not told from a wrong one while there is a pause"
    assert 0 < int(late.headers["retry-after"]) <= 61
    assert coach.report(learner(1)).status_code == 200, "who reported before goes on"
    assert coach.look()["people"], "and so does the coach"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "a b", "["]
)
def test_another_name_for_the_board_is_refused(coach: Coach, host: str) -> None:
    with socket.create_connection(("127.0.0.1", coach.port), 10) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    assert said.split()[1] in ("421", "400") and "text/html" not in said


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "[::1]:8900", "192.168.1.20:8900"])
def test_addresses_are_names_that_nobody_can_point_elsewhere(coach: Coach, host: str) -> None:
    assert coach.http.get("/", headers={"Host": host}).status_code == 200


def test_what_is_too_big_is_refused_unread(coach: Coach) -> None:
    head = {"X-Join-Code": JOIN, "Content-Type": "application/json"}
    assert coach.http.post("/api/report", content=b"x" * 16_001, headers=head).status_code == 413

    def endless() -> object:
        for _ in range(40):
            yield b"x" * 1_000

    with suppress(httpx.TransportError):  # it may close the line before all was sent
        assert coach.http.post("/api/report", content=endless(), headers=head).status_code == 413  # type: ignore[arg-type]
    assert coach.http.get("/").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"learner": "../../etc/passwd"}', b'{"learner": "A"}', b"{}",
        b'{"learner": "a", "challenge": -1}', b'{"learner": "a", "challenges": [{"number": 1e999}]}',
        b'{"learner": "a", "challenges": [{"number": 1, "minutes": NaN}]}', b'{"learner": "a", "sent": 1e308}',
        b"[" * 15_000, b'{"learner": "a", "challenges": [' + b'{"number":1},' * 30 + b'{"number":1}]}',
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_a_sentence(coach: Coach, body: bytes) -> None:
    reply = coach.http.post("/api/report", content=body, headers={"X-Join-Code": JOIN})
    assert reply.status_code == 400 and reply.json()["error"].endswith((".", "?"))
    assert coach.look()


def test_hostile_names_are_cut_and_carried_as_text(coach: Coach) -> None:
    long = learner(7, HOSTILE + "\u202e\x00\x1b[2J\r\n" + "x" * 500, team=HOSTILE).model_dump(mode="json")
    long["name"] = HOSTILE + "\u202e\x00\x1b[2J\r\n" + "x" * 500
    reply = coach.post("/api/report", long, **{"X-Join-Code": JOIN})
    assert reply.status_code == 200
    seen = str(person(coach, 7)["name"])
    assert seen.startswith(HOSTILE) and len(seen) <= 40 and seen.isprintable()


def test_it_survives_being_killed(start: Callable[..., Coach], tmp_path: Path) -> None:
    first = start()
    for number in range(5):
        assert first.report(learner(number, f"N{number}")).status_code == 200
    assert first.do("/api/plan", track="half-day", begins="13:30").status_code == 200
    before, key, port = first.look(), first.key, first.port
    first.process.kill()
    first.process.wait()
    again = start(port)
    after = again.look()
    assert again.key == key, "the address that the coach has open stays right"
    assert {p["name"] for p in after["people"]} == {f"N{n}" for n in range(5)}
    assert after["plan"] == before["plan"] == {"track": "half-day", "begins": "13:30"}
    assert [p["cells"] for p in after["people"]] == [p["cells"] for p in before["people"]]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent otherwise there")
def test_ctrl_c_ends_it_with_a_sentence(start: Callable[..., Coach]) -> None:
    coach = start()
    with httpx.Client(base_url=coach.url, trust_env=False) as open_page:
        open_page.get("/")
        coach.process.send_signal(signal.SIGINT)
        assert coach.process.wait(15) == 0
    said = coach.rest()
    assert "The board is closed" in said and "Traceback" not in said


def test_a_port_in_use_is_one_sentence(coach: Coach, start: Callable[..., Coach]) -> None:
    with pytest.raises(AssertionError) as error:
        start(coach.port)
    said = str(error.value)
    assert f"port {coach.port}" in said and f"--port {coach.port + 1}" in said and "Traceback" not in said


def test_minutes_go_on_while_nobody_reports_and_end_as_away(
    start: Callable[..., Coach], tmp_path: Path
) -> None:
    from macae.workshop.coach.board import Board
    from macae.workshop.coach.picture import shown

    board = Board(tmp_path / "b.db")
    board.take(learner(1).model_copy(update={"challenges": (at(3, stuck=4.0),)}), "http")
    now = time.time()
    zones = {
        minutes: shown(board, "", "c", None, now + 60 * minutes)["people"][0]["zone"]
        for minutes in (0, 7, 17, 61)
    }
    assert zones == {0: "fine", 7: "look", 17: "help", 61: "away"}
    board.close()


def test_who_needs_help_first_comes_first(coach: Coach) -> None:
    many = at(3, stuck=21.0, failed=9, hints=2)
    coach.report(learner(20, "Priya", challenges=(many,)))
    coach.report(learner(21, "Tomas", challenges=(at(3, stuck=41.0),)))
    coach.report(learner(22, "Chiara", challenges=(at(3, stuck=2.0, failed=6),)))
    coach.report(learner(23, "Ben", challenges=(at(3, passed=4, stuck=None),)))
    seen = coach.look()
    named = {p["learner"]: p for p in seen["people"]}
    first = [
        named[one]["name"]
        for one in seen["first"]
        if named[one]["name"] in {"Priya", "Tomas", "Chiara", "Ben"}
    ]
    assert first == ["Tomas", "Priya", "Chiara"]
    advice = {p["name"]: p["advice"] for p in seen["people"]}
    assert (
        "No check was run" in advice["Tomas"]
        and "Sit down" in advice["Priya"]
        and "hint()" in advice["Chiara"]
    )


def test_a_learner_can_be_taken_off_and_comes_back(coach: Coach) -> None:
    coach.report(learner(30, "Test"))
    assert coach.do("/api/remove", learner=f"{30:016x}").status_code == 200
    assert all(p["name"] != "Test" for p in coach.look()["people"])
    coach.report(learner(30, "Test"))
    assert any(p["name"] == "Test" for p in coach.look()["people"])


@pytest.mark.parametrize(
    ("track", "begins"),
    [("week", "09:00"), ("day", "9 a.m."), ("day", "25:00"), ("", ""), ("x" * 5000, "09:00")],
)
def test_a_plan_that_is_none_is_refused(coach: Coach, track: str, begins: str) -> None:
    reply = coach.do("/api/plan", track=track, begins=begins)
    assert reply.status_code == 400 and len(reply.json()["error"]) < 200
