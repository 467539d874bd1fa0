"""Source that runs as a notebook's cell would."""

from __future__ import annotations

import linecache
import sys
from itertools import count
from types import ModuleType
from typing import Any

from macae.workshop.parts import solution_cells
from macae.workshop.sources import definitions

_numbers = count()


class Cells:
    """A namespace in which cells run one after the other."""

    def __init__(self) -> None:
        self.module = ModuleType(f"cells_of_a_test_{next(_numbers)}")
        sys.modules[self.module.__name__] = self.module

    @property
    def names(self) -> dict[str, Any]:
        return vars(self.module)

    def run(self, source: str) -> dict[str, Any]:
        file = f"<cell {next(_numbers)} of a test>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec", dont_inherit=True), self.names)
        return self.names

    @classmethod
    def of_solution(cls, notebook: str) -> Cells:
        """With what a solution notebook defines."""
        cells = cls()
        cells.run(definitions([c.source for c in solution_cells(notebook) if c.cell_type == "code"]))
        return cells
