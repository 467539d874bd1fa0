"""What differs between two moments of a company: row by row, as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from macae.contoso.company import Company
from macae.contoso.snapshots import Key, Row, Snapshot
from macae.errors import StoreError

__all__ = ["Diff", "RowChange", "diff"]

EMPLOYEE = (
    "employee_id",
    "mentor_id",
    "manager_id",
    "organiser_id",
    "assignee_id",
    "for_employee_id",
    "author_id",
)
REFERS = dict.fromkeys((*EMPLOYEE, "owner_id", "head_id"), "employees") | {
    "supplier_id": "suppliers",
    "sku": "items",
    "customer_id": "customers",
    "subscription_id": "subscriptions",
    "contact_id": "press_contacts",
    "event": "events",
    "contract": "contracts",
}
"""Which table a column points into, so that a reader sees a name beside the number."""

Names = Mapping[tuple[str, Any], str]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs."""

    table: str
    kind: Literal["added", "removed", "changed"]
    key: Key
    before: Row | None
    after: Row | None
    key_columns: tuple[str, ...] = ()
    names: Names = field(default_factory=dict, repr=False, compare=False)

    @property
    def columns(self) -> dict[str, tuple[Any, Any]]:
        """What differs, column → (before, after); of a row that is new or gone all that is not empty."""
        before, after = self.before or {}, self.after or {}
        return {
            name: (before.get(name), after.get(name))
            for name in (after or before)
            if before.get(name) != after.get(name)
        }

    @property
    def title(self) -> str:
        """Which row it is, for a reader: `Jessica Smith (41)`, `Alex Romero (38), vacation`."""
        row = self.after or self.before or {}
        name = self.names.get((self.table, self.key[0])) or row.get("name") or row.get("title")
        if name and len(self.key) == 1:
            key = shown(self.key[0])
            return key if shown(name) == key else f"{shown(name)} ({key})"
        return ", ".join(map(self.told, self.key_columns, self.key))

    def told(self, column: str, value: Any, most: int = 100) -> str:
        """A value for readers, with the name of what it points to."""
        name = self.names.get((REFERS.get(column, ""), value))
        return f"{shown(name, most)} ({shown(value, most)})" if name else shown(value, most)

    def __str__(self) -> str:
        if self.kind == "changed":
            told = (f"{c}: {self.told(c, a)} → {self.told(c, b)}" for c, (a, b) in self.columns.items())
            return f"~ {self.title}: {'; '.join(told)}"
        told = (f"{c}: {self.told(c, a if b is None else b)}" for c, (a, b) in self.columns.items())
        return f"{'+' if self.kind == 'added' else '-'} {', '.join(told)}"


@dataclass(frozen=True, slots=True)
class Diff:
    """The rows added, removed and changed, by table. Printable; a notebook shows it with colours."""

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
        parts = []
        for table, rows in self.tables.items():
            parts.append(table.replace("_", " "))
            parts.extend(f"  {row}" for row in rows)
        return "\n".join(parts) or "Nothing changed."

    def to_dict(self) -> list[dict[str, Any]]:
        """For JSON: one object a row, with table, kind, key, before and after."""
        return [
            {"table": c.table, "kind": c.kind, "key": list(c.key), "before": c.before, "after": c.after}
            for c in self.changes
        ]

    def _repr_html_(self) -> str:
        """All text escaped; the colours follow JupyterLab's theme."""
        parts = []
        for table, rows in self.tables.items():
            parts.append(
                f"<h4>{html.escape(table.replace('_', ' '))}</h4><ul>{''.join(map(row_html, rows))}</ul>"
            )
        return (
            f'<div class="contoso-diff">{STYLE}{"".join(parts) or "<p>Nothing changed in Contoso.</p>"}</div>'
        )


STYLE = """<style>
.contoso-diff { color: var(--jp-ui-font-color1, CanvasText); font: 13px/1.5 var(--jp-ui-font-family, system-ui, sans-serif); }
.contoso-diff h4 { margin: .8em 0 .2em; font-size: 1em; }
.contoso-diff h4::first-letter { text-transform: uppercase; }
.contoso-diff ul { list-style: none; margin: 0; padding: 0; }
.contoso-diff li { padding: 2px 8px; margin: 2px 0; border-left: 4px solid; background: var(--jp-layout-color2, rgba(127, 127, 127, .12)); overflow-wrap: anywhere; }
.contoso-diff li.added { border-color: var(--jp-success-color1, #2e7d32); }
.contoso-diff li.removed { border-color: var(--jp-error-color1, #c62828); }
.contoso-diff li.changed { border-color: var(--jp-warn-color1, #b26a00); }
.contoso-diff b { font-weight: 600; margin-right: .6em; }
.contoso-diff span { margin-right: .8em; }
.contoso-diff i, .contoso-diff del { font-style: normal; color: var(--jp-ui-font-color2, GrayText); }
</style>"""


def row_html(change: RowChange) -> str:
    """One row: what happened to it, which one it is, its columns."""
    cells = []
    for column, (old, new) in change.columns.items():
        value = html.escape(change.told(column, old if new is None else new, 400))
        if change.kind == "changed":
            value = f"<del>{html.escape(change.told(column, old, 400))}</del> → {html.escape(change.told(column, new, 400))}"
        cells.append(f"<span><i>{html.escape(column.replace('_', ' '))}</i> {value}</span>")
    which = f"<span>{html.escape(change.title)}</span>" if change.kind == "changed" else ""
    return f'<li class="{change.kind}"><b>{change.kind}</b>{which}{" ".join(cells)}</li>'


def shown(value: Any, most: int = 100) -> str:
    """A value on one line: no control characters (a terminal would obey them), long text cut."""
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix(".00")
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def diff(before: Snapshot | Company | Path | str, after: Snapshot | Company | Path | str) -> Diff:
    """What differs between two snapshots, companies or company files. Raises StoreError for a file that is none."""
    old, new = read(before), read(after)
    names = named(old) | named(new)
    changes: list[RowChange] = []
    for table in [*new.tables, *(name for name in old.tables if name not in new.tables)]:
        was, now = old.tables.get(table, {}), new.tables.get(table, {})
        about = (new.keys.get(table) or old.keys[table], names)
        changes += [
            RowChange(table, "removed", key, row, None, *about) for key, row in was.items() if key not in now
        ]
        changes += [
            RowChange(table, "changed", key, was[key], row, *about)
            for key, row in now.items()
            if key in was and was[key] != row
        ]
        changes += [
            RowChange(table, "added", key, None, row, *about) for key, row in now.items() if key not in was
        ]
    return Diff(changes)


def named(snapshot: Snapshot) -> dict[tuple[str, Any], str]:
    """(table, key) → name, for the tables that others point into."""
    found = {
        (table, key[0]): str(row.get("name") or row.get("title"))
        for table in set(REFERS.values()) - {"subscriptions"}
        for key, row in snapshot.tables.get(table, {}).items()
    }
    for key, row in snapshot.tables.get("subscriptions", {}).items():
        found["subscriptions", key[0]] = found.get(("customers", row["customer_id"]), "")
    return found


def read(source: Snapshot | Company | Path | str) -> Snapshot:
    """A snapshot of what was given; a file is only looked at. Raises StoreError when it is no sample company."""
    if isinstance(source, Snapshot):
        return source
    if isinstance(source, Company):
        return source.snapshot()
    path = Path(source)
    if not path.is_file():
        raise StoreError(f"There is no sample company at {path}. Give its file, or a snapshot.")
    with Company.open(path) as company:
        return company.snapshot()
