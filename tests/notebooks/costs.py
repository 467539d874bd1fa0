"""Measure what the challenges cost: `python -m tests.notebooks.costs --write` runs the notebooks that ask a model, with a stand-in for a provider.

The numbers go to macae/workshop/shows/costs.json, and from there into the table of notebooks/keys-and-costs.ipynb.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from macae.workshop.shows.costs import FILE, Use
from tests.support.openai_server import OpenAIServer
from tests.support.stand_in import stand_in, use_of

ROOT = Path(__file__).parents[2]
TOURS = ("00-start-here", "01-the-engine", "02-memory-and-rag", "03-monitoring")
NOTEBOOKS = [
    *(ROOT / "notebooks" / f"{name}.ipynb" for name in TOURS),
    *sorted((ROOT / "solutions").glob("*.ipynb")),
]
"""Those that ask a model: the tours, and the challenges, solved."""


def measure(path: Path, home: Path) -> Use:
    """Run a notebook from top to bottom with the stand-in as its provider; what it asked of it.

    Raises CalledProcessError when a cell failed.
    """
    with OpenAIServer() as server:
        server.answer(stand_in)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MACAE_", "PYTEST_", "JUPYTER_"))}
        environment = kept | {
            "MACAE_AUTO_CLICK": "1",
            "MACAE_HOME": str(home),
            "MACAE_PROVIDER": "openai",
            "MACAE_BASE_URL": server.url,
            "MACAE_API_KEY": "none",
            "MACAE_MODEL": "gpt-4o",
            "JUPYTER_PREFER_ENV_PATH": "1",
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        }
        command = [sys.executable, "-m", "papermill", "-k", "python3", "--no-progress-bar", "--cwd", str(path.parent)]  # fmt: skip
        subprocess.run(
            [*command, str(path), str(home / "result.ipynb")],
            env=environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=180,
        )
        return use_of(server.requests)


def main() -> None:
    found = {}
    for path in NOTEBOOKS:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            found[path.stem] = measure(path, Path(home))
        sys.stdout.write(f"{path.stem}: {found[path.stem]}\n")
    if "--write" in sys.argv:
        text = json.dumps({name: asdict(use) for name, use in found.items()}, indent=1)
        FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
