"""Many sessions together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from macae.errors import InvalidInput
from macae.monitoring.analysis.latency import percentile
from macae.monitoring.analysis.summing import summary
from macae.monitoring.analysis.trouble import failed_share
from macae.monitoring.given import kind_of
from macae.monitoring.recorded import recorded
from macae.monitoring.recording import Recording
from macae.monitoring.replay.costing import spent
from macae.monitoring.replay.waits import total

__all__ = ["AgentFigures", "Aggregate", "aggregate"]


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """One agent over many sessions."""

    sessions: int
    model_calls: int
    tool_calls: int
    tokens: int
    usd: float | None
    latency_p50: float | None
    latency_p95: float | None
    error_rate: float | None
    busy_seconds: float


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Many sessions together."""

    sessions: int
    by_status: Mapping[str, int]
    seconds: float
    waiting_seconds: float
    model_calls: int
    tool_calls: int
    tokens: int
    usd: float | None
    unpriced: int
    usd_a_session: float | None
    """The mean over the sessions whose every call is priced."""
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None
    errors: int
    error_rate: float | None
    violations: int
    loops: int
    grounding: float | None
    agents: Mapping[str, AgentFigures]

    @property
    def finished_share(self) -> float:
        """The share of sessions that finished, 0 to 1."""
        return self.by_status.get("finished", 0) / self.sessions


def aggregate(recordings: Iterable[Recording]) -> Aggregate:
    """Many sessions together; percentiles are over all their calls. Raises InvalidInput when there are none."""
    if not isinstance(recordings, Iterable):
        raise InvalidInput(f"A list of recordings is needed, not {kind_of(recordings)}.")
    all_of = [recorded(one) for one in recordings]
    if not all_of:
        raise InvalidInput("There is no recording to aggregate. Give at least one.")
    sums = [summary(recording) for recording in all_of]
    models = [call for recording in all_of for call in recording.model_calls]
    took = [call.seconds for call in models if call.ok]
    tools = [call for recording in all_of for call in recording.tool_calls]
    paid = spent(models)
    whole = [s.usd for s in sums if s.usd is not None and not s.unpriced]
    scores = [s.grounding for s in sums if s.grounding is not None]
    names = dict.fromkeys(name for recording in all_of for name in recording.agents)
    return Aggregate(
        sessions=len(all_of),
        by_status=dict(Counter(s.status for s in sums)),
        seconds=sum(s.seconds for s in sums),
        waiting_seconds=sum(s.waiting_seconds for s in sums),
        model_calls=len(models),
        tool_calls=len(tools),
        tokens=sum(s.tokens for s in sums),
        usd=paid.usd,
        unpriced=paid.unpriced,
        usd_a_session=sum(whole) / len(whole) if whole else None,
        latency_p50=percentile(took, 50),
        latency_p95=percentile(took, 95),
        latency_p99=percentile(took, 99),
        errors=sum(s.errors for s in sums),
        error_rate=failed_share(models, tools),
        violations=sum(s.violations for s in sums),
        loops=sum(s.loops for s in sums),
        grounding=sum(scores) / len(scores) if scores else None,
        agents={name: _agent(name, all_of) for name in names},
    )


def _agent(name: str, recordings: Sequence[Recording]) -> AgentFigures:
    models = [call for recording in recordings for call in recording.model_calls if call.agent == name]
    took = [call.seconds for call in models if call.ok]
    tools = [call for recording in recordings for call in recording.tool_calls if call.agent == name]
    bars = [[b for b in r.bars if b.agent == name] for r in recordings]
    return AgentFigures(
        sessions=sum(name in recording.agents for recording in recordings),
        model_calls=len(models),
        tool_calls=len(tools),
        tokens=sum(call.tokens for call in models),
        usd=spent(models).usd,
        latency_p50=percentile(took, 50),
        latency_p95=percentile(took, 95),
        error_rate=failed_share(models, tools),
        busy_seconds=sum(total((b.start, b.end) for b in mine if b.kind != "waiting") for mine in bars),
    )
