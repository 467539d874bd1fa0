"""`python -m benchmarks.crowd CONTENDER COUNT`: many sessions at the same time in this process; seconds and peak memory as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import contenders


def peak() -> float:
    """The most memory that this process has used, in megabytes."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


async def main(name: str, count: int) -> None:
    """Run them all."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        contender: contenders.Contender = getattr(contenders, name)()
        await contender.open(Path(folder))
        await contender.plan(6)
        before = peak()
        began = time.perf_counter()
        await asyncio.gather(*(contender.plan(6) for _ in range(count)))
        seconds = time.perf_counter() - began
        await contender.close()
    print(json.dumps({"seconds": seconds, "megabytes": peak(), "before": before}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
