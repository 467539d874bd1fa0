"""Sessions and plans by id, or by its first characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.cli.archives import LOOKED_THROUGH, begun_so
from macae.cli.hints import hint
from macae.errors import NotFound
from macae.models.plans import OVER_PLAN

if TYPE_CHECKING:
    from macae.engine import Engine
    from macae.models import PlanWithSteps

__all__ = ["find_plans", "find_session", "newest_open"]


async def find_session(engine: Engine, given: str) -> str:
    """The id of the session that is meant: an id, a plan's id, or a session's first characters. Raises NotFound, InvalidInput."""
    try:
        return (await engine.lookup.session(given)).session_id
    except NotFound:
        pass
    try:
        return (await engine.lookup.plan(given)).session_id
    except NotFound:
        pass
    page = await engine.sessions(LOOKED_THROUGH)
    return begun_so(given, page.items, "session or plan")


async def newest_open(engine: Engine) -> str:
    """The id of the newest session with a plan that is not over. Raises NotFound."""
    page = await engine.sessions(LOOKED_THROUGH)
    for row in page.items:
        if any(plan.overall_status not in OVER_PLAN for plan in await engine.plans(row.session_id)):
            return str(row.session_id)
    raise NotFound(f"No session of yours is open. `{hint('sessions')}` lists them; resume takes any id.")


async def find_plans(engine: Engine, given: str) -> list[PlanWithSteps]:
    """The plan of that id, or all plans of a session, oldest first. Nothing is started. Raises NotFound, InvalidInput."""
    try:
        return [await engine.plan(given)]
    except NotFound:
        return await engine.plans(await find_session(engine, given))
