"""What the engine is made of: its parts, from their start to their close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from macae import contoso
from macae.agents.departments import default_team
from macae.agents.human import HumanAgent
from macae.agents.manager import GroupChatManager
from macae.agents.planner import PlannerAgent
from macae.agents.team import Team
from macae.agents.teamfile import load_team
from macae.config import Settings, load_settings
from macae.engine import given
from macae.engine.admission import Admission
from macae.engine.alerting import Alerting
from macae.engine.hub import Hub
from macae.engine.livesessions import LiveSessions
from macae.engine.logcleaning import LogCleaner
from macae.engine.lookup import Lookup
from macae.engine.outlets import Outlets
from macae.engine.screened import Screened
from macae.engine.session import LiveSession, SessionParts
from macae.errors import TeamError
from macae.llm import create_client, describe, guard
from macae.llm.prices import cost, priced_model
from macae.memory.opening import open_store
from macae.models import Event, Plan, PlanWithSteps, Step
from macae.monitoring.compliance.compliance import open_compliance
from macae.monitoring.scope import NOTHING, in_scope
from macae.monitoring.spending import Spending

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from macae.agents.context import AgentFactory
    from macae.memory.store import Store
    from macae.monitoring.alerts import Receiver, Rule
    from macae.monitoring.alerts.couriers import Health as Delivery
    from macae.monitoring.feed import Feed
    from macae.monitoring.sinks import Health, Sink

__all__ = ["EngineParts"]


class EngineParts(Screened):
    """The engine's parts and its live sessions."""

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        model: ChatCompletionClient | None = None,
        store: Store | None = None,
        team: Team | str | Path | None = None,
        company: contoso.Company | Path | str | None = None,
        planner: AgentFactory = PlannerAgent,
        manager: AgentFactory = GroupChatManager,
        human: AgentFactory = HumanAgent,
        user_id: str | None = None,
        today: Callable[[], date] | date | None = None,
        sinks: Sequence[Sink] = (),
        alert_rules: Sequence[Rule] = (),
        alert_receivers: Sequence[Receiver] = (),
    ) -> None:
        company_kinds, dated = contoso.Company | str | Path, isinstance(today, date) or callable(today)
        given.part("settings", settings, isinstance(settings, Settings), "a Settings: load_settings(…)")
        given.part(
            "model", model, hasattr(model, "create"), "a ChatCompletionClient; set MACAE_MODEL for a name"
        )
        given.part("store", store, hasattr(store, "submit"), "a Store, such as SQLiteStore(path)")
        given.part("team", team, isinstance(team, Team | str | Path), "a Team or a team file", TeamError)
        given.part("company", company, isinstance(company, company_kinds), "a contoso.Company or its file")
        given.part("today", today, dated, "a date, or a function that gives one")
        self.settings = settings or load_settings()
        self.user_id = given.who(user_id or self.settings.user)
        self._given_model = model
        # A client of one's own gets the same bounds as those that the factory makes.
        self._model: ChatCompletionClient | None = model and guard(model, timeout=self.settings.model_timeout)
        self.store: Store = store or open_store(self.settings)
        self._owns_store = store is None
        self.team = (
            team if isinstance(team, Team) else load_team(team) if team is not None else default_team()
        )
        self.company = contoso.Company.open(company) if isinstance(company, str | Path) else company
        """One company for all sessions, or None: each session has its own."""
        self.planner, self.manager, self.human = planner, manager, human
        self.today: Callable[[], date] = (lambda: today) if isinstance(today, date) else today or date.today
        self.hub = Hub()
        self.spending = Spending(self.store, self.settings, self.user_id)
        """What the user has used: in the session, in all, today."""
        self.compliance = open_compliance(self.settings)
        self.admission = Admission(self)
        self._cleaner = LogCleaner(self)
        self._outlets = Outlets(self.settings, sinks, self.hub, self._cleaner)
        clean = (
            partial(self.compliance.clean, route="log", where="alert")
            if self.compliance.watches("log")
            else None
        )
        self.lookup = Lookup(self.store, self.user_id)
        self._alerting = Alerting(
            self.settings,
            alert_rules,
            alert_receivers,
            self.hub,
            self.note_or_show,
            clean,
            self.lookup.recent,
        )
        self._feeds: set[Feed] = set()
        self.live_sessions = LiveSessions()

    # Life -----------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Make ready. Raises StoreError and ConfigError with what to mend."""
        self.admission.check_settings(own_model=self._given_model is not None)
        await self.store.open()
        _ = self.model
        self._cleaner.open()
        self._outlets.open()
        self._alerting.open()

    async def close(self, seconds: float = 5.0) -> None:
        """Let running steps finish for so long, then stop them; what was stopped is asked about when it is reopened."""
        await self.live_sessions.close(seconds)
        await self._alerting.stop()
        for feed in [*self._feeds]:
            feed.close()
        if self._given_model is None and self._model is not None:
            await self._model.close()
            self._model = None
        if self._owns_store:
            await self.store.close()
        await asyncio.gather(self._outlets.close(), self._alerting.close())

    async def note(self, event: Event) -> None:
        """Store and show an event that is none of the engine's own."""
        raise NotImplementedError

    async def note_or_show(self, event: Event) -> None:
        """Show it where there is no session to store it in."""
        raise NotImplementedError

    def sink_health(self) -> list[Health]:
        """How each sink is doing: those that MACAE_SINKS names, then those that were given. After `close`: how it has done."""
        return self._outlets.health()

    def alert_health(self) -> list[Delivery]:
        """How each receiver of alerts is doing: the log, those that the settings name, then those that were given."""
        return self._alerting.health()

    @property
    def model(self) -> ChatCompletionClient:
        """The model client that the agents share."""
        if self._model is None:
            self._model = create_client(self.settings)
        return self._model

    def session_parts(self) -> SessionParts:
        """What each of its sessions is made of."""
        return SessionParts(
            settings=self.settings,
            model=self.model,
            store=self.store,
            team=self.team,
            planner=self.planner,
            manager=self.manager,
            human=self.human,
            today=self.today,
            price=partial(cost, priced_model(self.settings, own_client=self._given_model is not None)),
            emit=self.hub.emit,
            spending=self.spending,
            compliance=self.compliance,
            company=self.company,
        )

    @property
    def banner(self) -> str:
        """What whoever uses the engine should know: which model answers, and whether anybody approves."""
        model = describe(self.settings) if self._given_model is None else type(self._given_model).__name__
        automatic = (
            " · every step is approved automatically (MACAE_AUTO_APPROVE)"
            if self.settings.auto_approve
            else ""
        )
        return f"Model: {model}{automatic}"

    # Finding --------------------------------------------------------------------------------------------------------

    async def plan(self, plan: Plan | str, session_id: str | None = None) -> PlanWithSteps:
        """The plan as it is stored now. Raises NotFound."""
        found = await self.lookup.plan(plan, session_id)
        steps = await self.store.find(
            Step, user_id=self.user_id, session_id=found.session_id, plan_id=found.id
        )
        return PlanWithSteps.of(found, steps)

    async def live(self, session_id: str, is_new: bool = False) -> LiveSession:
        """The session with its agents ready, taken up again if it was left. In one that `is_new` nothing can have been left."""

        async def open() -> LiveSession:
            await self.start()
            await self.live_sessions.drop_idle()
            live = LiveSession(self.session_parts(), session_id, self.user_id)
            with in_scope(NOTHING):  # it is no part of what its first caller works on
                await live.start()
                # Read before anything of the session comes from here.
                recent = [] if is_new else await self.lookup.recent(session_id, self._alerting.since)
                self._alerting.take_up(session_id, recent)
                if not is_new:
                    await live.recovery.recover(recent)
            return live

        return await self.live_sessions.ready(self.user_id, given.session_name(session_id), open)

    async def find_plan(self, plan: Plan | str) -> tuple[LiveSession, Plan]:
        """The plan with its session, ready to act."""
        found = await self.lookup.plan(plan)
        return await self.live(found.session_id), found
