"""`python -m benchmarks.retrieval`: a semantic memory beside bare Chroma with the same embedding and the same index."""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from autogen_core.memory import MemoryContent, MemoryMimeType
from chromadb import PersistentClient

from macae.config import Settings
from macae.memory.semantic import SemanticMemory, embedding_function
from macae.memory.semantic.shelf import BATCH, INDEX

QUERIES = 50
ROWS = ("add, s", "add, ms a chunk", "query, ms (median)", "the nearest of 5 found by both, %")


def texts_of(count: int) -> list[str]:
    """Chunks of some 100 words, drawn from 5,000 words so that no two are alike."""
    chance = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(5_000)]
    return [" ".join(chance.choices(words, k=100)) for _ in range(count)]


def bare(
    folder: Path, texts: list[str], questions: list[str], settings: Settings
) -> tuple[float, float, list[list[str]]]:
    """Seconds to add, milliseconds a query, and what was found: Chroma as its manual shows it."""
    client = PersistentClient(str(folder))
    collection = client.create_collection(
        "bare", embedding_function=embedding_function(settings), configuration={"hnsw": dict(INDEX)}
    )
    start = time.perf_counter()
    for at in range(0, len(texts), BATCH):
        some = texts[at : at + BATCH]
        collection.add(
            ids=[str(at + n) for n in range(len(some))],
            documents=some,
            metadatas=[{"kind": "chunk"} for _ in some],
        )
    added = time.perf_counter() - start
    spent, found = [], []
    for question in questions:
        start = time.perf_counter()
        found.append(collection.query(query_texts=[question], n_results=5)["ids"][0])
        spent.append((time.perf_counter() - start) * 1000)
    client.close()
    return added, statistics.median(spent), found


async def ours(
    folder: Path, texts: list[str], questions: list[str], settings: Settings
) -> tuple[float, float, list[list[str]]]:
    """The same with a SemanticMemory: locked, bounded, off the loop."""
    contents = [
        MemoryContent(content=text, mime_type=MemoryMimeType.TEXT, metadata={"id": str(n), "kind": "chunk"})
        for n, text in enumerate(texts)
    ]
    own = settings.model_copy(update={"home": folder})
    async with SemanticMemory("bench", user_id="ann", settings=own, timeout=120) as memory:
        start = time.perf_counter()
        await memory.add_many(contents)
        added = time.perf_counter() - start
        spent, found = [], []
        for question in questions:
            start = time.perf_counter()
            results = (await memory.query(question, k=5)).results
            spent.append((time.perf_counter() - start) * 1000)
            found.append([(content.metadata or {})["id"] for content in results])
    return added, statistics.median(spent), found


def measure(count: int, settings: Settings) -> list[tuple[float, float]]:
    """For each row: bare, ours."""
    texts = texts_of(count)
    embedding_function(settings)(texts[:500])  # its cache of words is warm for both
    chance = random.Random(7)
    questions = [" ".join(chance.sample(chance.choice(texts).split(), 12)) for _ in range(QUERIES)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        plain = bare(Path(folder) / "bare", texts, questions, settings)
        memory = asyncio.run(ours(Path(folder) / "ours", texts, questions, settings))
    same = statistics.mean(len(set(a) & set(b)) / 5 for a, b in zip(plain[2], memory[2], strict=True))
    return [
        (plain[0], memory[0]),
        (plain[0] / count * 1000, memory[0] / count * 1000),
        (plain[1], memory[1]),
        (100.0, same * 100),
    ]


def main() -> None:
    """Measure and say, as a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000], help="how many chunks")
    options = parser.parse_args()
    settings = Settings(_env_file=None, embedding="lexical")
    print("| chunks | | bare Chroma | MACAE | ratio |\n|---|---|---|---|---|")
    for count in options.sizes:
        for title, (plain, memory) in zip(ROWS, measure(count, settings), strict=True):
            print(f"| {count:,} | {title} | {plain:.2f} | {memory:.2f} | {memory / plain:.2f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
