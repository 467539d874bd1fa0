"""The client of one container: opened, closed, every call bounded in time, every request counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from macae.errors import ConfigError, StoreError
from macae.memory.cosmos.errors import is_open, status_of, store_error
from macae.memory.cosmos.place import Place
from macae.memory.cosmos.watching import count, explained, note_answer

__all__ = ["Connection"]

Answer = TypeVar("Answer")

_MOST_FAILED = 2
"""How often a read is tried again when the service fails."""

_MOST_THROTTLED = 9
"""How often a call that is told to slow down is tried again, after the time that the service names."""

INDEXING: dict[str, Any] = {
    "indexingMode": "consistent",
    "automatic": True,
    "includedPaths": [{"path": "/*"}],
    "excludedPaths": [
        {"path": "/exact/*"},
        {"path": "/floats/*"},
        {"path": "/bodies/*"},
        {"path": '/"_etag"/?'},
    ],
    "compositeIndexes": [
        [{"path": "/at", "order": way}, {"path": "/session_id", "order": way}]
        for way in ("ascending", "descending")
    ],
}
"""Without the composite ones, what is sorted over all sessions could not be read."""


class Connection:
    """An open container. `requests` counts what went over the wire, by kind, retries included."""

    def __init__(self, place: Place, requests: Counter[str]) -> None:
        self.place = place
        self.requests = requests
        self.container: Any = None
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Sign in, and find or make the container. Raises StoreError or ConfigError; then nothing is left open."""
        # Seconds on a slow machine: no fault of the service, and others on the loop go on meanwhile.
        await asyncio.to_thread(_load, self.place.key is None)
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

    async def read(self, work: Callable[[Any], Awaitable[Answer]]) -> Answer:
        """A call that changes nothing, so it is tried again where the service fails. All tries share the time limit."""
        tries = 0
        with explained():
            async with asyncio.timeout(self.place.timeout):
                while True:
                    try:
                        return await self.call(work)
                    except Exception as error:
                        tries += 1
                        if tries > _MOST_FAILED or not is_open(error) or isinstance(error, TimeoutError):
                            raise
                    await asyncio.sleep(0.1 * tries)

    async def call(self, work: Callable[[Any], Awaitable[Answer]], seconds: float | None = None) -> Answer:
        """One call on the container, within the time limit. Raises what the client raises, and TimeoutError."""
        if self.container is None:
            raise StoreError(f"The {self.place.name} is closed. Call `await store.open()` first.")
        with explained():
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
            retry_total=0,
            retry_backoff_factor=0.1,
            retry_throttle_total=_MOST_THROTTLED,
            retry_throttle_backoff_max=max(1, int(place.timeout / 3)),
            enable_endpoint_discovery=place.verify and not place.is_plain,
            connection_verify=place.verify,
            raw_request_hook=self._count,
            raw_response_hook=note_answer,
        )
        stack.push_async_callback(client.close)  # entering fails half-way where the account cannot be reached
        return await client.__aenter__()

    def _count(self, request: Any) -> None:
        count(self.requests, request.http_request)

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
            await _unless_there(client.create_database_if_not_exists(self.place.database))
            # TTL is switched on, so that items may carry one; -1: those that carry none are kept.
            await _unless_there(
                database.create_container_if_not_exists(
                    self.place.container, partition_key=key, indexing_policy=INDEXING, default_ttl=-1
                )
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
        return await database.get_container_client(self.place.container).read()

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


def _load(with_identity: bool) -> None:
    import aiohttp  # noqa: F401
    import azure.cosmos.aio  # noqa: F401

    if with_identity:
        import azure.identity.aio  # noqa: F401


async def _unless_there(making: Awaitable[Any]) -> None:
    try:
        await making
    except Exception as error:
        if status_of(error) != 409:  # another process was first
            raise
