"""The connection string of Application Insights, checked before anything is sent, in the form that the package reads."""

from __future__ import annotations

import os
import uuid
from importlib.util import find_spec
from urllib.parse import urlsplit

from macae.errors import ConfigError
from macae.monitoring.otel.address import checked_url

__all__ = ["OURS", "THEIRS", "checked_connection"]

OURS, THEIRS = "MACAE_AZURE_MONITOR", "APPLICATIONINSIGHTS_CONNECTION_STRING"
PACKAGE = "azure-monitor-opentelemetry-exporter"
PARTS = (
    "InstrumentationKey",
    "IngestionEndpoint",
    "LiveEndpoint",
    "EndpointSuffix",
    "Location",
    "ApplicationId",
    "AADAudience",
)
"""What a connection string may hold that the package reads."""


def checked_connection(text: str, variable: str) -> str:
    """The connection string in the form that the package reads, which is stricter than it looks: no spaces, no empty parts.

    Raises ConfigError naming the variable, never the value.
    """
    theirs = os.environ.get(THEIRS, "")
    if variable == OURS and theirs.strip():
        checked_connection(theirs, THEIRS)  # the package reads it too, whatever it is given
    if not text.strip():
        raise ConfigError(f"The sink azure needs the connection string of Application Insights: set {OURS}.")
    found: dict[str, str] = {}
    for part in filter(str.strip, text.split(";")):
        name, equals, value = part.partition("=")
        found[name.strip().lower()] = value.strip() if equals and "=" not in value else ""
    key = found.get("instrumentationkey", "")
    try:
        found["instrumentationkey"] = str(uuid.UUID(key))
    except ValueError:
        key = ""
    if not key or not all(found.values()) or found.pop("authorization", "ikey").lower() != "ikey":
        raise ConfigError(
            f"{variable} is no connection string. Copy it from the resource's overview in the Azure portal: "
            "InstrumentationKey=…;IngestionEndpoint=https://…"
        )
    if "ingestionendpoint" in found:
        check_endpoint(found["ingestionendpoint"], variable)
    if find_spec("azure.monitor") is None or find_spec("azure.monitor.opentelemetry") is None:
        raise ConfigError(
            f"{variable} is set, but {PACKAGE} is not installed. Install it (pip install {PACKAGE}), or unset {variable}."
        )
    return ";".join(f"{name}={found[name.lower()]}" for name in PARTS if name.lower() in found)


def check_endpoint(endpoint: str, variable: str) -> None:
    """Raises ConfigError for what cannot be sent to."""
    try:
        checked_url(endpoint, variable)
    except ConfigError:
        raise ConfigError(f"{variable} names an IngestionEndpoint that is no web address.") from None
    if urlsplit(endpoint).username:
        raise ConfigError(f"{variable} names an IngestionEndpoint with a user name in it; leave that out.")
