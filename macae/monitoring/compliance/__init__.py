"""Compliance: what may not pass on the way to the model, the store, a log or the screen, and a safety check on goals.

A policy (`load_policy`) says for each kind of finding and each route whether it is allowed, flagged, masked or blocked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.compliance.cleaning import clean_event
    from macae.monitoring.compliance.compliance import Compliance, Tell, marker, open_compliance
    from macae.monitoring.compliance.findings import Detector, Finding
    from macae.monitoring.compliance.masking import MaskingClient
    from macae.monitoring.compliance.policy import Policy
    from macae.monitoring.compliance.policyfile import load_policy
    from macae.monitoring.compliance.presidio import PresidioDetector
    from macae.monitoring.compliance.safety import check_goal, unsafe
    from macae.monitoring.compliance.storing import MaskingStore

__all__ = [
    "Compliance",
    "Detector",
    "Finding",
    "MaskingClient",
    "MaskingStore",
    "Policy",
    "PresidioDetector",
    "Tell",
    "check_goal",
    "clean_event",
    "load_policy",
    "marker",
    "open_compliance",
    "unsafe",
]

_PACKAGE = "macae.monitoring.compliance"
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Compliance": f"{_PACKAGE}.compliance",
        "Detector": f"{_PACKAGE}.findings",
        "Finding": f"{_PACKAGE}.findings",
        "MaskingClient": f"{_PACKAGE}.masking",
        "MaskingStore": f"{_PACKAGE}.storing",
        "Policy": f"{_PACKAGE}.policy",
        "PresidioDetector": f"{_PACKAGE}.presidio",
        "Tell": f"{_PACKAGE}.compliance",
        "check_goal": f"{_PACKAGE}.safety",
        "clean_event": f"{_PACKAGE}.cleaning",
        "load_policy": f"{_PACKAGE}.policyfile",
        "marker": f"{_PACKAGE}.compliance",
        "open_compliance": f"{_PACKAGE}.compliance",
        "unsafe": f"{_PACKAGE}.safety",
    },
)
