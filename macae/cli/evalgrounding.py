"""`macae eval grounding`: how well invented facts in replies are told, by kind."""

from __future__ import annotations

from pathlib import Path

from macae.cli import codes
from macae.cli.output import Screen, one_line
from macae.evals.grounded import GroundingReport, evaluate_grounding, load_replies

__all__ = ["run_eval_grounding"]

SPLITS = {"tune": "that rules were made or mended by", "test": "that were written afterwards"}


def run_eval_grounding(replies: Path | None, json: bool) -> int:
    """Check all replies and show precision and recall. Exit code 0 whatever they are. Raises MacaeError."""
    report = evaluate_grounding(load_replies(replies))
    screen = Screen(json)
    show(screen, report)
    if json:
        screen.emit(report.to_dict())
    return codes.COMPLETED


def show(screen: Screen, report: GroundingReport) -> None:
    """Each part's scores, the recall by kind, and the mistakes."""
    for split, which in SPLITS.items():
        results = report.of(split)
        if not results:
            continue
        claims = sum(result.claims for result in results)
        screen.say(f"{split}, {len(results)} replies {which}: {claims} claims", "bold")
        screen.say(
            f"flags that are right {report.precision(split):.2f}, faults found {_share(report.recall(split))}",
            indent=2,
        )
        for kind in report.kinds:
            if (recall := report.recall(split, kind)) is not None:
                unseen = " (cannot be looked up)" if kind in ("negation", "relation") else ""
                screen.say(f"{kind}: {_share(recall)}{unseen}", "dim", indent=4)
    for result in report.results:
        for text in result.false:
            screen.say(one_line(f"{result.id}: flagged, but right: {text}", 200), "yellow")
        for wrong in result.missed:
            screen.say(one_line(f"{result.id}: not seen: {wrong.text} ({wrong.kind})", 200), "dim")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
