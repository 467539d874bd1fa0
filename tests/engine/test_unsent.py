"""What a failed model call costs, over real sockets: nothing where no server got it; else its estimate, which is no price."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from macae import Engine, Settings
from macae.errors import ModelError
from macae.models.spending import UsageRecord
from macae.monitoring import Recording, summary
from macae.monitoring.analysis import cost
from macae.monitoring.figures import monitor_figure
from macae.monitoring.replay.views import ModelCall
from tests.engine.conftest import TEAM
from tests.monitoring.figures.drawn import texts
from tests.support.openai_server import OpenAIServer, Reply, drop, error, hang

DAY = 10**6


@contextmanager
def refusing() -> Iterator[str]:
    """An address where a port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


async def failed_goal(home: Path, address: str, **more: Any) -> tuple[Recording, list[UsageRecord], Engine]:
    """A goal whose planner gets no answer: the session, and what its user's day was charged."""
    settings = Settings(
        home=home, provider="openai", api_key="k" * 20, base_url=address, day_tokens=DAY,
        **{"model": "gpt-4o", "model_timeout": 5.0, "model_retries": 0, **more},
    )  # fmt: skip
    async with Engine(settings=settings, team=TEAM) as engine:
        with pytest.raises(ModelError):
            await engine.submit("Bake", "s")
    # Its use is stored with the next write, at the latest when the engine is closed.
    async with Engine(settings=settings, team=TEAM) as late:
        rows = await late.store.find(UsageRecord, user_id=late.user_id)
        return Recording(await late.session_events("s")), rows, engine


def only(recording: Recording) -> ModelCall:
    (call,) = recording.model_calls
    return call


@pytest.mark.parametrize("where", ["refused", "no name", "no tls"])
async def test_what_no_server_got_costs_nothing(tmp_path: Path, where: str) -> None:
    with ExitStack() as stack:
        if where == "refused":
            address = stack.enter_context(refusing())
        elif where == "no name":
            address = "http://nowhere.invalid/v1"
        else:
            address = stack.enter_context(OpenAIServer()).url.replace("http:", "https:")
        model = (
            "home-made" if where == "no name" else "gpt-4o"
        )  # nothing costs nothing without a list price, too
        recording, rows, engine = await failed_goal(tmp_path, address, model=model)
    call = only(recording)
    assert (call.ok, call.tokens, call.usd, call.estimated) == (False, 0, 0.0, False)
    assert sum(row.tokens for row in rows) == engine.spending.used("day", "").tokens == 0
    told = summary(recording)
    assert (told.tokens, told.unpriced, told.usd, told.errors) == (0, 0, 0.0, 1)
    assert recording.costs == [], "the panel does not say that the model costs nothing"


@pytest.mark.parametrize("reply", [drop(), error(500, "oops"), hang()], ids=["cut off", "500", "timeout"])
async def test_what_a_server_may_have_got_is_charged_as_an_estimate(tmp_path: Path, reply: Reply) -> None:
    with OpenAIServer() as server:
        server.answer(reply)
        more = {"model_timeout": 0.3} if reply.hang else {}
        recording, rows, engine = await failed_goal(tmp_path, server.url, **more)
        assert len(server.requests) == 1
    call = only(recording)
    assert (call.ok, call.usd, call.estimated) == (False, None, True) and call.tokens > 100
    assert sum(row.tokens for row in rows) == engine.spending.used("day", "").tokens == call.tokens
    assert str(cost(recording)) == "the cost of 1 failed call is not known"
    if reply.status == 500:  # a picture takes its time
        assert "The cost of 1 failed call is not known." in texts(monitor_figure(recording))


async def test_a_call_of_which_one_try_was_sent_may_have_been_paid_for(tmp_path: Path) -> None:
    """The first try gets 500, the second finds nobody: the last error alone would say that nothing was sent."""
    with OpenAIServer() as server, refusing() as gone:
        away = error(307, headers={"location": f"{gone}/chat/completions"})
        server.answer(error(500, headers={"retry-after": "0.01"}), away)
        recording, _, _ = await failed_goal(tmp_path, server.url, model_retries=1)
        assert len(server.requests) == 2
    assert "cannot be reached" in only(recording).error and only(recording).tokens > 100
