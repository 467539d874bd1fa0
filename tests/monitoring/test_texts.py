"""Text from outside: one way for all of monitoring to make it safe to show, and to write it to a file."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from macae.errors import InvalidInput
from macae.monitoring import Recording, to_csv
from macae.monitoring.files import put_file
from macae.monitoring.report import save_report
from macae.monitoring.texts import clip, one_line, visible
from macae.ui.text import clean
from tests.support.recordings import onboarding


def test_what_cannot_be_seen_is_an_escape_and_scripts_stay_whole() -> None:
    raw = "a\r\nb\tc \u202e\x1b[31m \u2028 \ud800 می\u200cخواهم 👩\u200d💻"
    assert visible(raw) == "a\nb\tc \\u202e\\x1b[31m \\u2028 \\ud800 می\u200cخواهم 👩\u200d💻" == clean(raw)


def test_one_line_is_one_line_and_says_that_it_is_cut() -> None:
    assert one_line("a\r\nb\u2028c\x0b d\x00") == "a b c d\\x00"
    assert one_line("x" * 400, 20) == "x" * 19 + "…"
    assert one_line("a" + " " * 1_000 + "b", 20) == "a…", "what was not looked at is told, too"
    assert len(one_line("\x00" * 400, 20)) == 20
    assert clip("abcdef", 3) == "ab…" and clip("abc", 3) == "abc"
    assert clip("x" * 1_500, 10, counted=True) == "x" * 10 + "… (1,490 more characters)"


def test_a_file_is_whole_and_its_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        save_report(Recording(onboarding()), tmp_path / "r.html")
        to_csv(Recording(onboarding()), tmp_path / "t.csv")
    finally:
        os.umask(old)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "t.csv"]
    if sys.platform != "win32":
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    for path in (tmp_path, tmp_path / "nowhere" / "x", tmp_path / "a\0b"):
        with pytest.raises(InvalidInput, match="cannot be written"):
            put_file(path, b"new")
    assert len(list(tmp_path.iterdir())) == 2, "nothing half is left behind"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_is_replaced_and_never_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    precious, link = tmp_path / "precious", tmp_path / "y.csv"
    precious.write_text("precious", encoding="utf-8")
    for planted in (link, tmp_path / f".y.csv.{os.getpid()}.part", tmp_path / ".macae-aaaa.part"):
        planted.symlink_to(precious)
    names = iter(["aaaa", "bbbb"])  # the first name that is tried is the planted one
    monkeypatch.setattr(tempfile, "_get_candidate_names", lambda: names)
    put_file(link, b"new")
    assert precious.read_text(encoding="utf-8") == "precious"
    assert link.read_bytes() == b"new" and not link.is_symlink()
