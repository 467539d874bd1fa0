"""A plan as plain HTML that needs no kernel and no widgets: for exports, reports and saved notebooks."""

from __future__ import annotations

from collections.abc import Mapping

from macae.models import PlanStatus, PlanWithSteps, Step
from macae.ui import fragments
from macae.ui.view import view

__all__ = ["plan_html"]


def plan_html(plan: PlanWithSteps, banner: str = "", icons: Mapping[str, str] | None = None) -> str:
    """The plan with its steps, calls and replies as one HTML element, all text escaped, style included."""
    views = [(step, view(step, plan)) for step in plan.steps]
    stuck = plan.overall_status is PlanStatus.in_progress and any(seen.recover for _, seen in views)
    waiting = [step for step, seen in views if seen.asks or (stuck and seen.recover)]
    question = ""
    if plan.human_clarification_request:
        question = fragments.question(plan.human_clarification_request, plan.human_clarification_response)
    page = (
        f'{fragments.stylesheet()}<div class="macae-board macae-static"><div class="macae-column macae-top">'
        f"{fragments.plan_head(plan, banner, stuck)}{fragments.plan_progress(plan, waiting)}{question}</div>"
        f"{''.join(_card(step, plan, icons or {}) for step in plan.steps)}</div>"
    )
    # JupyterLab typesets what stands between two dollar signs of an HTML output; prices are not formulas.
    return page.replace("$", "<span>$</span>")


def _card(step: Step, plan: PlanWithSteps, icons: Mapping[str, str]) -> str:
    seen = view(step, plan)
    calls = "".join(fragments.call(record) for record in step.calls)
    return (
        f'<div class="macae-column macae-card macae-tone-{seen.look.tone} macae-is-{step.status.value}">'
        f'{fragments.head(step, seen, icons)}<div class="macae-body">{fragments.body(step, seen)}</div>'
        f'<div class="macae-calls">{calls}</div></div>'
    )
