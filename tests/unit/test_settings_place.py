"""The command line at the top of the workshop and a notebook in its folder use the same settings and the same store."""

from __future__ import annotations

from pathlib import Path

import pytest

from macae.config import checkout, load_settings


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Something that looks like the workshop's folder."""
    for name in ("MACAE_HOME", "MACAE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "workshop.py").touch()
    (tmp_path / "macae").mkdir()
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    (tmp_path / ".env").write_text("MACAE_MODEL=from-the-top\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("folder", [".", "notebooks", "notebooks/deep"])
def test_every_folder_of_the_workshop_means_the_same(
    workshop: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(workshop / folder)
    settings = load_settings()
    assert settings.model == "from-the-top"
    assert settings.home.absolute() == workshop / ".macae"


def test_what_is_nearer_or_said_wins(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workshop / "notebooks")
    Path(".env").write_text("MACAE_MODEL=from-here\nMACAE_HOME=elsewhere\n", encoding="utf-8")
    assert load_settings().model == "from-here"
    assert load_settings().home == Path("elsewhere")
    monkeypatch.setenv("MACAE_MODEL", "from-the-environment")
    assert load_settings().model == "from-the-environment"
    assert load_settings(model="said", home="here").model == "said"
    assert load_settings(model="said", home="here").home == Path("here")


def test_elsewhere_the_current_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MACAE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert checkout() == tmp_path
    assert load_settings().home == Path(".macae")
