"""The report: all of the session is in it, nothing in it runs, and nothing is loaded."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from macae.errors import InvalidInput
from macae.models import Event, EventType
from macae.monitoring import Recording
from macae.monitoring.report import report_html, save_report
from tests.support.recordings import HOSTILE, Script, onboarding


class Reader(HTMLParser):
    """What a browser would make of a page: its tags with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._within = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self._within == "style" else data


@pytest.fixture(scope="module")
def page() -> str:
    story = Recording(onboarding())
    return report_html(story, compare=story.until(20), budget_usd=0.25, made=1_790_000_100)


def test_all_of_the_session_is_in_it(page: str) -> None:
    text = " ".join(Reader(page).text.split())
    for words in (
        "onboard Jessica Smith", "finished", "38.2 s", "session S-7f3a", "13.0k / 2.4k", "of $0.25", "8.0 s",
        "Set up the mailbox and VPN access of Jessica Smith", "local", "+5.1 s", "50% grounded", "premium",
        "She must be registered first.", "register_employee(name='Jessica Smith', start='2026-12-01')",
        "Registered Jessica Smith, employee E-1042", "The stock system does not answer.", "▲ failed",
        "slow model call · ProcurementAgent: A model call takes longer than 5 s. (6.4, limit 5)", "email found 2 times", "gpt-4o",
        "Compared with another session", "✔ better", "macae show S-7f3a --trail",
        "macae report S-7f3a --compare S-7f3a", "2026-09-21 14:15:00 UTC", "No, that is all.",
    ):  # fmt: skip
        assert words in text, words


def test_nothing_runs_and_nothing_is_loaded(page: str) -> None:
    read = Reader(page)
    assert HOSTILE.split("\x1b")[0].strip() in read.text, "hostile text is shown as it was written"
    assert "\\x1b[31m" in read.text and "\x1b" not in page
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "iframe", "object", "embed", "form", "link", "svg", "base"})  # fmt: skip
    for tag, attributes in read.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        assert ("href" in attributes) is (tag == "a") and (attributes.get("href") or "#")[0] == "#"
        for name in ("src", "srcset"):
            assert (attributes.get(name) or "data:image/svg+xml;base64,").startswith(
                "data:image/svg+xml;base64,"
            )
    policy = (
        next(a["content"] for t, a in read.tags if a.get("http-equiv") == "Content-Security-Policy") or ""
    )
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src" not in policy
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None and "url(" not in style[1] and "@import" not in style[1]
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in policy
    sources = [a for t, a in read.tags if t == "source"]
    assert any("dark" in str(a["media"]) for a in sources) and any(
        "max-width" in str(a["media"]) for a in sources
    )
    assert all(a.get("alt") for t, a in read.tags if t == "img")


def test_what_is_not_to_be_seen_is_nowhere() -> None:
    def clean(text: str) -> str:
        return text.replace("Jessica Smith", "<PERSON>").replace("E-1042", "***")

    page = report_html(Recording(onboarding()), clean=clean)
    assert "Jessica" not in page and "E-1042" not in page and "&lt;PERSON&gt;" in page


def test_neither_a_secret_nor_an_unseen_character_is_in_what_is_read_aloud() -> None:
    script = Script()
    for n in range(3):
        script.add(float(n), EventType.message, "Jessica\u202e\x1bAgent", "hello", to="HrAgent")
    page = report_html(Recording(script.events), clean=lambda text: text.replace("Jessica", "<PERSON>"))
    said = next(str(a["alt"]) for t, a in Reader(page).tags if t == "img" and "talks" in str(a.get("alt")))
    assert said == "Who talks to whom: <PERSON>\\u202e\\x1bAgent to HrAgent 3 times"
    assert not {"Jessica", "\u202e", "\x1b"} & {
        word for word in ("Jessica", "\u202e", "\x1b") if word in page
    }


