"""Where OTLP goes: addresses and headers from the settings or OpenTelemetry's own variables, checked before anything is sent."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from macae.config import Settings
from macae.errors import ConfigError

__all__ = ["Address", "address_of", "checked_url", "headers_of"]

DEFAULT = "http://localhost:4318"
TRACES, METRICS = "/v1/traces", "/v1/metrics"
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Address:
    """A destination."""

    traces: str = field(repr=False)
    metrics: str | None = field(repr=False)
    """None: metrics are not wanted."""
    headers: dict[str, str] = field(repr=False, default_factory=dict)
    host: str = ""
    """What may be shown of it."""


def address_of(settings: Settings) -> Address:
    """The destination of the settings, else OTEL_EXPORTER_OTLP_*, else a collector on this machine.

    Raises ConfigError naming the variable that is wrong, never its value.
    """
    variable, base = "MACAE_OTLP_ENDPOINT", settings.otlp_endpoint
    if not base:
        variable, base = (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or DEFAULT,
        )
    base = checked_url(base, variable).rstrip("/").removesuffix(TRACES).rstrip("/")
    traces, metrics = base + TRACES, base + METRICS
    if not settings.otlp_endpoint:
        for signal in ("TRACES", "METRICS"):
            own = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
            if own:
                url = checked_url(own, f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
                traces, metrics = (url, metrics) if signal == "TRACES" else (traces, url)
    wanted = os.environ.get("OTEL_METRICS_EXPORTER", "").strip().lower() != "none"
    parts = urlsplit(traces)
    host = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    return Address(traces, metrics if wanted else None, headers_of(settings), host)


def checked_url(url: str, variable: str) -> str:
    """The address, if it is one. Its value is not told: a key may be in it."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ConfigError(
            f"{variable} is no web address. It must look like http://HOST:4318 (OTLP over HTTP, no query; not the gRPC port 4317)."
        )
    return url


def headers_of(settings: Settings) -> dict[str, str]:
    """The headers of each request: NAME=VALUE with commas between, values percent-encoded where they need it."""
    given = settings.otlp_headers.get_secret_value() if settings.otlp_headers else ""
    variable = "MACAE_OTLP_HEADERS"
    if not given:
        for variable in ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"):
            given = os.environ.get(variable, "")
            if given.strip():
                break
    found = {}
    for number, part in enumerate((p for p in given.split(",") if p.strip()), 1):
        name, equals, value = part.partition("=")
        name, value = unquote(name).strip(), unquote(value).strip()
        plain = value.isascii() and value.isprintable()
        if not equals or not NAME.fullmatch(name) or not plain:
            raise ConfigError(
                f"{variable} cannot be used: its part {number} is not NAME=VALUE in plain characters. "
                "Separate headers with commas; write a comma inside a value as %2C."
            )
        found[name.lower()] = value
    return found
