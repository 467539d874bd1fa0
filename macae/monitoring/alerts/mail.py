"""Alerts by e-mail."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from macae.errors import ConfigError
from macae.monitoring.alerts.alert import Alert
from macae.monitoring.alerts.couriers import Outcome
from macae.monitoring.alerts.formats import heading, letter
from macae.monitoring.alerts.texts import masked

__all__ = ["Mail"]

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
IMPLICIT = 465
"""On this port the connection is encrypted from the first byte on."""


class Mail:
    """Mails each alert. Raises ConfigError for what is no address."""

    name = "e-mail"

    def __init__(
        self,
        host: str,
        to: str,
        *,
        port: int = 587,
        sender: str = "macae@localhost",
        user: str | None = None,
        password: str | None = None,
        tls: bool = True,
        seconds: float = 5.0,
    ) -> None:
        self._to = addresses(to, "MACAE_ALERT_EMAIL")
        (self._sender,) = addresses(sender, "MACAE_SMTP_FROM")[:1]
        if not host.isascii() or not host.isprintable() or not host.strip() or " " in host.strip():
            raise ConfigError("MACAE_SMTP_HOST is no host name: write mail.example.org.")
        if bool(user) != bool(password):
            raise ConfigError("MACAE_SMTP_USER and MACAE_SMTP_PASSWORD go together: set both, or none.")
        self._host, self._port, self._tls, self._seconds = host.strip(), port, tls, seconds
        self._user, self._password = user, password
        secret = password or ""
        self._secrets = [secret, base64.b64encode(secret.encode()).decode(), user]

    def __repr__(self) -> str:
        """Without the password."""
        return f"Mail({self._host}:{self._port})"

    def message(self, alert: Alert) -> EmailMessage:
        """The mail. What stands in a header is one line: nothing can add another header."""
        mail = EmailMessage()
        mail["Subject"] = f"macae {heading(alert)}"
        mail["From"], mail["To"] = self._sender, ", ".join(self._to)
        mail["Date"], mail["Message-ID"] = formatdate(alert.raised), make_msgid(domain="macae.invalid")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter(alert))
        return mail

    def send(self, alert: Alert) -> Outcome:
        """Mail one alert."""
        mail = self.message(alert)
        try:
            with self._connected() as server:
                if self._tls and self._port != IMPLICIT:
                    server.starttls(context=ssl.create_default_context())
                if self._user and self._password:
                    server.login(self._user, self._password)
                refused = server.send_message(mail, self._sender, self._to)
            return Outcome(
                True, f"taken, but not for {len(refused)} of the addresses" if refused else "taken"
            )
        except smtplib.SMTPNotSupportedError as error:
            hint = " Set MACAE_SMTP_TLS=false if that is meant to be" if "STARTTLS" in str(error) else ""
            return self._failed(error, f".{hint}", again=False)
        except smtplib.SMTPResponseException as error:
            said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else ""
            return self._failed(
                f"it answered {error.smtp_code} {said}", "", again=400 <= error.smtp_code < 500
            )
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            return self._failed(
                "it takes mail for none of the addresses", "", again=all(400 <= c < 500 for c in codes)
            )
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return self._failed(f"{type(error).__name__}: {error}", "", again=True)

    def _connected(self) -> smtplib.SMTP:
        if self._tls and self._port == IMPLICIT:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._seconds, context=context)
        return smtplib.SMTP(self._host, self._port, timeout=self._seconds)

    def _failed(self, text: object, more: str, again: bool) -> Outcome:
        return Outcome(False, f"{masked(text, self._secrets).rstrip('. ')}{more}", again)


def addresses(given: str, variable: str) -> list[str]:
    """Mail addresses with commas between. Raises ConfigError."""
    found = [part.strip() for part in given.split(",") if part.strip()]
    if not found or not all(ADDRESS.fullmatch(one) for one in found):
        raise ConfigError(
            f"{variable} is no mail address: write name@example.org, several with commas between."
        )
    return found
