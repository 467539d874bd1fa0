"""Presidio behind the same interface, where it is installed; what is said where it is not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from macae import Settings
from macae.errors import ConfigError
from macae.monitoring.compliance import Compliance, load_policy

INSTALLED = all(importlib.util.find_spec(name) for name in ("presidio_analyzer", "spacy"))


def policy(folder: Path, text: str) -> Compliance:
    file = folder / "p.yaml"
    file.write_text(text, encoding="utf-8")
    return Compliance(load_policy(Settings(home=folder, compliance=str(file))))


@pytest.mark.skipif(INSTALLED, reason="presidio is installed")
def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r"presidio, which is not installed\. Install it \(.* -m pip install presidio-analyzer\)",
    ):
        policy(tmp_path, "detectors: [patterns, presidio]\nrules: {US_ITIN: mask}\n")


@pytest.mark.skipif(not INSTALLED, reason="needs the extra pii")
def test_presidio_finds_without_any_download(tmp_path: Path) -> None:
    check = policy(
        tmp_path, "start: gdpr\ndetectors: [presidio]\nrules: {US_ITIN: mask, US_BANK_NUMBER: flag}\n"
    )
    text = "Write to anna@contoso.com, card 4111 1111 1111 1111, ITIN 911-70-1234."
    assert check.clean(text, "log") == (
        "Write to [REDACTED:EMAIL_ADDRESS], card [REDACTED:CREDIT_CARD], ITIN [REDACTED:US_ITIN]."
    )
    both = policy(tmp_path, "start: gdpr\ndetectors: [patterns, presidio]\n")
    assert (
        both.clean("Key sk-proj-4fGh7Kd92mXq0PzLw8Rt3Vb6, ann@x.org", "log")
        == "Key [REDACTED:API_KEY], [REDACTED:EMAIL_ADDRESS]"
    )
