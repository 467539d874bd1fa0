"""Policies: the presets, files, and what is wrong with a file told by line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from macae import Settings
from macae.errors import ConfigError, InvalidInput, NotAllowed
from macae.monitoring.compliance import Compliance, load_policy, open_compliance
from macae.monitoring.compliance.detecting import PERSONAL, SECRETS
from macae.monitoring.compliance.policy import ROUTES
from macae.monitoring.compliance.policyfile import preset

KEY = "sk-proj-4fGh7Kd92mXq0PzLw8Rt3Vb6"


def test_the_default_keeps_secrets_back_and_lets_the_sample_company_alone(tmp_path: Path) -> None:
    policy = load_policy(Settings(home=tmp_path))
    assert policy == preset("workshop")
    assert all(policy.action(entity, "input") == "block" for entity in SECRETS)
    assert all(policy.action(entity, route) == "mask" for entity in SECRETS for route in ROUTES[1:])
    assert not any(policy.action(entity, route) != "allow" for entity in PERSONAL for route in ROUTES)
    check = Compliance(policy)
    text = f"marcus.bell@contoso.com, +1 206 555 0100, {KEY}"
    assert check.clean(text, "log") == "marcus.bell@contoso.com, +1 206 555 0100, [REDACTED:API_KEY]"
    assert check.clean(check.clean(text, "log"), "log") == check.clean(text, "log"), (
        "cleaning twice is cleaning once"
    )


def test_presets() -> None:
    off, gdpr, hipaa = (Compliance(preset(name)) for name in ("off", "gdpr", "hipaa"))
    assert not any(off.watches(route) for route in ROUTES)
    assert off.clean(KEY, "input") == KEY
    assert (
        gdpr.clean("lee@x.org", "log") == "[REDACTED:EMAIL_ADDRESS]"
        and gdpr.clean("lee@x.org", "input") == "lee@x.org"
    )
    assert (
        hipaa.clean("MRN 00123456, born on 1990-01-02", "store")
        == "MRN [REDACTED:MEDICAL_RECORD], born on [REDACTED:BIRTH_DATE]"
    )
    with pytest.raises(
        NotAllowed, match=r"a note holds what may not reach the model \(MEDICAL_RECORD\)"
    ) as caught:
        hipaa.clean("MRN 00123456", "model", "a note")
    assert "00123456" not in str(caught.value)
    with pytest.raises(InvalidInput, match=r"The goal holds .* \(API_KEY\)") as refused:
        gdpr.clean(f"Use {KEY}", "input", "goal")
    assert KEY not in str(refused.value)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(
        "start: gdpr\nroutes: [log, input, model, store, screen]\n"
        "rules:\n  personal: [mask, allow, allow, allow, allow]\n  EMAIL_ADDRESS: {log: block}\n  PHONE_NUMBER: flag\n"
        "words:\n  PROJECT: [Blue  Heron]\n",
        encoding="utf-8",
    )
    check = Compliance(load_policy(Settings(home=tmp_path, compliance=str(file))))
    told: list[tuple[object, ...]] = []
    assert check.clean("IBAN DE89370400440532013000", "log") == "IBAN [REDACTED:IBAN_CODE]"
    assert check.clean("IBAN DE89370400440532013000", "model") == "IBAN DE89370400440532013000"
    assert check.clean("x lee@x.org y", "log") == "[BLOCKED:EMAIL_ADDRESS]"
    assert check.clean("about blue heron", "screen") == "about [REDACTED:PROJECT]", (
        "words are masked unless a rule says otherwise"
    )
    assert (
        check.clean("call +1 206 555 0100", "log", "a reply", lambda *one: told.append(one))
        == "call +1 206 555 0100"
    )
    assert told == [("log", "PHONE_NUMBER", "flag", 1, "a reply")]
    with pytest.raises(InvalidInput):
        check.clean(KEY, "input")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rules:\n  secrets: [block, mask]\n", r"line 2: secrets has 2 actions for 5 routes"),
        (
            "rules:\n  secrets: mask\n  EMAIL: mask\n",
            r"line 3: rules: there is no entity 'EMAIL'; there are secrets, .*EMAIL_ADDRESS",
        ),
        (
            "rules:\n  secrets: hide\n",
            r"line 2: there is no action \(in secrets\) 'hide'; there are allow, flag, mask, block",
        ),
        ("rules:\n  secrets: {modl: mask}\n", r"line 2: there is no route \(in secrets\) 'modl'"),
        ("start: gdp\n", r"line 1: start: there is no preset 'gdp'"),
        (
            "rules: {}\nstart: [gdpr]\n",
            r"line 2: start must be one name, such as start: gdpr; there are workshop, gdpr",
        ),
        ("rule: {}\n", r"line 1: there is no field 'rule'"),
        (
            "rules:\n  secrets: mask\n  secrets: flag\n",
            r"line 3: rules: a name must be a word, and stand there once",
        ),
        ("routes: [input, input]\n", r"line 1: routes names one of them twice"),
        ("words:\n  PROJECT: Heron\n", r"line 2: words PROJECT must be a list"),
        ("words:\n  EMAIL_ADDRESS: [x]\n", r"line 2: words: 'EMAIL_ADDRESS' cannot be a name of one's own"),
        ("words:\n  P1: ['']\n", r"line 2: words P1 needs"),
        ("words:\n  P1: [Heron,\n   12]\n", r"line 3: words P1: '12' is no text in YAML; write it in quotes"),
        ("words:\n  P1: [Heron, No]\n", r"line 2: words P1: 'No' is no text in YAML"),
        ("rules: [\n", r"line 2: "),
        ("", r"the file must hold"),
        ("- a\n", r"line 1: the file must hold"),
        ("detectors: [spacy]\n", r"line 1: there is no detector 'spacy'"),
        ("start: gdpr\ndetectors: []\n", r"line 2: detectors is empty"),
        ("[" * 1200, r"it is nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"The policy file wrong\.yaml cannot be used: {why}"):
        load_policy(Settings(home=tmp_path, compliance=str(file)))


def test_a_name_that_is_neither_preset_nor_file(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r"MACAE_COMPLIANCE is 'strict', which is neither a preset \(workshop, gdpr, hipaa, off\)",
    ):
        load_policy(Settings(home=tmp_path, compliance="strict"))
    with pytest.raises(ConfigError, match="there is no such user"):
        load_policy(Settings(home=tmp_path, compliance="~nosuchuser9/p.yaml"))
    (tmp_path / "large.yaml").write_text("rules: {}\n#" + "x" * 1_000_000, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"larger than 1 MB"):
        load_policy(Settings(home=tmp_path, compliance=str(tmp_path / "large.yaml")))
    (tmp_path / "raw.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="no UTF-8"):
        load_policy(Settings(home=tmp_path, compliance=str(tmp_path / "raw.yaml")))


def test_off_in_yaml_is_a_word(tmp_path: Path) -> None:
    file = tmp_path / "o.yaml"
    file.write_text("start: off\nrules: {API_KEY: mask}\n", encoding="utf-8")
    assert load_policy(Settings(home=tmp_path, compliance=str(file))).wanted("log") == {"API_KEY"}


def test_the_keys_of_settings_and_environment_are_secret_whatever_they_look_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTOSO_DB_PASSWORD", "blue heron 7")
    monkeypatch.setenv("SORT_KEY", "created_at")
    monkeypatch.setenv("CLOUD_CREDENTIALS", "/etc/keys/cloud-1.json")
    settings = Settings(home=tmp_path, api_key="open sesame please", alert_webhook="https://hooks.example/T1")  # type: ignore[arg-type]
    check = open_compliance(settings)
    text = "blue heron 7, created_at, /etc/keys/cloud-1.json, open sesame please, https://hooks.example/T1"
    assert check.clean(text, "log") == (
        "[REDACTED:API_KEY], created_at, /etc/keys/cloud-1.json, [REDACTED:API_KEY], [REDACTED:API_KEY]"
    )
    assert not any(part in repr(vars(check)) for part in ("sesame", "heron", "hooks"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_SECRET_ACCESS_KEY", "/xUtnFEMIbPxRfiCYzzK7MDENGwJalr12345678"), ("DB_PASS", "hJk9lMn8oPq7rSt6"), ("GITHUB_PAT", "Zx9cVb8nMq7wEr6tYu5"),
        ("MY_API_KEY_2", "q1w2e3r4t5y6u7i8o9p0"), ("SENTRY_DSN", "at-the-desk-of-4711-ann"), ("TEAMS_WEBHOOK_URL", "not-an-address-but-4711"),
    ],
)  # fmt: skip
def test_variables_that_hold_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    check = open_compliance(Settings(home=tmp_path))
    assert value not in check.clean(f"it says {value} here", "log")


def test_the_parts_of_a_known_secret_and_other_ways_to_write_it(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, alert_webhook="https://x.example/hook/AbCdEf99TokenXyz", otlp_headers="authorization=Basic0 Zz9Yy8Xx7Ww6Vv5,team=blue",
        smtp_password='p"q 9w8e/7r6',
    )  # fmt: skip
    check = open_compliance(settings)
    for text in (
        "AbCdEf99TokenXyz",
        "Zz9Yy8Xx7Ww6Vv5",
        'p"q 9w8e/7r6',
        'p\\"q 9w8e/7r6',
        "p%22q%209w8e%2F7r6",
        "p%22q%209w8e/7r6",
    ):
        assert check.clean(f"it says {text} here", "log") == "it says [REDACTED:API_KEY] here", text
    assert (
        check.clean("x.example, hook, blue, authorization", "log") == "x.example, hook, blue, authorization"
    )
