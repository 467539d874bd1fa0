"""Challenges are built from solutions: what a learner has to write is taken out, and nothing else changes.

The walkthroughs, whose code is read from the package, are built with them (see `macae.workshop.walkthrough`).
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from macae.config import checkout
from macae.errors import ConfigError, InvalidInput
from macae.workshop.walkthrough import walkthroughs

__all__ = ["build", "challenge_of", "differences", "folders", "unmarked"]

LONGEST_LINE = 110
BEGIN, END, STUB = "### BEGIN SOLUTION", "### END SOLUTION", "# STUB:"


def folders(top: Path | None = None) -> tuple[Path, Path]:
    """Where the solutions are, and where the challenges go. Raises ConfigError outside the workshop's folder."""
    here = top or checkout()
    if not (here / "solutions").is_dir():
        raise ConfigError(f"There is no folder solutions in {here}. Run this inside the workshop's folder.")
    return here / "solutions", here / "challenges"


def unmarked(source: str) -> str:
    """A cell's source as a learner would have written it: the solution, without the markers and the to-do lines."""
    return "\n".join(
        line
        for line in source.splitlines()
        if line.strip() not in (BEGIN, END) and not line.strip().startswith(STUB)
    )


def stubbed(source: str, where: str) -> str:
    """A cell's source with each solution taken out. Raises InvalidInput for markers that do not pair, naming the cell."""
    kept: list[str] = []
    lines = iter(source.splitlines())
    for line in lines:
        if line.strip() == BEGIN:
            kept += stub(lines, line[: len(line) - len(line.lstrip())], where)
        elif line.strip() == END:
            raise InvalidInput(f"{where}: {END} without {BEGIN}.")
        else:
            kept.append(line)
    return "\n".join(kept)


def stub(lines: Iterator[str], indent: str, where: str) -> list[str]:
    """What stands in for one solution: `raise NotImplementedError` with its to-do, or the lines that the stub gives."""
    todo: list[str] = []
    code: list[str] = []
    for line in lines:
        text = line.strip()
        if text == END:
            said = " ".join(todo) or "write this part"
            given = [line for one in code for line in code_line(indent + one)]
            return given if code and not todo else [*given, *refusal(f"To do: {said}", indent)]
        if text == BEGIN:
            break
        if text.startswith(STUB):
            told = line.split(STUB, 1)[1].removeprefix(" ")
            if told.startswith("code:"):
                code.append(told.removeprefix("code:").removeprefix(" ").rstrip())
            else:
                todo.append(told.strip())
    raise InvalidInput(f"{where}: {BEGIN} without {END}.")


def code_line(line: str) -> list[str]:
    """A line that a stub gives; a long `raise NotImplementedError` in it is wrapped as ours are."""
    found = re.fullmatch(r'(\s*)raise NotImplementedError\((".*")\)', line)
    return refusal(json.loads(found[2]), found[1]) if found else [line.rstrip()]


def refusal(text: str, indent: str) -> list[str]:
    """The line that says what is to be done, as the formatter would write it."""
    quoted = json.dumps(text, ensure_ascii=False)
    if '"' in text and "'" not in text and "\\" not in text:
        quoted = f"'{text}'"
    line = f"{indent}raise NotImplementedError({quoted})"
    if len(line) <= LONGEST_LINE:
        return [line]
    return [f"{indent}raise NotImplementedError(", f"{indent}    {quoted}", f"{indent})"]


def challenge_of(solution: dict[str, Any], name: str) -> dict[str, Any]:
    """The challenge that a solution notebook becomes. Raises InvalidInput, naming the cell that cannot be used."""
    challenge = copy.deepcopy(solution)
    cells = []
    for cell in challenge["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "solution-only" in tags:
            continue
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
            source = "".join(cell["source"])
            cell["source"] = stubbed(source, f"{name}, cell {cell['id']}").splitlines(keepends=True)
            if "exercise" in tags and "".join(cell["source"]) == source:
                raise InvalidInput(f"{name}, cell {cell['id']}: an exercise without {BEGIN}.")
        # What compares outputs needs the answers.
        kept = [tag for tag in tags if tag not in ("nbval-check-output", "keep_output")]
        cell["metadata"] = {**({"tags": kept} if kept else {}), "deletable": False}
        cells.append(cell)
    challenge["cells"] = cells
    return challenge


def texts(top: Path | None = None) -> dict[Path, str]:
    """Each built notebook's path with the text that it should have."""
    solutions, challenges = folders(top)
    found = walkthroughs(solutions.parent) if (solutions.parent / "macae").is_dir() else {}
    for path in sorted(solutions.glob("*.ipynb")):
        try:
            solution = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InvalidInput(f"{path.name} is no notebook: {error}.") from None
        built = challenge_of(solution, path.name)
        found[challenges / path.name] = json.dumps(built, indent=1, ensure_ascii=False) + "\n"
    return found


def build(top: Path | None = None) -> list[Path]:
    """Write the challenges and walkthroughs; those that changed. A challenge without a solution is removed."""
    changed = []
    wanted = texts(top)
    _, challenges = folders(top)
    challenges.mkdir(exist_ok=True)
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    for stale in set(challenges.glob("*.ipynb")) - set(wanted):
        stale.unlink()
        changed.append(stale)
    return changed


def differences(top: Path | None = None) -> str:
    """Where what is there differs from what would be built, as a diff; empty when they are the same."""
    wanted = texts(top)
    _, challenges = folders(top)
    found: list[str] = []
    for path in sorted({*wanted, *challenges.glob("*.ipynb")}):
        there = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        right = wanted.get(path, "").splitlines()
        found += difflib.unified_diff(there, right, f"{path.parent.name}/{path.name}", "as it would be built", lineterm="", n=1)  # fmt: skip
    return re.sub(r"\n?$", "\n", "\n".join(found)) if found else ""
