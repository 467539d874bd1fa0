"""Looks at texts on their way to the model, the store, a log or the screen, and does what the policy says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from macae.config import Settings
from macae.errors import InvalidInput, NotAllowed
from macae.monitoring.compliance.clearing import Cleared
from macae.monitoring.compliance.context import WordList
from macae.monitoring.compliance.detecting import Patterns, Search
from macae.monitoring.compliance.findings import Detector, Finding
from macae.monitoring.compliance.known import KnownValues, known_secrets
from macae.monitoring.compliance.naming import named_findings
from macae.monitoring.compliance.policy import ROUTES, Action, Policy, Route
from macae.monitoring.compliance.policyfile import load_policy

__all__ = ["Compliance", "Tell", "marker", "open_compliance"]

Tell = Callable[[Route, str, Action, int, str], None]
"""Told of findings: route, entity, action, how many, where. Never the value."""


def marker(entity: str) -> str:
    """What stands where something was masked."""
    return f"[REDACTED:{entity}]"


class Compliance:
    """A policy at work. `known`: values that are secret whatever they look like, such as the keys of the settings."""

    def __init__(
        self, policy: Policy, *, known: Iterable[str] = (), detectors: Sequence[Detector] | None = None
    ) -> None:
        self.policy = policy
        self._search = Search(detectors if detectors is not None else detectors_of(policy, known))
        self._wanted = {route: policy.wanted(route) & self._search.entities for route in ROUTES}
        self._all = frozenset[str]().union(*self._wanted.values())
        self.cleared = Cleared()
        """The messages in which nothing was found on the route `model`."""

    def watches(self, route: Route) -> bool:
        """Whether anything is looked for on this route."""
        return bool(self._wanted[route])

    def find(self, text: str, route: Route | None = None, name: str = "") -> Sequence[Finding]:
        """What the policy looks for on a route, or on any of them. `name`: what the text is called where it stands, as in JSON."""
        wanted = self._all if route is None else self._wanted[route]
        if not name:
            return self._search.find(text, wanted)
        return named_findings(lambda part: self._search.find(part, wanted), text, name, wanted)

    def clean(
        self, text: str, route: Route, where: str = "", tell: Tell | None = None, name: str = ""
    ) -> str:
        """The text as it may pass: with markers where the policy says mask.

        `where` says what the text is, for messages and events; `name` as for `find`. What is to be blocked raises InvalidInput on the route input and
        NotAllowed on the route model; elsewhere a marker stands for the whole text.
        """
        if not self._wanted[route]:
            return text
        findings = self.find(text, route, name)
        return self.apply(text, findings, route, where, tell) if findings else text

    def apply(
        self, text: str, findings: Sequence[Finding], route: Route, where: str, tell: Tell | None
    ) -> str:
        """The text with these findings treated as the policy says."""
        blocked = self.judge(findings, route, where, tell)
        if blocked:
            return f"[BLOCKED:{blocked}]"
        parts: list[str] = []
        at = 0
        for found in findings:
            if self.policy.action(found.entity, route) == "mask":
                parts += (text[at : found.start], marker(found.entity))
                at = found.end
        return "".join((*parts, text[at:])) if at else text

    def judge(self, findings: Sequence[Finding], route: Route, where: str, tell: Tell | None) -> str:
        """Tell of the findings. The entity that blocks the text, or an empty text.

        Raises InvalidInput (input) and NotAllowed (model) where the text may not pass.
        """
        counts = Counter(found.entity for found in findings)
        blocked = ""
        for entity, count in counts.items():
            action = self.policy.action(entity, route)
            if tell is not None:
                tell(route, entity, action, count, where)
            if action == "block":
                blocked = blocked or entity
        if blocked and route == "input":
            raise InvalidInput(
                f"The {where or 'text'} holds what may not be given to the engine ({blocked}). Nothing of it was kept. "
                f"Leave it out; if it was a real secret, replace it where it is used. (Policy {self.policy.name}, MACAE_COMPLIANCE.)"
            )
        if blocked and route == "model":
            raise NotAllowed(
                f"A model call was not made: {where or 'its text'} holds what may not reach the model ({blocked}). "
                f"Leave it out, or change the policy {self.policy.name} (MACAE_COMPLIANCE)."
            )
        return blocked


def detectors_of(policy: Policy, known: Iterable[str]) -> list[Detector]:
    """Who looks, by the policy. Raises ConfigError when a detector's package is missing."""
    detectors: list[Detector] = []
    if "patterns" in policy.detectors:
        detectors.append(Patterns())
    values = [*known]
    if values:
        detectors.append(KnownValues(values))
    if policy.words:
        detectors.append(WordList(policy.words))
    if "presidio" in policy.detectors and any(policy.rules.values()):
        from macae.monitoring.compliance.presidio import PresidioDetector

        detectors.append(PresidioDetector(frozenset(policy.rules)))
    return detectors


def open_compliance(settings: Settings) -> Compliance:
    """The compliance check that the settings ask for; their own keys count as secrets. Raises ConfigError."""
    return Compliance(load_policy(settings), known=known_secrets(settings))
