"""Where vectors are kept: a folder, this process's memory, or a Chroma server. How to connect, and what each failure means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from macae.errors import ConfigError, InvalidInput, MacaeError, StoreError

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["Place", "connect", "disconnect", "explain", "place_of"]

Kind = Literal["disk", "memory", "server"]


@dataclass(frozen=True, slots=True)
class Place:
    """One Chroma database."""

    kind: Kind
    where: str = ""
    """The folder, or the server's address."""

    def __str__(self) -> str:
        return {"disk": f"the Chroma folder {self.where}", "memory": "Chroma in memory"}.get(
            self.kind, f"the Chroma server {self.where}"
        )


def place_of(settings: Settings, on: str | None) -> Place:
    """The place that is asked for; None: the server where one is set, else the folder. Raises ConfigError or InvalidInput."""
    if on not in (None, "disk", "memory", "server"):
        raise InvalidInput(f'A semantic memory is on "disk", in "memory" or on a "server", not on {on!r}.')
    if on == "memory":
        return Place("memory")
    if on == "disk" or (on is None and not settings.chroma_url):
        return Place("disk", str(settings.chroma_path.absolute()))
    if not settings.chroma_url:
        raise ConfigError("MACAE_CHROMA_URL is missing: set it to the Chroma server, http://HOST:PORT.")
    return Place("server", _address(settings.chroma_url))


def _address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port = parts.port or (443 if parts.scheme == "https" else 8000)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise ConfigError("MACAE_CHROMA_URL must be http://HOST:PORT or https://HOST:PORT, and nothing more.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def connect(place: Place, seconds: float) -> Any:
    """A Chroma client. Blocks. Raises what Chroma raises; `explain` says what it means."""
    import chromadb

    if place.kind == "memory":
        return chromadb.EphemeralClient()
    if place.kind == "disk":
        try:
            return chromadb.PersistentClient(place.where)
        except BaseException:
            _forget(place.where)
            raise
    import httpx

    # Chroma waits for ever for a server that accepts and says nothing: look first, within a bound.
    httpx.get(f"{place.where}/api/v2/heartbeat", timeout=seconds).raise_for_status()
    parts = urlsplit(place.where)
    client = chromadb.HttpClient(parts.hostname or "", parts.port or 8000, ssl=parts.scheme == "https")
    for session in _sessions(client):
        session.timeout = httpx.Timeout(seconds)
    return client


def disconnect(client: Any) -> None:
    """Close a client, and its connections, which Chroma leaves open."""
    sessions = _sessions(client)
    client.close()
    for session in sessions:
        session.close()


def _sessions(client: Any) -> list[Any]:
    """The HTTP clients of a server's Chroma client (it has one more for its look at the tenant); none for others."""
    servers = [getattr(part, "_server", None) for part in (client, getattr(client, "_admin_client", None))]
    sessions = [getattr(server, "_session", None) for server in servers]
    return [session for session in sessions if session is not None]


def _forget(folder: str) -> None:
    """Chroma keeps what failed to start, and would give it out, half made, the next time."""
    from chromadb.api.shared_system_client import SharedSystemClient

    users = getattr(SharedSystemClient, "_identifier_to_refcount", {})
    systems = getattr(SharedSystemClient, "_identifier_to_system", {})
    if not users.get(folder):
        systems.pop(folder, None)


def explain(error: BaseException, place: Place, seconds: float) -> MacaeError:
    """What went wrong with Chroma, as one of our errors."""
    if isinstance(error, MacaeError):
        return error
    kind = type(error).__name__
    library = type(error).__module__.partition(".")[0]
    said = " ".join(str(error).split())[:200]
    if isinstance(error, TimeoutError) or "Timeout" in kind:
        return StoreError(f"{_capital(place)} did not answer within {seconds:g} seconds. {_remedy(place)}")
    if place.kind == "server" and (library in ("httpx", "httpcore") or "Could not connect" in said):
        return StoreError(f"{_capital(place)} cannot be reached ({kind}: {said}). {_remedy(place)}")
    if kind == "InvalidDimensionException" or "Collection expecting embedding with dimension" in said:
        return StoreError(
            f"The vectors that are stored in {place} are of another embedding ({said}). Use the embedding that made them, "
            "or another name for the memory."
        )
    if isinstance(error, (ValueError, TypeError)) or kind == "InvalidArgumentError":
        return InvalidInput(f"Chroma does not accept this: {said}")
    low = said.lower()
    if "disk is full" in low or "no space" in low or "os error 28" in low:
        return StoreError(f"The disk of {place} is full. Nothing was written. Make room, and do it again.")
    if "not a database" in low or "malformed" in low or "corrupt" in low:
        return StoreError(
            f"{_capital(place)} is damaged ({said}). Move the folder away: a new one is made, and knowledge bases are read in "
            "again by themselves. What else was remembered must come from a backup."
        )
    return StoreError(f"{_capital(place)} cannot be used ({kind}: {said}). {_remedy(place)}")


def _capital(place: Place) -> str:
    text = str(place)
    return text[0].upper() + text[1:]


def _remedy(place: Place) -> str:
    if place.kind == "server":
        return "Start it (`chroma run --host 127.0.0.1 --port 8000`), or check MACAE_CHROMA_URL."
    if place.kind == "disk":
        return f"{Path(place.where).name} must be a folder that can be written, on a local disk: check MACAE_HOME."
    return "Try again."
