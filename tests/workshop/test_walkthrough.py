"""Walkthroughs: the code is the package's, no line is left out, and a text that no longer fits is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from macae.errors import InvalidInput
from macae.workshop.walkthrough import code_of, notebook_of, read_blocks

ROOT = Path(__file__).parents[2]
CODE = '''class Shelf:
    """Keeps things."""

    @property
    def top(self) -> int:
        """The newest.

        Raises IndexError.
        """
        if not self.things:
            raise IndexError("empty")
        return self.things[-1]
'''
TEXT = """# Title

Hello.

## First

### Look
code: shelf.py Shelf.top

What it is for.

- `if not`: nothing there
  is an error.
- `return`: the last one.
"""


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "shelf.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def built(text: str, top: Path) -> list[str]:
    return ["".join(c["source"]) for c in notebook_of(read_blocks(text, "a.md"), top, "a.md")["cells"]]


def test_each_line_stands_there_with_what_is_said_of_it(top: Path) -> None:
    title, chapter, block = built(TEXT, top)
    assert (title, chapter) == ("# Title\n\nHello.", "## 1 · First")
    assert block.startswith("### 1.1 · Look\n\nWhat it is for.\n\n`Shelf.top` in [`shelf.py`](../shelf.py)")
    fences = [part.split("\n```")[0] for part in block.split("```python\n")[1:]]
    lines, head = code_of(top, "shelf.py Shelf.top", "")
    assert lines[:2] == ["@property", "def top(self) -> int:"] and head == 6
    assert "\n".join(fences).split("\n") == lines
    assert (
        block.index("raise IndexError(") < block.index("> Nothing there is an error.") < block.index("return")
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("- `return`", "- `yield`"), "no line of shelf.py Shelf.top that is left begins with `yield`"),
        (("- `if not`", "- `raise`"), "nothing explains `if not self.things:`"),
        (("Shelf.top", "Shelf.bottom"), "shelf.py defines no Shelf.bottom"),
        (("code: shelf.py", "code: room.py"), "there is no file room.py"),
        (("- `return`: the last one.", "The last one."), "line 14: after the first point"),
        (("# Title\n", ""), "begins with its title"),
    ],
)
def test_a_text_that_does_not_fit_is_said(top: Path, change: tuple[str, str], says: str) -> None:
    with pytest.raises(InvalidInput, match=r"a\.md") as raised:
        built(TEXT.replace(*change), top)
    assert says in str(raised.value)


def test_the_walkthroughs_explain_real_code() -> None:
    texts = sorted((ROOT / "macae" / "workshop" / "walkthroughs").glob("*.md"))
    assert {path.stem for path in texts} >= {"monitoring"}
    for path in texts:
        assert len(built(path.read_text(encoding="utf-8"), ROOT)) > 2
