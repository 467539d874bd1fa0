"""The documents tell the truth: blocks run, commands exist, links lead somewhere; and no file tells what it should not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gates.files import REPOSITORY, texts
from tests.gates.settings import README, with_table

DOCUMENTS = {name: text for name, text in texts() if name.endswith(".md")}
RUN = """
import ast, asyncio, inspect, sys
code = compile(sys.stdin.read(), "<README>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
work = eval(code, {"__name__": "__main__"})
if inspect.iscoroutine(work):
    asyncio.run(work)
"""


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


PYTHON = [(name, block) for name, text in DOCUMENTS.items() for block in blocks(text, "python")]


@pytest.mark.parametrize(("name", "block"), PYTHON, ids=[f"{name}-{i}" for i, (name, _) in enumerate(PYTHON)])
def test_python_blocks_run(name: str, block: str, tmp_path: Path) -> None:
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("MACAE_", "OPENAI_", "AZURE_"))
    }
    env |= {"PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1", "PYTHONWARNINGS": "error::RuntimeWarning"}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=block,
        cwd=tmp_path,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "print(" in block:
        assert done.stdout.strip()
    assert "failed" not in done.stdout.lower()


def test_the_readmes_commands_exist() -> None:
    words = set(re.findall(r"`?python workshop\.py ([a-z]+)", "\n".join(DOCUMENTS.values())))
    assert {"demo", "test", "pack", "doctor"} <= words
    for word in words - {"test", "pack"}:
        done = subprocess.run(
            [sys.executable, "-m", "macae.cli", word, "--help"],
            cwd=REPOSITORY,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (
            f"the documents say `python workshop.py {word}`, but macae has no such command"
        )


def test_the_readmes_options_exist() -> None:
    program = (REPOSITORY / "workshop.py").read_text(encoding="utf-8")
    said = re.findall(r"python workshop\.py([^`\n|]*)", "\n".join(DOCUMENTS.values()))
    sources = sorted((REPOSITORY / "macae" / "cli").glob("*.py"))
    commands = "".join(source.read_text(encoding="utf-8") for source in sources)
    tests = (REPOSITORY / "tests" / "chaos" / "conftest.py").read_text(encoding="utf-8")
    for line in said:
        word = next(iter(line.split()), "")
        known = tests if word == "test" else program if word == "pack" or not word.isalpha() else commands
        for option in re.findall(r"--[a-z-]+", line):
            assert f'"{option}"' in known, f"python workshop.py{line}"


def test_the_readmes_settings_are_the_programs() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text), "run: python -m tests.gates.settings"


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", DOCUMENTS[name]):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        # A walkthrough's words are read in the notebook that is built from them.
        folder = REPOSITORY / "notebooks" if "/walkthroughs/" in name else (REPOSITORY / name).parent
        file = folder / path if path else REPOSITORY / name
        assert file.exists(), f"{name} links to {target}"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{name} links to {target}"


# Written in pieces, so that this file does not hold what it looks for.
SECRETS = {
    "a path of somebody's machine": r"(?<![\w.~/])/(?:ro"
    r"ot|wo"
    r"rk)/|/ho"
    r"me/\w+/|/Us"
    r"ers/\w+/|[A-Z]:\\+Us"
    r"ers\\+\w+",
    "a folder beside the repository": r"\.\./sha" r"red",
    "the address of a package index": r"py"
    r"pi\.org|pythonho"
    r"sted\.org|registry\.np"
    r"mjs|deb\.deb"
    r"ian|UV_IND"
    r"EX_URL=http",
    "a key": r"\bsk-[A-Za-z0-9]{24,}|\bAK"
    r"IA[0-9A-Z]{16}|\bgh[pousr]_[A-Za-z0-9]{30,}|-----BEGIN [A-Z ]*PRIV"
    r"ATE KEY",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_no_file_tells(kind: str) -> None:
    pattern = re.compile(SECRETS[kind])
    found = [f"{name}: {match[0]}" for name, text in texts() for match in pattern.finditer(text)]
    assert not found, f"{kind}: {found[:10]}"


def test_the_search_for_secrets_finds_them() -> None:
    """Each pattern finds what it is for."""
    examples = {
        "a path of somebody's machine": ["see /" + "root/x", "/ho" + "me/ann/project", "C:\\Us" + "ers\\ann"],
        "a folder beside the repository": ["../sha" + "red/facts.md"],
        "the address of a package index": ["https://py" + "pi.org/simple"],
        "a key": ["sk-" + "a1" * 16, "gh" + "p_" + "a1" * 18],
    }
    for kind, texts_with_it in examples.items():
        for text in texts_with_it:
            assert re.search(SECRETS[kind], text), text
