"""The doctor's look at who is told of events and alerts: policy, rules, sinks, receivers. Nothing is sent but a TCP connect, and no file stays."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from macae.errors import ConfigError, StoreError
from macae.memory.threads import in_thread
from macae.workshop.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["check_alerts", "check_policy", "check_sinks"]

CONNECTING = 3.0
"""Seconds that a connection may take, its name server included."""
PORTS = {"http": 80, "https": 443}


def check_policy(settings: Settings) -> list[Finding]:
    """Whether the compliance policy can be used."""
    from macae.monitoring.compliance import load_policy

    return said("Policy", "MACAE_COMPLIANCE", lambda: f"{load_policy(settings).name} can be used")


def check_sinks(settings: Settings) -> list[Finding]:
    """Whether the sinks that MACAE_SINKS names are there, and somebody listens where they send to."""
    from macae.monitoring.sinks.opening import names_of

    found = said(
        "Sinks", "MACAE_SINKS", lambda: ", ".join(names_of(settings)) or "none beside the store is wanted"
    )
    if found[0].status != "ok":
        return found
    names = names_of(settings)
    found += written(settings)
    if "otlp" in names:
        found += receiver("OTLP", "MACAE_OTLP_ENDPOINT", lambda: otlp_address(settings))
    if "azure" in names:
        found += said("Azure Monitor", "MACAE_AZURE_MONITOR", lambda: azure_connection(settings))
    return found


def written(settings: Settings) -> list[Finding]:
    """Whether lines can be written where the sinks' files go. What was tried is gone at once."""
    from macae.monitoring.sinks.opening import files_of

    files = files_of(settings)
    try:
        for file in files:
            file.try_out()
    except StoreError as error:  # they share a folder, so one of them says it for all
        return [problem("Sink files", str(error), "Do that; until then runs are refused, or lose events.")]
    return [ok("Sink files", f"can be written in {settings.log_path}")] if files else []


def check_alerts(settings: Settings) -> list[Finding]:
    """Whether the alert rules and receivers can be used, and somebody listens where alerts go."""
    from macae.monitoring.alerts import load_rules
    from macae.monitoring.alerts.opening import receivers_of

    def rules() -> str:
        active = sum(rule.active for rule in load_rules(settings.alerts))
        return f"{active} rules are judged" if active else "none is judged"

    found = said("Alert rules", "MACAE_ALERTS", rules)
    told = said(
        "Alerts", "the named one", lambda: f"go to: {', '.join(one.name for one in receivers_of(settings))}"
    )
    found += told
    if told[0].status != "ok":
        return found
    if settings.alert_webhook is not None:
        address = settings.alert_webhook.get_secret_value()
        found += receiver("Webhook", "MACAE_ALERT_WEBHOOK", lambda: address)
    if settings.alert_email and settings.smtp_host:
        found += reached("Mail server", "MACAE_SMTP_HOST", settings.smtp_host, settings.smtp_port)
    return found


def said(name: str, variable: str, look: Callable[[], str]) -> list[Finding]:
    """What looking at a setting says, or what is wrong with it."""
    try:
        return [ok(name, look())]
    except ConfigError as error:
        return [problem(name, str(error), f"Correct or unset {variable}; until then no run begins.")]


def receiver(name: str, variable: str, address: Callable[[], str]) -> list[Finding]:
    """Whether somebody listens at a web address. Of the address nothing but the host is told."""
    try:
        parts = urlsplit(address())
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    except ConfigError as error:
        return [problem(name, str(error), f"Correct {variable}; until then no run begins.")]
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return [ok(name, "not tried: it goes through a proxy")]
    return reached(name, variable, host, port)


def reached(name: str, variable: str, host: str, port: int) -> list[Finding]:
    """Whether somebody listens there."""

    def connect() -> None:
        socket.create_connection((host, port), timeout=CONNECTING).close()

    try:
        asyncio.run(in_thread(connect, CONNECTING))
    except (OSError, TimeoutError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or f"no answer within {CONNECTING:g} s"
        text = f"nobody listens at {host}:{port} ({why}); runs go on, but nothing arrives there"
        return [warning(name, text, f"Start it, or correct {variable}.")]
    return [ok(name, f"{host}:{port} takes connections")]


def otlp_address(settings: Settings) -> str:
    """Where traces go. Raises ConfigError."""
    from macae.monitoring.otel.address import address_of

    return address_of(settings).host


def azure_connection(settings: Settings) -> str:
    """That the connection string has the right form. Raises ConfigError."""
    from macae.monitoring.azure import connection_of

    connection_of(settings)
    return "the connection string has the right form"
