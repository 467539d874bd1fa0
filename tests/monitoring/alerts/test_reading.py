"""A rules file says what is wrong in it: the rule, the field, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from macae.errors import ConfigError
from macae.monitoring.alerts import Rule, default_rules, load_rules, rules_table, words_of
from macae.monitoring.alerts.wording import notes_on
from tests.monitoring.alerts.conftest import rule

DOCUMENT = Path(__file__).parents[3] / "docs" / "alerts.md"
GOOD = "rules:\n- name: mine\n  events: [model_called]\n  above: 3\n"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [
        ("severity: bad", "severity", "info, warning or critical"),
        ("treshold: 3", "treshold", "there is no such field"),
        ("abvoe: 3", "abvoe", "write above"),
        ("above: much", "above", "a number, such as `above: 5`"),
        ("above: .nan", "above", "a number"),
        ("below: 3", "threshold", "above and below is given; write one of above"),
        ("events: [model_call]", "events", "'model_call' is no event type"),
        ("events: []", "events", "event types, such as"),
        ("events: [alert_raised]", "events", "cannot be watched"),
        ("measure: average", "measure", "one of count, rate, sum, mean"),
        ("measure: mean", "field", "not said of what the mean is taken"),
        ("field: seconds", "field", "count counts events"),
        ("measure: share", "share_of", "it goes with measure: share"),
        ("share_of: [{ok: false}]", "share_of", "here is count"),
        ("window: 5", "window", "`window: {last: 5}`"),
        ("window: {}", "window", "an empty window"),
        ("window: {last: 0}", "window.last", "from 1 to 1,000"),
        ("window: {lasts: 5}", "lasts", "write last"),
        ("window: {seconds: -1}", "window.seconds", "above 0"),
        ("needs: 0", "needs", "from 1 to 1,000"),
        ("quiet: soon", "quiet", "0 or more"),
        ("where: ok", "where", "fields with values"),
        ("where: {seconds: {over: 3}}", "where", "seconds compares with over"),
        ("where: {seconds: {above: x}}", "where", "which is no number"),
        ("message: 'it is {valu}'", "message", "no placeholder {valu}"),
        ("advice: '{text.__class__}'", "advice", "no placeholder"),
        ("message: '{'", "message", "text of at most"),
        ("active: perhaps", "active", "true or false"),
        ("by: {session: 1}", "by", "a list of session, plan, step"),
        ("absence: {seconds: 5}", "absence.until", "it is missing"),
        ("absence: {seconds: 5, until: step_completed}", "above", "an absence has its limit"),
        ("absence: {seconds: 5, until: [x]}", "absence.until", "'x' is no event type"),
    ],
)  # fmt: skip
def test_each_error_names_rule_field_and_mend(tmp_path: Path, line: str, field: str, says: str) -> None:
    name = line.partition(":")[0]
    kept = [row for row in GOOD.splitlines() if row.strip().partition(":")[0] != name]
    with pytest.raises(ConfigError) as caught:
        load_rules(written(tmp_path, "\n".join([*kept, f"  {line}"])))
    told = str(caught.value)
    assert "rules.yaml, rule 'mine': " in told and f" {field}: " in told and says in told
    assert "write " in told or "there are " in told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: [", "not YAML"),
        ("just words", "write `rules:`"),
        ("[1, 2]", "write `rules:`"),
        ("rule: []", "write `rules:`"),
        ("rules: 5", "is no list"),
        ("rules: [5]", "rule number 1: it is no set of fields"),
        ("rules: [{events: model_called, above: 1}]", "rule number 1: name: it is missing"),
        ("rules: [{name: A B, events: model_called, above: 1}]", "small letters"),
        ("include: all", "include can only be `default`"),
        (GOOD + GOOD.removeprefix("rules:\n"), "there are two rules 'mine'"),
        ("a: &a [*a]", "write `rules:`"),
        ("rules: " + "[" * 1_500, "not YAML"),
        ("rules: !!python/object/apply:os.system ['true']", "not YAML"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_rules_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match="alert rules") as caught:
        load_rules(written(tmp_path, text))
    assert says in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for file in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(ConfigError, match=r"cannot be read.*Name a file that is there"):
            load_rules(file)
    (tmp_path / "latin.yaml").write_bytes(b"rules: \xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_rules(tmp_path / "latin.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigError, match="larger than"):
        load_rules(tmp_path / "large.yaml")


def test_own_rules_alone_or_beside_the_ones_that_come_along(tmp_path: Path) -> None:
    assert load_rules() == list(default_rules()) and load_rules(Path("off")) == []
    (alone,) = load_rules(written(tmp_path, GOOD))
    assert (alone.name, alone.by, alone.quiet, alone.severity) == ("mine", ["session"], 60, "warning")
    both = load_rules(written(tmp_path, "include: default\n" + GOOD.replace("mine", "budget")))
    assert [r.name for r in both] == [*(r.name for r in default_rules() if r.name != "budget"), "budget"]
    assert both[-1].above == 3
    assert load_rules(written(tmp_path, "include: default")) == list(default_rules())


def test_a_rule_that_comes_along_is_changed_in_the_given_fields_only(tmp_path: Path) -> None:
    told = "include: default\nrules: [{name: slow-person, active: true}, {name: model-slow, at_least: 2}]"
    rules = {rule.name: rule for rule in load_rules(written(tmp_path, told))}
    known = {rule.name: rule for rule in default_rules()}
    assert len(rules) == len(known)
    assert rules["slow-person"] == known["slow-person"].model_copy(update={"active": True})
    assert rules["model-slow"] == known["model-slow"].model_copy(update={"above": None, "at_least": 2})
    with pytest.raises(ConfigError, match="events: it is missing"):
        load_rules(written(tmp_path, told.replace("include: default", "")))
    with pytest.raises(ConfigError, match="'slower-person': events: it is missing"):
        load_rules(written(tmp_path, told.replace("slow-person", "slower-person")))


def test_rules_in_plain_words() -> None:
    by_name = {r.name: words_of(r) for r in default_rules()}
    assert (
        "model-slow (warning), mean time of the last model calls: raised when the mean of seconds in the last 5 model calls (once there are 3 of them) is above 3 s"
        in by_name["model-slow"]
    )
    assert (
        "the share where a model call failed or a tool call failed or its end is unknown among the last 20 model calls or tool calls"
        in by_name["error-rate"]
    )
    assert "for 2 min after step_started there is no step_completed" in by_name["stuck-step"]
    assert "switched off" in by_name["slow-person"] and "switched off" not in by_name["budget"]

    def mine(events: object) -> float:
        return 0.0

    own = rule(measure=mine, above=1, by=[], where={"ok": False, "model": {"not": ["a", "b"]}})
    assert (
        "what the function mine gives for the model calls of the last 1 h where a model call failed and model is not a or b"
        in words_of(own)
    )
    assert "all together" in words_of(own)
    assert "not stored" in notes_on(rule(events="model_started", above=1))[0]


def test_the_document_shows_the_rules_that_come_along() -> None:
    told = DOCUMENT.read_text(encoding="utf-8")
    assert rules_table(default_rules()) in told, "python -m tests.monitoring.alerts.table writes it"
    for name in Rule.model_fields:
        assert f"`{name}`" in told, f"docs/alerts.md does not explain {name}"
