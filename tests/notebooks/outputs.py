"""Write the outputs that are committed: `python -m tests.notebooks.outputs solutions/03-specialists.ipynb …`.

Each notebook is run; cells tagged `nbval-check-output` keep what they printed, all others keep nothing. Look at the diff: what
stands there from then on is what nbval compares with.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat

from .running import run


def fill(path: Path) -> None:
    """Run a notebook and keep the outputs of its deterministic cells."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        result = Path(folder) / "result.ipynb"
        options = ["--cwd", str(path.parent), "-k", "python3", "--no-progress-bar"]
        run(Path(folder) / "home", "papermill", *options, str(path), str(result), MACAE_WORKSHOP_STRICT="1")
        ran = {cell.id: cell for cell in nbformat.read(result, as_version=4).cells}
    notebook = nbformat.read(path, as_version=4)
    number = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if "nbval-check-output" in cell.metadata.get("tags", ()):
            number += 1
            text = "".join(o.text for o in ran[cell.id].outputs if o.output_type == "stream" and o.name == "stdout")  # fmt: skip
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
            cell.execution_count = number
    path.write_text(nbformat.writes(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")  # fmt: skip


if __name__ == "__main__":
    for word in sys.argv[1:]:
        fill(Path(word).absolute())
