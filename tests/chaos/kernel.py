"""A process with an engine of its own that does what it is told, one line of JSON at a time, as a notebook's kernel would."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from macae import Engine, Settings
from macae.errors import MacaeError
from macae.models import Event, EventType, PlanWithSteps, Step
from tests.chaos import till
from tests.chaos.conftest import ROOT
from tests.support.scripted import ScriptedClient, obedient

SESSION = "s1"


def shop(home: Path, plan: str) -> Engine:
    """The engine of one kernel."""
    till.keep(home / "book.db")
    options: Any = {"home": home, "_env_file": None}
    return Engine(settings=Settings(**options), model=ScriptedClient(obedient(plan)), team=till.TEAM)


async def serve() -> None:
    """Do what stdin says until it ends."""
    engine: Engine | None = None
    running = asyncio.Event()

    def see(event: Event) -> None:
        if event.type is EventType.tool_started:
            running.set()

    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = json.loads(line)
        answer: Any = None
        try:
            if told["do"] == "open":
                if engine is not None:
                    await engine.close(0)
                running.clear()
                engine = shop(Path(told["home"]), told["script"])
                engine.subscribe(see)
            elif told["do"] == "run":
                await running.wait()
            elif engine is not None:
                answer = await do(engine, told)
            answer = {"answer": answer}
        except MacaeError as error:
            answer = {"refused": type(error).__name__, "text": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    if engine is not None:
        await engine.close(0)


async def do(engine: Engine, told: dict[str, Any]) -> Any:
    """One command: an engine's method, on the session's plan or on a step as it was seen."""
    method = getattr(engine, told["do"])
    if told["do"] == "submit":
        given: PlanWithSteps | Step | list[Any] = await method("Go", SESSION)
    elif told["do"] == "resume":
        given = (await method(SESSION))[-1]
    else:
        seen = Step.model_validate(told["step"]) if "step" in told else told["plan"]
        given = await method(seen, **told.get("more", {}))
    return [each.model_dump(mode="json") for each in given] if isinstance(given, list) else given.model_dump(mode="json")  # fmt: skip


class Kernel:
    """A kernel in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.kernel"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def tell(self, do: str, **more: Any) -> None:
        """Say what to do; the answer is for `hear`."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The answer to what was told first."""
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def ask(self, do: str, **more: Any) -> Any:
        """Tell and hear; what was refused fails the test."""
        self.tell(do, **more)
        return self.hear()["answer"]

    def kill(self) -> None:
        """End it without asking it."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()


if __name__ == "__main__":
    asyncio.run(serve())
