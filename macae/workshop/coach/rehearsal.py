"""The day before: everything that the day will need, tried once."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from macae.workshop.coach.folder import check_writable
from macae.workshop.coach.member import set_off
from macae.workshop.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["Result", "rehearse", "run_notebook"]

LONGEST = 300.0
"""Seconds that one notebook may take."""
SLOW = 20.0
"""Seconds from which on a notebook is slow: learners run it too, on computers that may be slower."""


@dataclass(frozen=True)
class Result:
    """One line of the rehearsal: what was found, and the seconds it took."""

    finding: Finding
    seconds: float


def rehearse(
    settings: Settings, notebooks: Path, host: str, port: int, folder: Path | None, parallel: int = 2
) -> Iterator[Result]:
    """Try everything, one result after the other. Never raises: what breaks is a result.

    The doctor asks the model once. The notebooks run on the offline model and in a temporary home: they cost nothing, leave
    nothing behind and report to no board.
    """
    from macae.workshop.doctor import examine

    began = time.perf_counter()
    for finding in examine(settings):
        yield Result(finding, time.perf_counter() - began)
        began = time.perf_counter()
    yield Result(port_free(host, port), time.perf_counter() - began)
    if folder is not None:
        began = time.perf_counter()
        yield Result(shared(folder), time.perf_counter() - began)
    found = sorted(notebooks.glob("*.ipynb"))
    if not found:
        yield Result(
            problem(
                "Notebooks", f"There are no notebooks in {notebooks}", "Give their folder with --notebooks."
            ),
            0.0,
        )
    with ThreadPoolExecutor(parallel) as pool:
        running = [pool.submit(run_notebook, notebook) for notebook in found]
        try:
            for done in as_completed(running):
                yield done.result()
        finally:
            for waiting in running:
                waiting.cancel()


def port_free(host: str, port: int) -> Finding:
    """Whether the board can listen, and where learners find it."""
    from macae.workshop.coach.serving import check_port, public_url

    if said := check_port(host, port):
        return problem(
            "Port", said, "Stop what uses it, or choose another with --port; then say the same on the day."
        )
    url = public_url(host, port)
    where = f"learners reach it at {url}" if url else "this computer only (add --lan for the room)"
    return ok("Port", f"{port} is free; {where}")


def shared(folder: Path) -> Finding:
    """Whether learners can write into the shared folder."""
    if said := check_writable(folder):
        return problem("Shared folder", said, "Create it, and let everybody write there.")
    return ok("Shared folder", f"{folder} can be written and read")


def run_notebook(notebook: Path, longest: float = LONGEST) -> Result:
    """Execute a notebook as a learner's would run, every check strict, every button pressed. Never raises."""
    began = time.perf_counter()
    name = f"Notebook {notebook.stem}"
    try:
        with tempfile.TemporaryDirectory(prefix="macae-rehearsal-", ignore_cleanup_errors=True) as room:
            said = execute(notebook, Path(room), longest)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - began
    if said:
        return Result(
            problem(
                name, said, f"Open solutions/{notebook.name} and run it by hand; the failing cell says more."
            ),
            seconds,
        )
    if seconds > SLOW:
        return Result(
            warning(
                name, f"it passes, but took {seconds:.0f} s", "Close other programs, or try --parallel 1."
            ),
            seconds,
        )
    return Result(ok(name, "runs, and every check passes"), seconds)


def execute(notebook: Path, room: Path, longest: float) -> str:
    """Run it with papermill in a process of its own; empty when all is well, else what went wrong."""
    home, result, notebook = room / "home", room / "result.ipynb", notebook.absolute()
    set_off(home, True)
    options = ["--cwd", str(notebook.parent), "-k", "python3", "--no-progress-bar"]
    command = [sys.executable, "-m", "papermill", *options, str(notebook), str(result)]
    try:
        done = subprocess.run(
            command,
            env=surroundings(home),
            cwd=room,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it was not done after {longest:.0f} s"
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return (
        failed_cell(result) or f"papermill stopped with code {done.returncode}: {' '.join(lines[-1:])[:300]}"
    )


def surroundings(home: Path) -> dict[str, str]:
    """The environment of a notebook: nobody clicks, a failed check raises, no model is paid, no board is told."""
    package = str(Path(__file__).parents[3])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MACAE_", "PYTEST_"))}
    return {
        **kept,
        "MACAE_HOME": str(home),
        "MACAE_PROVIDER": "offline",
        "MACAE_WORKSHOP_STRICT": "1",
        "MACAE_AUTO_CLICK": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")])),
        "PYTHONUTF8": "1",
    }


def failed_cell(result: Path) -> str:
    """Which cell failed, and with what; empty where that cannot be told."""
    import nbformat

    try:
        cells: Sequence[Any] = nbformat.read(result, as_version=4).cells  # type: ignore[no-untyped-call]
    except Exception:
        return ""
    for cell in cells:
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                text = " ".join(str(output.get("evalue", "")).split())[:300]
                return f"cell {cell.get('id', '?')!r}: {output.get('ename', 'an error')}: {text}"
    return ""
