"""What a person says to the engine, looked at before any of it is stored, logged or sent."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from macae.agents.budgeting import refuse_when_stopped
from macae.agents.observing import observed
from macae.errors import ConfigError, InvalidInput, MacaeError, NotAllowed, NotFound
from macae.models import Event, EventType, Plan, Step
from macae.monitoring.compliance.findingevents import FindingEvents
from macae.monitoring.compliance.values import walked
from macae.monitoring.scope import current_scope

if TYPE_CHECKING:
    from macae.engine.parts import EngineParts
    from macae.engine.session import LiveSession

__all__ = ["Admission"]

log = logging.getLogger(__name__)

SAFETY = "SafetyCheck"
"""Who asks the model about a goal: the name under which that call stands in the trail."""


class Admission:
    """An engine's door: the policy's route `input`, and the safety check on what is to be planned."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine

    def check_settings(self, own_model: bool) -> None:
        """Raises ConfigError when the safety check is to ask a model that cannot judge."""
        settings = self._engine.settings
        if settings.safety == "model" and settings.provider == "offline" and not own_model:
            raise ConfigError(
                "MACAE_SAFETY=model asks the model whether a goal is safe, and the offline model cannot judge that. "
                "Set MACAE_SAFETY=rules, or MACAE_PROVIDER to a real model."
            )

    async def words_or_none(
        self, text: str | None, what: str, about: Plan | Step | str | None, *, order: bool = False
    ) -> str | None:
        """As `words`, for what may be left out."""
        return None if text is None else await self.words(text, what, about, order=order)

    async def words(
        self,
        text: str,
        what: str,
        about: Plan | Step | str | None,
        *,
        order: bool = False,
        found: FindingEvents | None = None,
        name: str = "",
    ) -> str:
        """The words as they may be used. `about`: the plan or step that they concern, or an id (also a session's). `name`: of an argument.

        `order`: they tell what is to be done, so the safety rules hold. Raises InvalidInput and NotAllowed when they are refused; an
        event tells of it where there is a session, and never holds the words. With `found`, whatever is found in words that are
        taken goes there, to be told once their session is stored.
        """
        compliance, later = self._engine.compliance, found is not None
        found = FindingEvents() if found is None else found
        try:
            if compliance.watches("input"):
                given, text = text, compliance.clean(text, "input", what, found, name)
                if text != given and found.masked:  # whoever typed it may have no other place to read that
                    log.warning(
                        "The %s was changed: %s is masked at input (policy %s, MACAE_COMPLIANCE).",
                        what, ", ".join(found.masked), compliance.policy.name,
                    )  # fmt: skip
            if order and self._engine.settings.safety != "off":
                from macae.monitoring.compliance.safety import check_rules

                check_rules(text)
        except (InvalidInput, NotAllowed) as error:
            await self.refused(error, what, about, found)
            raise
        if found and not later:
            await self.told(about, found)
        return text

    async def values(self, values: dict[str, Any] | None, about: Plan | Step | str | None) -> None:
        """The arguments that a person gives a call. They are never changed: what would be masked elsewhere stays, what is blocked is refused."""
        if not values or not self._engine.compliance.watches("input"):
            return
        texts: list[tuple[str, str]] = []

        def look(text: str, name: str) -> str:
            texts.append((text, name))
            return text

        walked(values, look)
        found = FindingEvents(keep=True)
        for text, name in texts:
            await self.words(text, "argument", about, name=name, found=found)
        await self.told(about, found)

    async def by_model(self, goal: str, live: LiveSession) -> None:
        """Ask the model whether the goal may be planned, where MACAE_SAFETY says so. Raises NotAllowed.

        Asking costs as planning does: raises LimitReached where no goal would be planned, StoreError.
        """
        if self._engine.settings.safety != "model":
            return
        await refuse_when_stopped(live.memory, self._engine.settings)
        from macae.monitoring.compliance.safety import check_goal

        client = observed(self._engine.model, live.gate, SAFETY)
        try:
            await check_goal(goal, "model", client)
        except NotAllowed as error:
            await self.keep(live, str(error))
            await self.refused(error, "goal", live.session_id, FindingEvents())
            raise

    async def keep(self, live: LiveSession, why: str) -> None:
        """Store the session if it is new: the model call that refused the goal stands in its trail."""
        try:
            await self._engine.lookup.session(live.session_id)
        except NotFound:
            await live.memory.commit(also=[live.memory.session_row("refused", why)])

    async def refused(
        self, error: MacaeError, what: str, about: Plan | Step | str | None, found: FindingEvents
    ) -> None:
        """Tell that words were refused."""
        by = "compliance" if found.blocked else "safety"
        event = Event(
            type=EventType.goal_refused, session_id="", user_id=self._engine.user_id,
            agent=self._engine.user_id, text=str(error), data={"by": by, "where": what, "entities": found.entities},
        )  # fmt: skip
        await self.told(about, found, event)

    async def told(self, about: Plan | Step | str | None, found: FindingEvents, *more: Event) -> None:
        """Store what was found, and `more`, with the session. Where there is none yet, none is made for it: sinks, alerts and those who
        watch are told."""
        if not found and not more:
            return
        with suppress(MacaeError):  # without a store nothing is stored; that is said by what needs it
            await self._engine.start()
        session_id, plan_id, step_id = await self.place(about)
        for event in (*found.events(self._engine.user_id), *more):
            event.session_id, event.plan_id, event.step_id = session_id, plan_id, step_id
            event.trace_id = "" if plan_id else current_scope().trace_id
            if not session_id:
                continue
            try:
                await self._engine.note(event)
            except (
                MacaeError
            ):  # no session is there yet, or it cannot be stored now: who watches is told all the same
                self._engine.hub.emit(event)

    async def place(self, about: Plan | Step | str | None) -> tuple[str, str, str | None]:
        """The session, plan and step that words belong to, as far as they are known."""
        if isinstance(about, Step):
            return about.session_id, about.plan_id, about.id
        if isinstance(about, Plan):
            return about.session_id, about.id, None
        if not about:
            return "", "", None
        try:
            rows = await self._engine.store.query(
                "SELECT * FROM c WHERE c.id=@id", [{"name": "@id", "value": about}], user_id=self._engine.user_id
            )  # fmt: skip
        except MacaeError:
            rows = []
        row = next((row for row in rows if row.get("data_type") in ("plan", "step")), None)
        if row is None:
            return about, "", None
        if row["data_type"] == "plan":
            return str(row["session_id"]), str(row["id"]), None
        return str(row["session_id"]), str(row["plan_id"]), str(row["id"])
