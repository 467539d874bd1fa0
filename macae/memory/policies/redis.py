"""AutoGen's Redis memory, made safe to use: a bounded start, calls off the event loop, and closing that keeps what is stored."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from autogen_core.memory import UpdateContextResult
from autogen_core.model_context import ChatCompletionContext

from macae.errors import ConfigError, InvalidInput, MacaeError, StoreError
from macae.memory.policies.wrapping import Call, WrappedMemory
from macae.memory.semantic.context import recall
from macae.memory.threads import in_thread

if TYPE_CHECKING:
    from autogen_ext.memory.redis import RedisMemory

__all__ = ["redis_memory"]

WAY_OUT = (
    "Start one (docker run -p 6379:6379 redis:8), correct the URL, or use SQLMemory, which needs no server."
)


async def redis_memory(
    url: str = "redis://localhost:6379",
    *,
    index: str = "macae",
    semantic: bool = False,
    timeout: float = 5.0,
    **config: Any,
) -> KeptRedisMemory:
    """A memory that processes share over a Redis server with search (Redis 8, or Redis Stack).

    `semantic=False` gives the last entries; True searches by meaning, and its first use downloads a model (about 0.4 GB), so it is
    only done when asked for. More keywords go to AutoGen's RedisMemoryConfig. `timeout` (seconds) bounds the start and each call.
    Raises ConfigError, with the way out, when the packages are not there or no such server answers.
    """
    try:
        from autogen_ext.memory.redis import RedisMemory, RedisMemoryConfig
    except ImportError:
        raise ConfigError(
            'The Redis memory needs packages that are not installed: pip install "macae[redis]". SQLMemory needs none.'
        ) from None
    try:
        address = urlsplit(url)
        place = (address.hostname or "localhost", address.port or 6379)
    except ValueError:
        raise ConfigError("The Redis URL cannot be read. It looks like redis://HOST:6379.") from None
    name = f"{place[0]}:{place[1]}"  # never the URL: it may hold a password

    def start() -> RedisMemory:
        socket.create_connection(place, timeout).close()  # the library itself would wait without end
        bounded = f"{url}{'&' if address.query else '?'}socket_timeout={timeout:g}&socket_connect_timeout={timeout:g}"
        settings = RedisMemoryConfig(redis_url=bounded, index_name=index, sequential=not semantic, **config)
        return RedisMemory(settings)

    try:
        started = await in_thread(start, max(timeout, 600) if semantic else timeout)
        return KeptRedisMemory(started, name, timeout)
    except ImportError as error:
        raise ConfigError(
            f"Searching by meaning in Redis needs a package that is not installed ({error.name}): "
            'pip install "macae[redis,rerank]", or leave semantic=False.'
        ) from None
    except (OSError, TimeoutError) as error:
        raise ConfigError(f"No Redis server answers at {name} ({type(error).__name__}). {WAY_OUT}") from None
    except Exception as error:
        raise ConfigError(
            f"The server at {name} cannot be used as a memory ({type(error).__name__}): it needs Redis's search, and the right password. {WAY_OUT}"
        ) from None


class KeptRedisMemory(WrappedMemory):
    """AutoGen's RedisMemory, whose own `close` deletes all that is stored: this one leaves it there. `clear` deletes."""

    def __init__(self, inner: RedisMemory, place: str, timeout: float) -> None:
        super().__init__(inner)
        self._place, self._timeout = place, timeout

    async def around(self, call: Call, run: Callable[[], Awaitable[Any]]) -> Any:
        """Run it in a thread (the library blocks), bounded, its errors as StoreError."""

        async def work() -> Any:
            return await run()

        try:
            return await in_thread(lambda: asyncio.run(work()), self._timeout)
        except MacaeError:
            raise
        except NotImplementedError:
            raise InvalidInput("The Redis memory takes text, Markdown and JSON, nothing else.") from None
        except Exception as error:
            raise StoreError(
                f"The Redis memory at {self._place} did not {call.name} ({type(error).__name__}). Is the server up?"
            ) from None

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model what a query finds."""
        return await recall(self, model_context)

    async def close(self) -> None:
        """Leave everything as it is; the connection ends with the process."""
