"""`python -m benchmarks.retrieval`: a semantic memory beside bare Chroma with the same embedding and the same index, taking turns."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autogen_core.memory import MemoryContent, MemoryMimeType
from chromadb import PersistentClient

from benchmarks.tables import put_between
from macae.config import Settings
from macae.memory.semantic import SemanticMemory, embedding_function
from macae.memory.semantic.shelf import BATCH, INDEX

QUERIES = 100
QUICK, FULL = [1_000], [1_000, 4_000, 10_000]
BEGIN = "<!-- semantic memory: made by `python -m benchmarks.retrieval --write` -->"
END = "<!-- end of semantic memory -->"
ROWS = {
    "ms_a_chunk": "add, ms a chunk",
    "ms_a_query": "query, ms (median)",
    "percent_same": "the nearest of 5 found by both, %",
}


def texts_of(count: int) -> list[str]:
    """Chunks of some 100 words, drawn from 5,000 words so that no two are alike."""
    chance = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(5_000)]
    return [" ".join(chance.choices(words, k=100)) for _ in range(count)]


class Bare:
    """Chroma as its manual shows it."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.client = PersistentClient(str(folder))
        self.collection = self.client.create_collection(
            "bare", embedding_function=embedding_function(settings), configuration={"hnsw": dict(INDEX)}
        )

    async def add(self, ids: list[str], texts: list[str]) -> None:
        """Add a batch."""
        self.collection.add(ids=ids, documents=texts, metadatas=[{"kind": "chunk"} for _ in texts])

    async def query(self, question: str) -> list[str]:
        """The ids of the nearest."""
        return list(self.collection.query(query_texts=[question], n_results=5)["ids"][0])

    async def close(self) -> None:
        """Let go."""
        self.client.close()


class Ours:
    """The same with a SemanticMemory: locked, bounded, off the loop."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        own = settings.model_copy(update={"home": folder})
        self.memory = SemanticMemory("bench", user_id="ann", settings=own, timeout=120)
        self.close = self.memory.close

    async def add(self, ids: list[str], texts: list[str]) -> None:
        """Add a batch."""
        kind = MemoryMimeType.TEXT
        await self.memory.add_many(
            [
                MemoryContent(content=text, mime_type=kind, metadata={"id": i, "kind": "chunk"})
                for i, text in zip(ids, texts, strict=True)
            ]
        )

    async def query(self, question: str) -> list[str]:
        """The ids of the nearest."""
        return [(one.metadata or {})["id"] for one in (await self.memory.query(question, k=5)).results]


async def measure(count: int, settings: Settings) -> dict[str, Any]:
    """One size: each figure for bare Chroma and for ours."""
    texts = texts_of(count)
    embedding_function(settings)(texts[:500])  # its cache of words is warm for both
    chance = random.Random(7)
    questions = [" ".join(chance.sample(chance.choice(texts).split(), 12)) for _ in range(QUERIES)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        both: list[Bare | Ours] = [
            Bare(Path(folder) / "bare", settings),
            Ours(Path(folder) / "ours", settings),
        ]
        added = [0.0, 0.0]
        spent: list[list[float]] = [[], []]
        for at in range(0, count, BATCH):
            some = texts[at : at + BATCH]
            ids = [str(at + n) for n in range(len(some))]
            for who, one in enumerate(both):
                start = time.perf_counter()
                await one.add(ids, some)
                added[who] += time.perf_counter() - start
        same = []
        for question in questions:
            found = []
            for who, one in enumerate(both):
                start = time.perf_counter()
                found.append(set(await one.query(question)))
                spent[who].append((time.perf_counter() - start) * 1000)
            same.append(len(found[0] & found[1]) / 5 * 100)
        for one in both:
            await one.close()
    return {
        "ms_a_chunk": [seconds / count * 1000 for seconds in added],
        "ms_a_query": [statistics.median(one) for one in spent],
        "percent_same": [100.0, statistics.mean(same)],
    }


def markdown(figures: dict[str, Any]) -> str:
    """A table, and where it was measured."""
    lines = [
        f"Measured on {figures['machine']}, one run a size.",
        "",
        "| chunks | | bare Chroma | MACAE | ratio |",
        "|---|---|---|---|---|",
    ]
    for size, found in figures["sizes"].items():
        for key, title in ROWS.items():
            plain, ours = found[key]
            told = (
                f"{plain:.0f} | {ours:.1f} | "
                if "%" in title
                else f"{plain:.2f} | {ours:.2f} | {ours / plain:.2f}"
            )
            lines.append(f"| {int(size):,} | {title} | {told} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, help=f"how many chunks; default: {FULL}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK[0]:,} chunks alone, within a minute")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument("--write", action="store_true", help="also put the table into docs/performance.md")
    options = parser.parse_args()
    settings = Settings(_env_file=None, embedding="lexical")
    figures: dict[str, Any] = {
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "sizes": {},
    }
    for count in options.sizes or (QUICK if options.quick else FULL):
        figures["sizes"][count] = asyncio.run(measure(count, settings))
    print(json.dumps(figures, indent=1) if options.json else markdown(figures))
    if options.write:
        put_between(Path("docs/performance.md"), BEGIN, END, markdown(figures))


if __name__ == "__main__":
    sys.exit(main())
