"""`macae eval pii`: how well personal data and secrets are found, by kind."""

from __future__ import annotations

from pathlib import Path

from macae.cli import codes
from macae.cli.output import Screen
from macae.errors import InvalidInput
from macae.evals.piitexts import PiiReport, PiiScore, evaluate_pii, load_texts
from macae.monitoring.compliance.detecting import Patterns
from macae.monitoring.compliance.findings import Detector

__all__ = ["run_eval_pii"]

SPLITS = ("tune", "test")
DETECTORS = ("patterns", "presidio", "both")


def run_eval_pii(texts: Path | None, split: str | None, detector: str, json: bool) -> int:
    """Look at all texts and show precision and recall. Exit code 0 whatever they are. Raises MacaeError."""
    if split not in (None, *SPLITS):
        raise InvalidInput(f"There is no half {split!r}. Choose from {', '.join(SPLITS)}.")
    cases = [text for text in load_texts(texts) if split in (None, text.split)]
    if not cases:
        raise InvalidInput(f"There are no texts of the half {split!r}.")
    report = evaluate_pii(cases, detectors(detector))
    screen = Screen(json)
    show(screen, report)
    if json:
        screen.emit({"detector": detector, "split": split, **report.to_dict()})
    return codes.COMPLETED


def detectors(name: str) -> list[Detector]:
    """Who looks. Raises InvalidInput for an unknown name, ConfigError where a package is missing."""
    if name not in DETECTORS:
        raise InvalidInput(f"There is no detector {name!r}. Choose from {', '.join(DETECTORS)}.")
    found: list[Detector] = [Patterns()] if name != "presidio" else []
    if name != "patterns":
        from macae.monitoring.compliance.presidio import PresidioDetector

        found.append(PresidioDetector())
    return found


def show(screen: Screen, report: PiiReport) -> None:
    """The table and the mistakes."""
    screen.say(f"{report.texts} texts, {report.clean} of them with nothing to find", "bold")
    screen.say(
        f"{'entity':<18} {'right':>6} {'missed':>7} {'wrong':>6} {'precision':>10} {'recall':>7}", "dim"
    )
    for score in (*report.scores, report.total):
        screen.say(
            f"{score.entity:<18} {score.right:>6} {score.missed:>7} {score.wrong:>6} {_share(score, 'precision'):>10} {_share(score, 'recall'):>7}",
            "bold" if score.entity == "all" else "",
        )
    for mistake in report.mistakes:
        screen.say(mistake, "yellow", indent=2)


def _share(score: PiiScore, name: str) -> str:
    value = getattr(score, name)
    return "-" if value is None else f"{value:.3f}"
