"""Checks of a writer and a critic: they take turns, the critic's word ends it, and so does a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macae.workshop.props.teams import bounded, ended, heard, last_speaker
from macae.workshop.trial import Trial

__all__ = ["always_ends", "writes_until_approved"]

DRAFTS = ("The VPN rests tonight.", "The VPN rests tonight from 18:00 to 20:00.")


def editors(messages: Sequence[Any], tools: list[str]) -> str:
    """A writer with two drafts, and a critic who approves of the second. Who is asked shows in who spoke last."""
    mine = [m for m in messages if m.type == "AssistantMessage"]
    topic = next(str(m.content) for m in messages if m.type == "UserMessage")
    if last_speaker(messages) == "writer":
        return "APPROVED" if DRAFTS[1] in str(messages[-1].content) else "Say when."
    return f"{DRAFTS[min(len(mine), 1)]} ({topic})"


def never_content(messages: Sequence[Any], tools: list[str]) -> str:
    """A critic for whom nothing is good enough, and a writer who counts the drafts."""
    mine = [m for m in messages if m.type == "AssistantMessage"]
    return "Not yet." if last_speaker(messages) == "writer" else f"Draft number {len(mine) + 1}."


async def writes_until_approved(attempt: Any, trial: Trial) -> None:
    """Two topics: writer and critic take turns, and the second topic begins afresh."""
    topics = ["Tonight", "In the canteen"]
    model = trial.model(bounded(editors))
    texts = await ended(trial, trial.call(attempt, model, topics), model)
    judge_team(model.requests, trial)
    trial.expect(isinstance(texts, list) and len(texts) == 2 and all(isinstance(t, str) for t in texts), expected="a list with one text for each of the two topics", seen=texts, look="`texts.append(….content)` for each topic, and `return texts` at the end.", kind="not-texts")  # fmt: skip
    second = next((r for r in model.requests if topics[1] in heard(r)), None)
    trial.expect(second is not None, expected=f"the topic {topics[1]!r} is given to the team", seen="it never was", look="`team.run(task=topic)` for each of `topics`.", kind="no-topic")  # fmt: skip
    trial.expect(second and topics[0] not in heard(second), expected="the second topic starts afresh", seen="the writer was still shown the first topic and all that was said of it", look="`await team.reset()` before each run.", kind="no-reset")  # fmt: skip
    for text, topic in zip(texts, topics, strict=True):
        if DRAFTS[1] in text and topic in text:
            continue
        kind = "critics-text" if "APPROVED" in text else "first-draft" if DRAFTS[0] in text else "wrong-text"
        trial.expect(False, expected=f"the text that the critic approved of, for {topic!r}", seen=text, look="Of the messages with the source `writer`, the last.", kind=kind)  # fmt: skip
    trial.proven("Writer and critic took turns until the critic said APPROVED; the approved text came back.")
    trial.proven("The second topic began with nothing of the first.")


async def always_ends(attempt: Any, trial: Trial) -> None:
    """The two ends that are easily missed: a topic that holds the word, and a critic who never says it."""
    model = trial.model(bounded(editors))
    try:
        texts = await ended(trial, trial.call(attempt, model, ["Your leave is APPROVED within a day"]), model)
    except Exception:
        if model.calls:
            raise
        texts = []
    critics = [r for r in model.requests if last_speaker(r.messages) == "writer"]
    trial.expect(len(critics) > 1, expected="only the critic's APPROVED ends the team", seen=f"the topic held the word APPROVED, and the team stopped after {model.calls} calls of the model", look='`TextMentionTermination("APPROVED", sources=["critic"])`', kind="stopped-by-task")  # fmt: skip
    trial.expect(texts and DRAFTS[1] in texts[0], expected="the approved text", seen=texts, look="Of the messages with the source `writer`, the last.", kind="wrong-text")  # fmt: skip
    trial.proven("Only the critic's word counts, not one in the topic or the draft.")
    model = trial.model(bounded(never_content))
    texts = await ended(trial, trial.call(attempt, model, ["Tonight"]), model)
    trial.expect(model.calls <= 12, expected="an end after 8 messages or so", seen=f"{model.calls} calls of the model", look="`MaxMessageTermination(8)` counts the task too.", kind="too-long")  # fmt: skip
    drafts = sum(last_speaker(request.messages) != "writer" for request in model.requests)
    last = f"Draft number {drafts}."
    trial.expect(texts and last in str(texts[0]), expected=f"the writer's last text, also when the limit ended it: {last!r}", seen=texts, look="Who spoke last when the limit came? Take the messages with the source `writer`, and of them the last.", kind="limit-text")  # fmt: skip
    trial.proven(
        "A critic who is never content does not keep the team for ever, and the last draft is not lost."
    )


def judge_team(requests: Sequence[Any], trial: Trial) -> None:
    """Whether writer and critic took turns."""
    trial.expect(requests, expected="the team speaks", seen="the model was not asked", look="`await team.run(task=topic)`", kind="no-model")  # fmt: skip
    spoke = [last_speaker(request.messages) for request in requests]
    trial.expect(spoke[0] == "user" and spoke[1:2] == ["writer"], expected="the agent `writer` begins, and the agent `critic` answers it", seen=f"somebody was asked after: {', '.join(spoke[:4])}", look='`RoundRobinGroupChat([writer, critic], …)`, with the names "writer" and "critic".', kind="names")  # fmt: skip
