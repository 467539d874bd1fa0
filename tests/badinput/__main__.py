"""Writes docs/errors.md: `python -m tests.badinput`."""

from __future__ import annotations

from tests.badinput.page import PAGE, text

if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text(), encoding="utf-8", newline="\n")
