"""The table of rules in docs/alerts.md: `python -m tests.monitoring.alerts.table` writes it."""

from __future__ import annotations

from pathlib import Path

from macae.monitoring.alerts import default_rules, rules_table

DOCUMENT = Path(__file__).parents[3] / "docs" / "alerts.md"
HEAD = "| Rule | Severity |"


def main() -> None:
    """Put the table of the rules as they are in the place of the one that is there."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(HEAD))
    end = next((n for n, line in enumerate(lines[start:], start) if not line.startswith("|")), len(lines))
    lines[start:end] = rules_table(default_rules()).splitlines()
    DOCUMENT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
