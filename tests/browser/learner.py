"""A learner at a challenge notebook: goes to a cell, writes, runs it, and reads what stands below."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from playwright.async_api import expect

from macae.workshop.build import unmarked

from .lab import ROOT, Lab, Notebook

SHOW = """
async id => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = notebook.widgets.findIndex(cell => cell.model.sharedModel.id === id);
  if (index < 0) throw new Error(`there is no cell ${id}`);
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index);
  notebook.widgets[index].node.dataset.cell = id;
}
"""


def answers(name: str) -> dict[str, str]:
    """The code cells of a solution notebook, as a learner would have written them."""
    cells = nbformat.read(ROOT / "solutions" / f"{name}.ipynb", as_version=4).cells
    return {cell.id: unmarked(cell.source) for cell in cells if cell.cell_type == "code"}


def write_challenge(lab: Lab, name: str, home: Path, copy: str) -> str:
    """The unsolved notebook among the lab's, with a first cell that keeps what is stored below `home`; its file name."""
    challenge = nbformat.read(ROOT / "challenges" / f"{name}.ipynb", as_version=4)
    first = nbformat.v4.new_code_cell(f'import os\n\nos.environ["MACAE_HOME"] = {str(home)!r}', id="home")
    challenge.cells.insert(0, first)
    nbformat.write(challenge, lab.notebooks / f"{copy}.ipynb")
    return f"{copy}.ipynb"


class Learner:
    """Hands and eyes in one notebook. Cells are known by their ids."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook, self.page = notebook, notebook.page

    async def look_at(self, cell: str) -> Any:
        """Go to a cell; its element."""
        await self.page.evaluate(SHOW, cell)
        found = self.page.locator(f'[data-cell="{cell}"]')
        await found.wait_for()
        return found

    async def write(self, cell: str, source: str) -> None:
        """Replace what stands in a cell."""
        found = await self.look_at(cell)
        await found.locator(".cm-content").click()
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.insert_text(source)

    async def run(self, *cells: str) -> None:
        """Run cells, one after the other, without waiting for their end."""
        for cell in cells:
            found = await self.look_at(cell)
            await found.locator(".cm-content").click()
            await self.page.keyboard.press("Shift+Enter")

    async def reads(self, cell: str, *texts: str) -> Any:
        """Wait until all of this stands below a cell; its output."""
        found = (await self.look_at(cell)).locator(".jp-Cell-outputArea")
        for text in texts:
            await expect(found).to_contain_text(text, timeout=40_000)
        return found
