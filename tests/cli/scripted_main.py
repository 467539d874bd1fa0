"""A model that a test has written, for the `macae` command: `python -m tests.cli.scripted_main PLAN words…`.

PLAN is a JSON list of planned steps, or an object: `ask` (a question before there is a plan), `impossible`, `steps`; and
`again`, the steps of the plan once it is revised (none: there is no other way).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import macae.engine.parts
from macae.cli import main
from tests.support.scripted import ScriptedClient, obedient, planned


def planner(plan: Any) -> Callable[[str], str]:
    """What the planner answers, from the test's words."""
    told = {"steps": plan} if isinstance(plan, list) else plan

    def answer(prompt: str) -> str:
        if "again" in told and ("What failed:" in prompt or "What the person rejected:" in prompt):
            return planned(*told["again"]) if told["again"] else planned(impossible="No flour is left.")
        if told.get("ask") and "Answer:" not in prompt:
            return planned(human_clarification_request=told["ask"])
        if told.get("impossible"):
            return planned(impossible=told["impossible"])
        return planned(*told["steps"])

    return answer


def scripted(plan: Any) -> Callable[[Any], ScriptedClient]:
    """What stands in for `macae.engine.parts.create_client`."""
    made = ScriptedClient(obedient(planner(plan)))
    return lambda settings: made


if __name__ == "__main__":
    macae.engine.parts.create_client = scripted(json.loads(sys.argv[1]))  # type: ignore[assignment]
    sys.exit(main(sys.argv[2:]))
