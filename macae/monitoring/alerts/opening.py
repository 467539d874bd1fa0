"""From the settings to rules, receivers and a watch."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence

from macae.config import Settings
from macae.errors import ConfigError
from macae.models import Event
from macae.monitoring.alerts.alert import Alert
from macae.monitoring.alerts.couriers import Courier, Outcome, Receiver
from macae.monitoring.alerts.elsewhere import Past
from macae.monitoring.alerts.formats import heading, text_of
from macae.monitoring.alerts.reading import load_rules
from macae.monitoring.alerts.rules import Rule
from macae.monitoring.alerts.watch import AlertWatch

__all__ = ["LogReceiver", "open_couriers", "open_watch", "receivers_of"]

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.ERROR}


UNHEARD = "to the logger macae.alerts, but no handler writes its lines anywhere"


class LogReceiver:
    """Writes alerts to the log, as logger macae.alerts. Always there."""

    name = "log"

    def __init__(self) -> None:
        logger = logging.getLogger("macae.alerts")
        if not logger.handlers:
            # Where nobody has set up logging, Python would write into the notebook's cells.
            logger.addHandler(logging.NullHandler())

    def send(self, alert: Alert) -> Outcome:
        """Write one line."""
        level = LEVELS.get(alert.severity, logging.WARNING) if alert.open else logging.INFO
        logging.getLogger("macae.alerts").log(
            level, "%s %s (session %s)", heading(alert), text_of(alert), alert.session_id
        )
        return Outcome(True, "written" if heard(level) else UNHEARD)


def heard(level: int) -> bool:
    """Whether a line of this level gets to a handler that somebody has set up."""
    logger: logging.Logger | None = logging.getLogger("macae.alerts")
    while logger is not None:
        if any(not isinstance(h, logging.NullHandler) and level >= h.level for h in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False


def receivers_of(settings: Settings) -> list[Receiver]:
    """Whom the settings name, the log first. Raises ConfigError naming what is missing or wrong."""
    found: list[Receiver] = [LogReceiver()]
    if settings.alert_webhook is not None:
        from macae.monitoring.alerts.webhook import Webhook

        found.append(Webhook(settings.alert_webhook.get_secret_value(), settings.alert_format))
    if settings.alert_email:
        from macae.monitoring.alerts.mail import Mail

        if not settings.smtp_host:
            raise ConfigError("MACAE_ALERT_EMAIL is set, but no mail server: set MACAE_SMTP_HOST too.")
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
        found.append(
            Mail(
                settings.smtp_host, settings.alert_email, port=settings.smtp_port, sender=settings.smtp_from,
                user=settings.smtp_user, password=password, tls=settings.smtp_tls,
            )
        )  # fmt: skip
    if settings.alert_urls is not None:
        from macae.monitoring.alerts.apprising import Apprised

        # An address may have commas of its own: the next one begins with its scheme.
        given = re.split(r"[,\s]+(?=[A-Za-z0-9]+://)", settings.alert_urls.get_secret_value().strip(", "))
        found += [Apprised(url, number) for number, url in enumerate(filter(None, given), 1)]
    return found


def open_couriers(settings: Settings, more: Sequence[Receiver] = ()) -> list[Courier]:
    """A courier for each receiver. Raises ConfigError."""
    return [Courier(receiver) for receiver in (*receivers_of(settings), *more)]


def open_watch(
    settings: Settings,
    note: Callable[[Event], Awaitable[object]] | None = None,
    *,
    rules: Sequence[Rule] = (),
    receivers: Sequence[Receiver] = (),
    past: Past | None = None,
) -> AlertWatch | None:
    """The watch that the settings ask for, with rules and receivers of one's own beside; None when there is no active rule.

    With `past` it looks into the store for what other processes have told.

    Raises ConfigError for a wrong rules file or receiver.
    """
    own = {rule.name for rule in rules}
    all_rules = [*(rule for rule in load_rules(settings.alerts) if rule.name not in own), *rules]
    couriers = open_couriers(settings, receivers)
    return (
        AlertWatch(all_rules, note, couriers, past=past) if any(rule.active for rule in all_rules) else None
    )
