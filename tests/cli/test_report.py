"""`macae report`: a stored session's report, picture and table, by whoever may see it, and no file lost."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from tests.cli.conftest import Inside, object_in


def test_a_run_is_reported(inside: Inside, tmp_path: Path) -> None:
    nothing = inside("report", "abcd")
    assert nothing.returncode == 1 and "Nothing is stored" in nothing.stderr
    assert inside("run", "Onboard Jessica Smith as an engineer", "--yes").returncode == 0
    session = object_in(inside("sessions", "--json"))["sessions"][0]
    which, plan = session["session_id"], session["plans"][0]

    told = inside("report", which[:6])
    (file,) = tmp_path.glob("macae-report-*.html")
    assert told.returncode == 0 and f"Written: {file.name}" in told.stdout
    page = file.read_text(encoding="utf-8")
    assert "Onboard Jessica Smith" in page and "register_new_employee" in page and "auto:yes" in page

    again = inside("report", which)
    assert again.returncode == 1 and "exists already" in again.stderr and "--force" in again.stderr
    file.write_text("old", encoding="utf-8")
    assert inside("report", which, "--force").returncode == 0
    assert file.read_text(encoding="utf-8") != "old"

    beside = inside("report", plan, "--compare", which)
    assert beside.returncode == 0, "it has a name of its own"
    assert "-vs-" in beside.stdout and beside.stdout.count("Onboard Jessica Smith") == 2, "both are named"
    itself = inside("report", which, "--compare", which[:6])
    assert itself.returncode == 1 and "--compare names the same" in itself.stderr
    jpg = inside("report", which, "--png", "a.jpg")
    assert jpg.returncode == 1 and "ends in .png" in jpg.stderr and not (tmp_path / "a.jpg").exists()

    words = ("report", plan, "--compare", which, "--png", "a.png", "--theme", "dark", "--csv", "a.csv", "--table", "tools")  # fmt: skip
    files = object_in(inside(*words, "--json"))["files"]
    assert files == ["a.png", "a.csv"], "the page is written only when it is asked for, or nothing else is"
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    assert [row["tool"] for row in rows].count("register_new_employee") == 2, "the table holds both"
    for option, value, needs in (("--table", "calls", "--csv"), ("--theme", "dark", "--png")):
        idle = inside("report", which, option, value, "-o", "idle.html")
        assert idle.returncode == 1 and f"give {needs} FILE too" in idle.stderr
    assert not (tmp_path / "idle.html").exists()

    same = inside("report", which, "-o", "b.html", "--csv", "./b.html")
    assert same.returncode == 1 and "same name" in same.stderr and not (tmp_path / "b.html").exists()
    if sys.platform != "win32":  # links need a privilege there
        (tmp_path / "dangling.html").symlink_to(tmp_path / "nothing.html")
        link = inside("report", which, "-o", "dangling.html")
        assert link.returncode == 1 and "exists already" in link.stderr, "a link to nothing is there too"
    lost = inside("report", which, "--csv", "nowhere/b.csv")
    assert lost.returncode == 1 and "cannot be written" in lost.stderr
    folder = inside("report", which, "-o", ".", "--force")
    assert folder.returncode == 1 and "is a folder" in folder.stderr
    other = inside("report", which, "--user", "eve", "-o", "eve.html")
    assert (
        other.returncode == 1
        and "no session" in other.stderr.lower()
        and not (tmp_path / "eve.html").exists()
    )
