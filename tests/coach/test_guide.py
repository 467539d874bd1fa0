"""The coach's pages: they agree with the program, and print as one file."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from macae.cli import main
from macae.workshop.coach.pacing import pacing
from macae.workshop.coach.printing import PAGES, print_guide
from macae.workshop.coach.serving import open_room, public_url
from macae.workshop.coach.tracks import SHARE, TITLES, TRACKS, clock
from macae.workshop.coach.view import FAILED, RED, YELLOW
from tests.gates.files import REPOSITORY

GUIDE = REPOSITORY / "coach"
TEXTS = {name: (GUIDE / name).read_text(encoding="utf-8") for name in PAGES}
AGENDA = TEXTS["agenda.md"]


@pytest.mark.parametrize("track", TRACKS.values(), ids=list(TRACKS))
def test_the_agenda_is_the_boards(track: object) -> None:
    from macae.workshop.coach.tracks import Track

    assert isinstance(track, Track)
    part = AGENDA.split(f"\n## {track.title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d\d:\d\d) \| (\d+) \| (.+?) \| (.*?) \|$", part, re.MULTILINE)
    wanted = []
    for day in range(len(track.days)):
        stones = {
            m.challenge: clock(track.begins, m.minute) for m in track.milestones if m.minute // 1440 == day
        }
        for minute, item in track.agenda(day):
            stone = f"by {stones[item.challenge]}, {SHARE}% are here" if item.challenge is not None else ""
            wanted.append((clock(track.begins, minute), str(item.minutes), item.what, stone))
    assert rows == wanted


def test_tracks_fit_their_names() -> None:
    length = {
        name: [sum(item.minutes for item in day) for day in track.days] for name, track in TRACKS.items()
    }
    assert length == {"two-hours": [120], "half-day": [240], "day": [480], "two-days": [420, 420]}
    assert TRACKS["day"].challenges == tuple(range(7))
    assert TRACKS["two-days"].challenges == tuple(range(8))
    for track in TRACKS.values():
        assert list(track.challenges) == sorted(track.challenges) and track.challenges[0] == 0


def test_the_guide_names_the_boards_zones_and_every_challenge() -> None:
    text = TEXTS["README.md"]
    for number in (YELLOW, RED):
        assert re.search(rf"\b{number} minutes", text)
    assert f"{FAILED} failed checks" in text
    for number, title in enumerate(TITLES):
        assert f"### Challenge {number}: {title}" in text
    for number in range(8, 11):
        assert f"{number}" in text


def test_the_mistakes_are_ones_that_checks_find() -> None:
    from importlib import import_module

    from macae.workshop.registry import challenges

    found = {exercise.name: set(exercise.when) for one in challenges() for exercise in one.exercises.values()}
    for one in challenges():
        try:
            wrong = import_module(f"tests.workshop.answers.c{one.number}").WRONG
        except ModuleNotFoundError:
            continue
        for name, answers in wrong.items():
            found[name] |= {answer[0] for answer in answers}
    told = re.findall(r"^\| .+? \| `(\w+)`: `([\w-]+)` \| .+ \|$", TEXTS["README.md"], re.MULTILINE)
    assert len(told) > 45
    assert not [(name, kind) for name, kind in told if kind not in found.get(name, set())]


def test_the_scoring_sheet_counts_what_there_is() -> None:
    from macae.workshop.registry import challenges

    for one in challenges():
        assert f"| {one.number} {one.title} | ____ / {len(one.exercises)} |" in TEXTS["scoring.md"]


def test_the_titles_are_the_exercises_own() -> None:
    from macae.workshop.registry import challenges

    for challenge in challenges():
        assert TITLES[challenge.number] == challenge.title


def test_it_prints_as_one_file_that_needs_nothing_else(tmp_path: Path) -> None:
    assert main(["coach", "print", "--output", str(tmp_path / "guide.html")]) == 0
    page = (tmp_path / "guide.html").read_text(encoding="utf-8")
    assert "@media print" in page and page.count("<section") == len(PAGES) and "<table>" in page
    assert not re.search(r"<(script|link|img)\b|url\(|@import", page)
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target in ids, target


@pytest.mark.parametrize("where", [".", "coach", "some where/deep"])
def test_its_links_lead_to_our_notebooks_from_wherever_it_is(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a shop" / "coach"
    folder.mkdir(parents=True)
    for name in PAGES:
        (folder / name).write_text(TEXTS[name], encoding="utf-8")
    monkeypatch.setattr("macae.workshop.coach.printing.guide_folder", lambda: folder)
    output = tmp_path / "a shop" / where / "coach.html"
    output.parent.mkdir(parents=True, exist_ok=True)
    print_guide(output)
    links = re.findall(r'href="([^"#:]+\.ipynb)"', output.read_text(encoding="utf-8"))
    assert links
    for link in links:
        target = (output.parent / unquote(link)).resolve()
        assert target.parent == (tmp_path / "a shop" / "notebooks").resolve()
        assert (REPOSITORY / "notebooks" / target.name).is_file()


def test_a_file_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["coach", "print", "--output", str(tmp_path / "none" / "guide.html")]) == 1
    assert "choose another file with --output" in " ".join(capsys.readouterr().err.split())


def line(minute: float, reached: list[int], track: str = "day") -> dict[str, object]:
    return pacing(track, "09:00", 0.0, minute * 60, reached)


def test_the_pacing_line() -> None:
    assert line(-5, [])["text"] == "The agenda begins at 09:00."
    early = line(16, [0, 0, -1])
    assert "Next: by 09:22, 70% in challenge 0." in str(early["next"])
    behind = line(150, [3, 2, 2, 1])
    assert behind["text"] == "Now 25% are in challenge 3 or further; plan: 70% by 11:25."
    assert (behind["state"], behind["share"], behind["next"]) == (
        "behind",
        25,
        "Next: by 13:15, 70% in challenge 4.",
    )
    assert line(150, [3, 3, 4, 2])["state"] == "ok" and line(150, [3, 3, 2, 4, 2])["state"] == "near"
    assert "Nobody has reported yet" in str(line(150, [])["text"])
    second = line(1440 + 10, [3], "two-days")
    assert "Next: by day 2, 09:30, 70% in challenge 4." in str(second["next"])
    assert line(5000, [6])["next"] == ""


def test_what_learners_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from macae.errors import InvalidInput
    from macae.workshop.coach.board import Board

    assert public_url("127.0.0.1", 8900) == ""
    assert public_url("10.1.2.3", 8900) == "http://10.1.2.3:8900"
    assert public_url("fd00::1", 8900) == "http://[fd00::1]:8900"
    assert public_url("127.0.0.1", 8900, "https://board.example.org/") == "https://board.example.org"
    monkeypatch.setenv("CODESPACE_NAME", "otter")
    monkeypatch.setenv("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.example.dev")
    assert public_url("127.0.0.1", 8900) == "https://otter-8900.app.example.dev"
    board = Board(tmp_path / "b.db")
    made = open_room(board, "127.0.0.1", 8900)
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", made.join) and len(made.key) == 32
    assert "otter-8900.app.example.dev" in made.hosts
    again = open_room(board, "127.0.0.1", 8900)
    assert (again.join, again.key) == (made.join, made.key)
    assert open_room(board, "127.0.0.1", 8900, "otter-26").join == "otter-26"
    for code in ("abc", "öööööö", "with space", "x" * 50):
        with pytest.raises(InvalidInput, match="join code"):
            open_room(board, "127.0.0.1", 8900, code)
    with pytest.raises(InvalidInput, match="--url"):
        public_url("127.0.0.1", 8900, "board")
    board.close()
