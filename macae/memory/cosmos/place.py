"""Where the store is: account, database and container, and how the container is divided."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from macae.config import Settings
from macae.errors import ConfigError, InvalidInput
from macae.memory.writes import owned

__all__ = ["Place"]

_LONGEST = 1000
"""Bytes of a user or session id: Cosmos DB takes partition keys of 2 KB."""


@dataclass(frozen=True, slots=True)
class Place:
    """One container, and who asks. Times are in seconds. The key is not shown."""

    endpoint: str
    key: str | None = field(default=None, repr=False)
    """None: DefaultAzureCredential."""
    database: str = "macae"
    container: str = "memory"
    partition: Literal["session", "user_session"] = "session"
    ttl: int | None = None
    timeout: float = 10.0
    verify: bool = True
    lease: float = 15.0

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the settings say; where they are silent, COSMOSDB_ENDPOINT, COSMOSDB_DATABASE and COSMOSDB_CONTAINER.

        Raises ConfigError naming what to set.
        """
        given = settings.model_fields_set
        endpoint = settings.cosmos_endpoint or _variable(settings, "COSMOSDB_ENDPOINT")
        database = settings.cosmos_database
        if "cosmos_database" not in given:
            database = _variable(settings, "COSMOSDB_DATABASE") or database
        container = settings.cosmos_container
        if "cosmos_container" not in given:
            container = _variable(settings, "COSMOSDB_CONTAINER") or container
        return cls(
            endpoint=endpoint,
            key=settings.cosmos_key.get_secret_value().strip() or None if settings.cosmos_key else None,
            database=database,
            container=container,
            partition=settings.cosmos_partition,
            ttl=settings.cosmos_ttl,
            timeout=settings.cosmos_timeout,
            verify=settings.cosmos_verify,
            lease=settings.lease,
        )

    def __post_init__(self) -> None:
        if not self.endpoint:
            raise ConfigError(
                "There is no Cosmos DB account to store in: set MACAE_COSMOS_ENDPOINT to https://NAME.documents.azure.com:443/, "
                "or MACAE_STORE=sqlite for a file."
            )
        try:
            parts = urlsplit(self.endpoint)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ConfigError(
                "MACAE_COSMOS_ENDPOINT must be a URL such as https://NAME.documents.azure.com:443/ (not a connection string)."
            )

    @property
    def name(self) -> str:
        """How errors call it: host, database and container, without any secret."""
        parts = urlsplit(self.endpoint)
        return f"Cosmos DB container {self.database}/{self.container} at {parts.hostname}"

    @property
    def is_plain(self) -> bool:
        """Whether it speaks http, as only emulators do."""
        return urlsplit(self.endpoint).scheme == "http"

    @property
    def paths(self) -> list[str]:
        """The paths of the partition key."""
        return ["/session_id"] if self.partition == "session" else ["/user_id", "/session_id"]

    def keys(self, user_id: str, session_id: str) -> tuple[str, ...]:
        """The values of the partition key. Raises InvalidInput for what Cosmos DB cannot take."""
        owned(user_id, session_id)
        for name, value in (("user", user_id), ("session", session_id)):
            if not _is_short_unicode(value):
                raise InvalidInput(
                    f"This {name} id cannot be stored in Cosmos DB: it must be Unicode text of at most {_LONGEST} bytes."
                )
        return (session_id,) if self.partition == "session" else (user_id, session_id)

    def key_fields(self, keys: tuple[str, ...]) -> dict[str, str]:
        """The fields that put an item into the partition of these values."""
        return {path[1:]: value for path, value in zip(self.paths, keys, strict=True)}

    def key_value(self, keys: tuple[str, ...]) -> Any:
        """The values as the client takes them."""
        return keys[0] if len(keys) == 1 else list(keys)


def _is_short_unicode(text: str) -> bool:
    try:
        return len(text.encode()) <= _LONGEST
    except UnicodeEncodeError:
        return False


def _variable(settings: Settings, name: str) -> str:
    if value := os.environ.get(name):
        return value.strip()
    from dotenv import dotenv_values

    file = settings.model_config.get("env_file")
    found = dotenv_values(file, encoding="utf-8").get(name) if isinstance(file, str) else None
    return (found or "").strip()
