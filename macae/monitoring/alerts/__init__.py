"""Alerts: rules over the event stream, raised once, resolved when they no longer hold, and told to whoever is to know.

from macae.monitoring.alerts import Rule, evaluate, load_rules

for alert in evaluate(load_rules(), events):
    ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.alerts.alert import Alert
    from macae.monitoring.alerts.couriers import Courier, Receiver
    from macae.monitoring.alerts.judge import Judge, evaluate
    from macae.monitoring.alerts.opening import open_couriers, open_watch
    from macae.monitoring.alerts.reading import default_rules, load_rules
    from macae.monitoring.alerts.rules import Rule
    from macae.monitoring.alerts.watch import AlertWatch
    from macae.monitoring.alerts.wording import rules_table, words_of

__all__ = [
    "Alert",
    "AlertWatch",
    "Courier",
    "Judge",
    "Receiver",
    "Rule",
    "default_rules",
    "evaluate",
    "load_rules",
    "open_couriers",
    "open_watch",
    "rules_table",
    "words_of",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Alert": "macae.monitoring.alerts.alert",
        "AlertWatch": "macae.monitoring.alerts.watch",
        "Courier": "macae.monitoring.alerts.couriers",
        "Judge": "macae.monitoring.alerts.judge",
        "Receiver": "macae.monitoring.alerts.couriers",
        "Rule": "macae.monitoring.alerts.rules",
        "default_rules": "macae.monitoring.alerts.reading",
        "evaluate": "macae.monitoring.alerts.judge",
        "load_rules": "macae.monitoring.alerts.reading",
        "open_couriers": "macae.monitoring.alerts.opening",
        "open_watch": "macae.monitoring.alerts.opening",
        "rules_table": "macae.monitoring.alerts.wording",
        "words_of": "macae.monitoring.alerts.wording",
    },
)