def several_plans() -> Recording:
    """Two plans: of the first three steps are asked for and approved together, the second is cancelled."""
    s = Script()
    for number, (goal, end) in enumerate((("Onboard Ann", "completed"), ("Order a desk", "cancelled"))):
        at, names = number * 60.0, ("a", "b", "c") if number == 0 else ("d",)
        s.trace, s.plan = str(number) * 32, ""
        s.add(at, EventType.goal_received, "local", goal)
        s.plan = f"p{number}"
        s.add(at + 1, EventType.plan_created, "PlannerAgent", "a plan", None, {s.plan: {"data_type": "plan", "version": 1, "id": s.plan, "session_id": s.session, "user_id": s.user, "initial_goal": goal, "overall_status": "in_progress"}})  # fmt: skip
        for index, step in enumerate(names, 1):
            s.offer(at + 1 + index / 100, step, index, "HrAgent", f"Do {step}")
        for index, step in enumerate(names if number == 0 else (), 1):
            s.approve(at + 5 + index / 100, step)
        for index, step in enumerate(names if number == 0 else (), 1):
            s.begin(at + 10 * index, step, f"Do {step}")
            s.tool_call(at + 10 * index + 1, at + 10 * index + 2, "HrAgent", step, f"do_{step}", {}, f"Done {step}.")  # fmt: skip
            s.add(
                at + 10 * index + 3,
                EventType.reply_checked,
                "HrAgent",
                "Nothing is made up.",
                step,
                score=1.0,
            )
            s.add(at + 10 * index + 3, EventType.step_completed, "HrAgent", f"Done {step}.", step)
        s.add(at + 50, EventType.alert_raised, "", "Slow.", None, rule="slow", key="", severity="warning")
        s.add(at + 51, EventType.plan_changed, "GroupChatManager", end, status=end)
    return Recording(s.in_order())


def test_several_plans_are_told_apart_and_nothing_is_told_twice() -> None:
    page = report_html(several_plans())
    read = Reader(page)
    text = " ".join(read.text.split())
    assert "2 plans: Onboard Ann (and 1 more)" in text and "1 finished, 1 cancelled" in text
    headings = [re.sub("<[^>]*>", "", found) for found in re.findall(r'<tr class="heading">(.*?)</tr>', page)]
    assert headings == ["Onboard Ann finished", "Order a desk cancelled"]
    links = [str(a["href"])[1:] for t, a in read.tags if t == "a"]
    parts = [a["id"] for t, a in read.tags if t == "section" and a["id"] != "monitor"]
    assert links == parts and {"trouble", "steps", "conversation", "calls"} <= set(parts)
    assert page.count('data-head="Waited">4.0 s<') == 1 and page.count(">with 1<") == 2, "they were one wait"
    assert page.count(">asks<") == 2 and "approved (steps 1, 2, 3)" in text
    assert (
        text.count("The result above, word for word.Nothing is made up.") == 3 and page.count(">calls<") == 3
    )
    assert (
        "HR" in text
        and "Hr " not in text
        and "(no name)" not in text
        and "the engine noteslow: Slow." in text
    )


def test_a_step_that_was_done_twice_has_both_replies() -> None:
    s = Script()
    s.plan = "p"
    for n in (1, 2, 3):
        s.add(
            n / 10,
            EventType.reply_checked,
            "HrAgent",
            f"check {n}",
            "s1",
            score=0.5,
            ungrounded=[{"text": "x"}],
        )
        s.add(n / 10, EventType.step_completed, "HrAgent", f"reply {n}", "s1")
    text = Reader(report_html(Recording(s.events))).text
    assert all(f"reply {n}check {n}" in text for n in (1, 2, 3))


def test_an_empty_and_a_huge_session() -> None:
    assert "Nothing" not in Reader(report_html(Recording([]))).text, "empty parts are left out"
    script = Script()
    script.add(0.0, EventType.goal_received, "local", "talk " * 5_000)
    for n in range(3_000):
        script.events.append(script.events[0].model_copy(update={"seq": n + 2, "time": script.start + n, "type": EventType.message, "agent": "HrAgent", "text": f"line {n} " + "x" * 9_000}))  # fmt: skip
    page = report_html(Recording(script.events))
    assert len(page) < 6_000_000
    assert "2,601 lines are left out" in page and "line 2999" in page and "more characters)" in page


def test_a_report_is_made_of_a_recording_only(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"not an int: Recording\(events\)"):
        save_report(5, tmp_path / "report.html")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="not a str"):
        report_html(Recording([]), compare="session1")  # type: ignore[arg-type]


def test_saving_is_whole_or_not_at_all(tmp_path: Path) -> None:
    story = Recording(
        [Event(type=EventType.goal_received, session_id="S", user_id="eve", seq=1, text="Order tea.")]
    )
    file = tmp_path / "report.html"
    file.write_text("old", encoding="utf-8")

    def broken(text: str) -> str:  # stands for whatever goes wrong while the page is made
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        save_report(story, file, clean=broken)
    assert file.read_text(encoding="utf-8") == "old"
    assert save_report(story, file) == file and file.read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(InvalidInput, match="cannot be written"):
        save_report(story, tmp_path / "nowhere" / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_drawing_that_would_be_huge_becomes_a_picture_of_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("macae.monitoring.report.pictures.LARGEST", 10_000)
    read = Reader(report_html(Recording([])))
    sources = [str(a.get("src") or a.get("srcset")) for t, a in read.tags if t in ("img", "source")]
    assert len(sources) == 4 and all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
