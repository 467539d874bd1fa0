"""The coach's pages as one HTML file that needs nothing else, made for the printer."""

from __future__ import annotations

import html
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import quote

from macae.errors import ConfigError, NotFound

__all__ = ["PAGES", "guide_folder", "print_guide"]

PAGES = ("README.md", "agenda.md", "scoring.md", "symptoms.md")
STYLE = """
:root { color-scheme: light dark; --fg: #14181f; --bg: #fff; --line: #c9ced6; --soft: #4d5561; --tint: #f1f3f6; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --fg: #e8ebf0; --bg: #16191e; --line: #454c57; --soft: #b3bac5; --tint: #222731; --link: #8ec5ff; } }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1.2rem; color: var(--fg); background: var(--bg); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.9rem; } h1, h2, h3 { line-height: 1.25; break-after: avoid; } h2 { margin-top: 2rem; border-bottom: 1px solid var(--line); }
section + section { margin-top: 4rem; }
a { color: var(--link); }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; font-size: 0.93em; }
th, td { padding: 4px 8px; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { background: var(--tint); }
tr, pre, blockquote { break-inside: avoid; }
code { padding: 0 0.25em; border-radius: 3px; background: var(--tint); font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: 0.92em; }
pre { padding: 0.7em 1em; border-radius: 6px; background: var(--tint); white-space: pre-wrap; } pre code { padding: 0; background: none; }
blockquote { margin: 1rem 0; padding: 0.1rem 1rem; border-left: 4px solid var(--line); color: var(--soft); }
@media print {
  :root { --fg: #000; --bg: #fff; --line: #999; --soft: #333; --tint: #f1f3f6; --link: #000; }
  @page { margin: 16mm 15mm; }
  body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; }
  section + section { margin: 0; break-before: page; }
  a { text-decoration: none; }
}
"""


def guide_folder() -> Path:
    """Where the coach's pages are. Raises NotFound outside a checkout."""
    folder = Path(__file__).parents[3] / "coach"
    if not (folder / PAGES[0]).is_file():
        raise NotFound(
            "The coach's pages are not here: run this in the workshop's own folder (a checkout), not from an installed package."
        )
    return folder


def print_guide(output: Path) -> None:
    """Write the pages into `output`. Raises NotFound, ConfigError."""
    folder = guide_folder()
    sections = [
        section(name, (folder / name).read_text(encoding="utf-8"), way(output, folder)) for name in PAGES
    ]
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>MACAE Workshop: the coach's pages</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{''.join(sections)}</body>\n</html>\n"
    )
    try:
        output.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(
            f"{output} cannot be written ({error.strerror or error}): choose another file with --output."
        ) from None


def way(output: Path, folder: Path) -> str:
    """The way from the written file to the pages' folder, for links to our notebooks."""
    try:
        return quote(Path(os.path.relpath(folder.resolve(), output.resolve().parent)).as_posix())
    except ValueError:  # another drive
        return folder.as_uri()


def section(name: str, text: str, start: str = ".") -> str:
    """One page; links between the pages become links inside the file, others begin at `start`."""
    from markdown_it import MarkdownIt

    body = str(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(text))
    body = re.sub(
        r"<(h[1-6])>(.*?)</\1>", lambda m: f'<{m[1]} id="{anchor(name, m[2])}">{m[2]}</{m[1]}>', body
    )
    body = re.sub(
        r'href="([^"#:]*)(#[^"]*)?"', lambda m: f'href="{inside(name, m[1], m[2] or "", start)}"', body
    )
    return f'<section id="{page_id(name)}">\n{body}</section>\n'


def page_id(name: str) -> str:
    """The id of a page's section."""
    return name.removesuffix(".md").lower()


def anchor(name: str, title: str) -> str:
    """The id of a heading: as the web sites that show Markdown make them, with the page in front."""
    plain = html.unescape(re.sub(r"<[^>]+>", "", title)).lower()
    words = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
    return f"{page_id(name)}-{words}"


def inside(name: str, path: str, fragment: str, start: str = ".") -> str:
    """Where a link leads in the printed file; what is no page of it is looked for from `start`."""
    target = path or name
    if target not in PAGES:
        return html.escape(tidy(f"{start}/{path}") + fragment, quote=True)
    return f"#{page_id(target)}" + (f"-{fragment[1:]}" if fragment else "")


def tidy(path: str) -> str:
    """The same path without `x/..` in it."""
    scheme, mark, rest = path.rpartition("://")
    return scheme + mark + posixpath.normpath(rest)
