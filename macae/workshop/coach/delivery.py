"""Where a report goes, and one try to bring it there: a coach board by HTTP, or a file in a shared folder."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from macae.workshop.coach.member import write_whole
from macae.workshop.coach.summary import Summary

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["Destination", "Refused", "Unreachable", "deliver", "destination"]

SECONDS = 5.0
"""How long one try may wait for the network."""


class Refused(Exception):
    """The board said no: the same report again would not help."""


class Unreachable(Exception):
    """Nobody answered, or not now: later it may work. `after` is in seconds, where the board named a time."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


@dataclass(frozen=True)
class Destination:
    """A board's address and join code, a shared folder, or both."""

    url: str = ""
    code: str = ""
    folder: Path | None = None

    def __str__(self) -> str:
        places = [self.url, f"the folder {self.folder}" if self.folder else ""]
        return " and ".join(place for place in places if place)


def destination(settings: Settings) -> Destination | None:
    """Where the settings want reports to go; None (nothing is sent) unless they name it completely."""
    code = settings.coach_code.get_secret_value().strip() if settings.coach_code else ""
    url = (settings.coach_url or "").strip().rstrip("/")
    if not (url and code):
        url = code = ""
    if not url and settings.coach_folder is None:
        return None
    return Destination(url, code, settings.coach_folder)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The join code goes where the learner wrote, and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow none."""


def deliver(summary: Summary, to: Destination) -> None:
    """Bring it there. Raises Refused or Unreachable, each with a sentence."""
    failed: Refused | Unreachable | None = None
    for wanted, bring in ((to.folder is not None, put), (bool(to.url), post)):
        try:
            if wanted:
                bring(summary, to)
        except Unreachable as error:
            failed = error
        except Refused as error:
            failed = failed or error
    if failed is not None:
        raise failed


def put(summary: Summary, to: Destination) -> None:
    """Write it into the shared folder."""
    assert to.folder is not None
    try:
        if not to.folder.is_dir():
            raise Unreachable(f"The shared folder {to.folder} is not there.")
        write_whole(to.folder / f"{summary.learner}.json", summary.model_dump_json(), shared=True)
    except OSError as error:
        raise Unreachable(f"The shared folder cannot be written: {error}.") from None


def post(summary: Summary, to: Destination) -> None:
    """Send it to the board."""
    address = urlsplit(to.url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise Refused(f"MACAE_COACH_URL is {to.url!r}; it should look like http://192.168.1.20:8900.")
    head = {"Content-Type": "application/json", "X-Learner": summary.learner}
    try:
        head["X-Join-Code"] = to.code.encode("ascii").decode("ascii")
        ask = urllib.request.Request(
            f"{to.url}/api/report", summary.model_dump_json().encode(), head, method="POST"
        )
        with opener(address.hostname).open(ask, timeout=SECONDS) as reply:
            reply.read(10_000)
    except urllib.error.HTTPError as error:
        with error:  # its answer holds the connection
            said = sentence(error)
        if error.code == 429 or error.code >= 500:
            raise Unreachable(said, seconds(error.headers.get("Retry-After"))) from None
        raise Refused(said) from None
    except UnicodeEncodeError:
        raise Refused("MACAE_COACH_CODE has letters that no join code has.") from None
    except (
        Exception
    ) as error:  # what urllib lets through is many: no route, reset, time-out, not HTTP, a bad address
        reason = getattr(error, "reason", None) or error
        raise Unreachable(f"The board at {to.url} does not answer ({reason}).") from None


def opener(host: str) -> urllib.request.OpenerDirector:
    """A board in the room is asked directly; only one elsewhere through the proxy that the environment names."""
    near = "." not in host or host.endswith(".local")
    with contextlib.suppress(ValueError):
        near = near or not ipaddress.ip_address(host).is_global
    proxies = [urllib.request.ProxyHandler({})] if near else []
    return urllib.request.build_opener(NoRedirect, *proxies)


def sentence(error: urllib.error.HTTPError) -> str:
    """What the board said about it."""
    try:
        said = json.loads(error.read(10_000))["error"]
    except Exception:
        said = f"It answered {error.code}: is MACAE_COACH_URL the address of a coach board?"
    return str(said)[:300]


def seconds(text: str | None) -> float | None:
    """A Retry-After in seconds."""
    return min(float(text), 300.0) if text and text.isdigit() else None
