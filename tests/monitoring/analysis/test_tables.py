"""CSV that pandas and spreadsheets read, and that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from macae.errors import InvalidInput
from macae.models import EventType
from macae.monitoring import Recording, to_csv
from tests.support.recordings import START, Script, onboarding

E = EventType


def rows(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_tables_say_what_the_recording_says() -> None:
    r = Recording(onboarding())
    events, calls, steps, tools = (
        rows(to_csv(r, kind=kind)) for kind in ("events", "calls", "steps", "tools")
    )
    assert [int(row["seq"]) for row in events] == [e.seq for e in r.events]
    assert (events[0]["type"], events[0]["text"]) == ("goal_received", "onboard Jessica Smith")
    assert datetime.fromisoformat(events[1]["time"]).timestamp() == pytest.approx(START + 1.4)
    assert sum(float(row["usd"]) for row in calls) == pytest.approx(0.0568)
    assert [float(row["seconds"]) for row in calls] == [c.seconds for c in r.model_calls]
    assert [row["step_id"] for row in steps] == ["s1", "s2", "s3"] and steps[1]["grounded"] == "0.5"
    assert [row["state"] for row in tools].count("failed") == 1
    assert tools[0]["arguments"] == '{"name": "Jessica Smith", "start": "2026-12-01"}'


def test_what_is_not_known_is_an_empty_cell() -> None:
    s = Script()
    s.price = None
    s.model_call(0, 1, "HrAgent")
    (row,) = rows(to_csv(Recording(s.events), kind="calls"))
    assert (row["usd"], row["step_id"], row["error"], row["ok"]) == ("", "", "", "True")
    assert to_csv(Recording(), kind="tools").count("\n") == 1, "a header is there without rows too"


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "\x00=1", "\x1b=1",
     " =1+1", "\xa0=1", "\ufeff=1", "\u200b=1", "\u202e =1", "\u3000＝1", "\u2028=1", "\x9b=1", "\u034f=1", "﹦1", "\u22121"],
)  # fmt: skip
def test_no_cell_is_a_formula(evil: str) -> None:
    s = Script()
    s.add(0, E.thought, evil, evil, evil)
    s.tool_call(1, 2, evil, evil, evil, {evil: evil}, evil)
    for kind in ("events", "tools", "steps"):
        for row in rows(to_csv(Recording(s.events), kind=kind)):  # type: ignore[arg-type]
            for cell in row.values():
                assert not cell or cell[0] in "'{" or cell[0].isalnum() or cell.startswith(" ok")
                assert all(c in "\n\t" or ord(c) >= 32 for c in cell)


@pytest.mark.parametrize("good", ["plain", " indented", "\u200bplain", "é=1", "(=1)", "'=1", ""])
def test_what_is_no_formula_stays_as_it_is(good: str) -> None:
    s = Script()
    s.add(0, E.thought, "HrAgent", good)
    assert rows(to_csv(Recording(s.events)))[0]["text"] == good


def test_a_file(tmp_path: Path) -> None:
    r = Recording(onboarding())
    file = tmp_path / "events.csv"
    assert file.write_text("old", encoding="utf-8")
    text = to_csv(r, file)
    assert file.read_bytes().decode() == text and "\r" not in text
    with pytest.raises(InvalidInput, match=r"cannot be written"):
        to_csv(r, tmp_path / "no" / "such" / "folder.csv")
    with pytest.raises(InvalidInput, match=r"'rows'.*events, calls, steps, tools"):
        to_csv(r, kind="rows")  # type: ignore[arg-type]


def test_odd_text_survives() -> None:
    s = Script()
    s.add(0, E.thought, "HrAgent", 'a "quoted", text\nof two lines, 漢字, \ud800 and €')
    s.events[0].data["many"] = float("nan")
    (row,) = rows(to_csv(Recording(s.events)))
    assert row["text"] == 'a "quoted", text\nof two lines, 漢字, ? and €'
