"""What is in a company, and what differs between two moments."""

from __future__ import annotations

import html
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from macae.contoso.company import Company
from macae.errors import StoreError

__all__ = ["Diff", "RowChange", "Snapshot", "diff", "take"]

Row = dict[str, Any]
BOOKKEEPING = ("meta", "effects")
"""Tables about the file itself, not about the business."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All business rows at one moment: table name → primary key → row."""

    tables: Mapping[str, Mapping[tuple[Any, ...], Row]]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs."""

    table: str
    kind: Literal["added", "removed", "changed"]
    key: tuple[Any, ...]
    before: Row | None
    after: Row | None

    @property
    def columns(self) -> dict[str, tuple[Any, Any]]:
        """What differs, column → (before, after); for a row that is new or gone all that is not empty."""
        before, after = self.before or {}, self.after or {}
        return {
            name: (before.get(name), after.get(name))
            for name in (after or before)
            if before.get(name) != after.get(name)
        }

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~"}[self.kind]
        if self.kind == "changed":
            told = "; ".join(f"{c}: {shown(a)} → {shown(b)}" for c, (a, b) in self.columns.items())
            return f"{sign} {', '.join(shown(k) for k in self.key)}: {told}"
        return f"{sign} " + ", ".join(
            f"{c}: {shown(a if b is None else b)}" for c, (a, b) in self.columns.items()
        )


@dataclass(frozen=True, slots=True)
class Diff:
    """The rows added, removed and changed, by table. Printable; in a notebook it shows as tables."""

    changes: list[RowChange] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, list[RowChange]]:
        """The changes of each table that has some."""
        found: dict[str, list[RowChange]] = {}
        for change in self.changes:
            found.setdefault(change.table, []).append(change)
        return found

    def __len__(self) -> int:
        return len(self.changes)

    def __iter__(self) -> Iterator[RowChange]:
        return iter(self.changes)

    def __str__(self) -> str:
        if not self.changes:
            return "Nothing changed."
        parts = []
        for table, rows in self.tables.items():
            parts.append(table.replace("_", " "))
            parts.extend(f"  {row}" for row in rows)
        return "\n".join(parts)

    def to_dict(self) -> list[dict[str, Any]]:
        """For JSON: one object a row, with table, kind, key, before and after."""
        return [
            {"table": c.table, "kind": c.kind, "key": list(c.key), "before": c.before, "after": c.after}
            for c in self.changes
        ]

    def _repr_html_(self) -> str:
        """All text escaped; colours follow JupyterLab's theme."""
        if not self.changes:
            return f'<div class="contoso-diff">{STYLE}<p>Nothing changed in Contoso.</p></div>'
        parts = []
        for table, rows in self.tables.items():
            parts.append(f"<h4>{escaped(table.replace('_', ' '))}</h4><ul>")
            parts.extend(row_html(row) for row in rows)
            parts.append("</ul>")
        return f'<div class="contoso-diff">{STYLE}{"".join(parts)}</div>'


STYLE = """<style>
.contoso-diff { color: var(--jp-ui-font-color1, CanvasText); font: 13px/1.5 var(--jp-ui-font-family, system-ui, sans-serif); }
.contoso-diff h4 { margin: .8em 0 .2em; font-size: 1em; text-transform: capitalize; }
.contoso-diff ul { list-style: none; margin: 0; padding: 0; }
.contoso-diff li { padding: 2px 8px; margin: 2px 0; border-left: 4px solid; background: var(--jp-layout-color2, rgba(127, 127, 127, .12)); overflow-wrap: anywhere; }
.contoso-diff li.added { border-color: var(--jp-success-color1, #2e7d32); }
.contoso-diff li.removed { border-color: var(--jp-error-color1, #c62828); }
.contoso-diff li.changed { border-color: var(--jp-warn-color1, #b26a00); }
.contoso-diff b { font-weight: 600; margin-right: .6em; }
.contoso-diff span { margin-right: .8em; display: inline-block; }
.contoso-diff i { font-style: normal; color: var(--jp-ui-font-color2, inherit); opacity: .85; }
.contoso-diff del { color: var(--jp-ui-font-color2, inherit); }
</style>"""


def row_html(change: RowChange) -> str:
    """One row: what it is, then its columns."""
    cells = []
    for column, (old, new) in change.columns.items():
        if change.kind == "changed":
            shown_value = f"<del>{escaped(old)}</del> → {escaped(new)}"
        else:
            shown_value = escaped(old if new is None else new)
        cells.append(f"<span><i>{escaped(column)}</i> {shown_value}</span>")
    key = "".join(f"<span>{escaped(part)}</span>" for part in change.key) if change.kind == "changed" else ""
    return f'<li class="{change.kind}"><b>{change.kind}</b>{key}{"".join(cells)}</li>'


def escaped(value: Any) -> str:
    """A value as text that no browser takes for markup."""
    return html.escape(shown(value, most=400))


def shown(value: Any, most: int = 100) -> str:
    """A value on one line: no control characters (a terminal would obey them), long text cut."""
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix(".00")
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def take(db: sqlite3.Connection) -> Snapshot:
    """All business rows of a company, as they are at one moment."""
    tables: dict[str, dict[tuple[Any, ...], Row]] = {}
    inside = db.in_transaction
    if not inside:
        db.execute("BEGIN")
    try:
        names = [
            n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
        ]
        for name in names:
            if name in BOOKKEEPING:
                continue
            info = db.execute(f'PRAGMA table_info("{name}")').fetchall()
            key = [i for _, i in sorted((column[5], i) for i, column in enumerate(info) if column[5])]
            columns = [column[1] for column in info]
            rows = (tuple(row) for row in db.execute(f'SELECT * FROM "{name}"'))
            tables[name] = {tuple(row[i] for i in key): dict(zip(columns, row, strict=True)) for row in rows}
    finally:
        if not inside:
            db.execute("ROLLBACK")
    return Snapshot(tables)


def diff(before: Snapshot | Company | Path | str, after: Snapshot | Company | Path | str) -> Diff:
    """What differs between two snapshots, companies or company files. Raises StoreError for a file that is none."""
    old, new = read(before).tables, read(after).tables
    changes: list[RowChange] = []
    for table in [*new, *(name for name in old if name not in new)]:
        was, now = old.get(table, {}), new.get(table, {})
        changes += [RowChange(table, "removed", key, row, None) for key, row in was.items() if key not in now]
        changes += [
            RowChange(table, "changed", key, was[key], row)
            for key, row in now.items()
            if key in was and was[key] != row
        ]
        changes += [RowChange(table, "added", key, None, row) for key, row in now.items() if key not in was]
    return Diff(changes)


def read(source: Snapshot | Company | Path | str) -> Snapshot:
    """A snapshot of what was given; a file is only looked at."""
    if isinstance(source, Snapshot):
        return source
    if isinstance(source, Company):
        return source.snapshot()
    path = Path(source)
    if not path.is_file():
        raise StoreError(f"There is no sample company at {path}. Give its file, or a snapshot.")
    with Company.open(path) as company:
        return company.snapshot()
