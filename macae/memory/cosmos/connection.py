"""The client of one container: opened, closed, every call bounded in time, every request counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from macae.errors import ConfigError, StoreError
from macae.memory.cosmos.errors import status_of, store_error
from macae.memory.cosmos.place import Place

__all__ = ["Connection", "counted_as", "kind_of"]

Answer = TypeVar("Answer")

_PURPOSE: ContextVar[str | None] = ContextVar("cosmos_purpose", default=None)

_MOST_THROTTLED = 9
"""How often a call that is told to slow down is tried again, after the time that the service names."""

INDEXING: dict[str, Any] = {
    "indexingMode": "consistent",
    "automatic": True,
    "includedPaths": [{"path": "/*"}],
    "excludedPaths": [{"path": "/exact/*"}, {"path": "/bodies/*"}, {"path": '/"_etag"/?'}],
    "compositeIndexes": [
        [{"path": "/at", "order": way}, {"path": "/session_id", "order": way}]
        for way in ("ascending", "descending")
    ],
}
"""Without the composite ones, what is sorted over all sessions could not be read."""


@contextmanager
def counted_as(purpose: str) -> Iterator[None]:
    """Requests inside are counted under this name."""
    token = _PURPOSE.set(purpose)
    try:
        yield
    finally:
        _PURPOSE.reset(token)


def kind_of(request: Any) -> str:
    """What a request does, in one word or two, from its headers and path."""
    parts = [part for part in request.url.partition("://")[2].split("?")[0].split("/")[1:] if part]
    headers = {name.lower(): str(value).lower() for name, value in request.headers.items()}
    if not parts:
        return "account"
    if headers.get("x-ms-cosmos-is-query-plan-request") == "true":
        return "query plan"
    if headers.get("x-ms-cosmos-is-batch-request") == "true":
        return "batch"
    if headers.get("x-ms-documentdb-isquery") == "true":
        return "query"
    what = {"dbs": " database", "colls": " container", "pkranges": " ranges", "docs": ""}
    verbs = {"POST": "create", "PUT": "replace", "GET": "read", "DELETE": "delete"}
    noun = parts[-1] if len(parts) % 2 else parts[-2]
    return verbs.get(str(request.method), str(request.method).lower()) + what.get(noun, f" {noun}")


class Connection:
    """An open container. `requests` counts what went over the wire, by kind, retries included."""

    def __init__(self, place: Place, requests: Counter[str]) -> None:
        self.place = place
        self.requests = requests
        self.container: Any = None
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Sign in, and find or make the container. Raises StoreError or ConfigError; then nothing is left open."""
        async with AsyncExitStack() as stack:  # whatever fails below, what was opened is closed
            async with self.bounded():
                client = await self._client(stack)
                self.container = await self._container(client)
            self._stack = stack.pop_all()

    async def close(self) -> None:
        """Let go. Never longer than a call may take."""
        self.container = None
        async with self.bounded():
            await self._stack.aclose()

    async def call(self, work: Callable[[Any], Awaitable[Answer]], seconds: float | None = None) -> Answer:
        """One call on the container, within the time limit. Raises what the client raises, and TimeoutError."""
        if self.container is None:
            raise StoreError(f"The {self.place.name} is closed. Call `await store.open()` first.")
        async with asyncio.timeout(self.place.timeout if seconds is None else seconds):
            return await work(self.container)

    @asynccontextmanager
    async def bounded(self) -> AsyncIterator[None]:
        """What is inside takes no longer than a call may, and raises errors in words."""
        try:
            async with asyncio.timeout(self.place.timeout):
                yield
        except (StoreError, ConfigError):
            raise
        except Exception as error:
            raise store_error(error, self.place) from None

    async def _client(self, stack: AsyncExitStack) -> Any:
        from azure.cosmos.aio import CosmosClient

        place = self.place
        credential: Any = place.key
        if place.key is None:
            from azure.identity.aio import DefaultAzureCredential

            credential = await stack.enter_async_context(DefaultAzureCredential())
        client = CosmosClient(
            place.endpoint,
            credential,
            connection_timeout=place.timeout,
            read_timeout=place.timeout,
            retry_total=2,
            retry_backoff_factor=0.1,
            retry_throttle_total=_MOST_THROTTLED,
            retry_throttle_backoff_max=max(1, int(place.timeout / 3)),
            enable_endpoint_discovery=place.verify and not place.is_plain,
            connection_verify=place.verify,
            raw_request_hook=self._count,
        )
        stack.push_async_callback(client.close)  # entering fails half-way where the account cannot be reached
        return await client.__aenter__()

    def _count(self, request: Any) -> None:
        self.requests[_PURPOSE.get() or kind_of(request.http_request)] += 1

    async def _container(self, client: Any) -> Any:
        database = client.get_database_client(self.place.database)
        container = database.get_container_client(self.place.container)
        try:
            properties = await container.read()
        except Exception as error:
            if status_of(error) != 404:
                raise
            properties = await self._make(client, database)
            container = database.get_container_client(self.place.container)
        self._check(properties)
        return container

    async def _make(self, client: Any, database: Any) -> Any:
        from azure.cosmos import PartitionKey

        paths: Any = self.place.paths
        key = PartitionKey(path=paths[0]) if len(paths) == 1 else PartitionKey(path=paths, kind="MultiHash")
        try:
            await client.create_database_if_not_exists(self.place.database)
            # TTL is switched on, so that items may carry one; -1: those that carry none are kept.
            made = await database.create_container_if_not_exists(
                self.place.container, partition_key=key, indexing_policy=INDEXING, default_ttl=-1
            )
        except Exception as error:
            if status_of(error) not in (401, 403, 404):
                raise
            raise StoreError(
                f"The {self.place.name} does not exist and may not be made with what you are signed in with. Make it: "
                f"`az cosmosdb sql database create --name {self.place.database}`, then "
                f"`az cosmosdb sql container create --name {self.place.container} "
                f"--partition-key-path {' '.join(paths)} --ttl -1`, or correct MACAE_COSMOS_DATABASE."
            ) from None
        return await made.read()

    def _check(self, properties: Any) -> None:
        paths = (properties.get("partitionKey") or {}).get("paths")
        if paths != self.place.paths:
            raise ConfigError(
                f"The {self.place.name} is divided by {paths}, but MACAE_COSMOS_PARTITION={self.place.partition} needs "
                f"{self.place.paths}. Set the other one, or name another container in MACAE_COSMOS_CONTAINER."
            )
        if self.place.ttl is not None and properties.get("defaultTtl") is None:
            raise ConfigError(
                f"MACAE_COSMOS_TTL needs a container with time to live switched on: the {self.place.name} has it off. "
                "Switch it on (no default), or leave MACAE_COSMOS_TTL empty."
            )
