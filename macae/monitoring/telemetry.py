"""Custom events for Azure Application Insights, where that is configured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from macae.errors import ConfigError

__all__ = ["track_event_if_configured"]

VARIABLE = "APPLICATIONINSIGHTS_CONNECTION_STRING"


def track_event_if_configured(name: str, properties: Mapping[str, Any] | None = None) -> None:
    """Send a custom event when APPLICATIONINSIGHTS_CONNECTION_STRING is set; otherwise do nothing.

    Raises ConfigError when it is set but the package that sends (azure-monitor-events-extension) is not installed.
    """
    if not os.environ.get(VARIABLE):
        return
    try:
        extension = import_module("azure.monitor.events.extension")
    except ImportError:
        raise ConfigError(
            f"{VARIABLE} is set, but azure-monitor-events-extension is not installed. "
            f"Install it (pip install azure-monitor-events-extension), or unset {VARIABLE}."
        ) from None
    extension.track_event(name, {key: str(value) for key, value in (properties or {}).items()})
