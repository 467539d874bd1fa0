"""Another process on the same Chroma folder: `python other_process.py HOME WHAT COUNT`. Run by test_disk."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from autogen_core.memory import MemoryContent, MemoryMimeType

from macae.config import Settings
from macae.memory.semantic import SemanticMemory


async def main(home: str, what: str, count: int) -> None:
    settings = Settings(_env_file=None, home=Path(home), embedding="lexical")
    async with SemanticMemory("shared", user_id="ann", settings=settings) as memory:
        await memory.count()
        print("ready", flush=True)  # noqa: T201
        sys.stdin.readline()
        for start in range(0, count, 20):
            await memory.add_many(
                [
                    MemoryContent(
                        content=f"{what} wrote about subject {n * 7919 % 1000}",
                        mime_type=MemoryMimeType.TEXT,
                        metadata={"id": f"{what}-{n}"},
                    )
                    for n in range(start, min(count, start + 20))
                ]
            )
        print("done", flush=True)  # noqa: T201
        sys.stdin.readline()
        await memory.clear()
        print("cleared", flush=True)  # noqa: T201
        sys.stdin.readline()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
