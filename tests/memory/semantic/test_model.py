"""Fetching the model: whole and checked, or not at all; and what the doctor says of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from macae.config import Settings
from macae.errors import ModelUnavailable
from macae.memory.semantic import model
from macae.memory.semantic.functions import MiniLMEmbedding
from macae.memory.semantic.lexical import lexical_vectors
from macae.workshop.embedding import check_embedding, fetch_embedding
from tests.support.archive import archive, checksum, serving


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(model, "SHA256", checksum(archive("../evil", "onnx/more")))
    return tmp_path


def left(home: Path) -> set[str]:
    """The names of all files below the home folder."""
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


def test_it_is_downloaded_checked_and_put_in_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[int, int]] = []
    data = archive("../evil", "onnx/more")
    with serving(data) as url:
        monkeypatch.setenv(model.MIRROR, url)
        folder = model.fetch_model(told=lambda size, total: heard.append((size, total)))
    assert folder == model.model_folder() / "onnx" and model.model_is_there()
    assert {Path(name).name for name in left(home)} == set(model.FILES)  # and no other name of the archive's
    assert (folder / "vocab.txt").read_bytes() == b"onnx/vocab.txt" * 100
    assert heard[-1] == (len(data), len(data))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"data": archive("other")}, "checksum"),
        ({"status": 404}, "404"),
        ({"short": True}, "could not be downloaded"),
        ({"hang": True}, "could not be downloaded"),
    ],
)
def test_what_fails_leaves_nothing_and_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object], said: str
) -> None:
    given = {"data": archive("../evil", "onnx/more")} | fault
    with serving(**given) as url:  # type: ignore[arg-type]
        monkeypatch.setenv(model.MIRROR, url)
        start = time.monotonic()
        with pytest.raises(ModelUnavailable, match=said) as caught:
            model.fetch_model(seconds=1.0)
        assert time.monotonic() - start < 10
    assert "--from FOLDER" in str(caught.value) and left(home) == set() and not model.model_is_there()


def test_an_archive_that_lacks_a_file_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive(without="model.onnx")
    monkeypatch.setattr(model, "SHA256", checksum(data))
    with serving(data) as url:
        monkeypatch.setenv(model.MIRROR, url)
        with pytest.raises(ModelUnavailable, match="cannot be unpacked"):
            model.fetch_model()
    assert left(home) == set()


def test_the_doctor_says_whether_it_is_there_and_fetches_it_when_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(**given: object) -> tuple[str, str]:
        (finding,) = check_embedding(Settings(_env_file=None, **given))  # type: ignore[arg-type]
        return finding.status, f"{finding.text} {finding.fix}"

    assert looked()[0] == "ok" and "doctor --fetch" in looked()[1]
    assert looked(embedding="minilm")[0] == "problem" and "79 MB" in looked(embedding="minilm")[1]
    assert looked(embedding="openai")[0] == "problem" and "MACAE_API_KEY" in looked(embedding="openai")[1]
    monkeypatch.setenv(model.MIRROR, "http://127.0.0.1:9/")
    assert fetch_embedding().status == "problem"
    with serving(archive("../evil", "onnx/more")) as url:
        monkeypatch.setenv(model.MIRROR, url)
        assert fetch_embedding().status == "ok"
    assert looked(embedding="minilm")[0] == "ok" and "by meaning" in looked()[1]
    assert fetch_embedding().status == "ok"  # nobody answers any more: nothing was asked for


def test_the_command_fetches(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from macae.cli.checkup import fetch_shown
    from macae.cli.output import Screen

    with serving(archive("../evil", "onnx/more")) as url:
        monkeypatch.setenv(model.MIRROR, url)
        assert fetch_shown(Screen(False)).status == "ok"
    assert "was downloaded, checked" in capsys.readouterr().out.replace("\n", " ")


def test_with_the_model_the_documents_are_embedded_beforehand(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from macae.cli.checkup import index_shown
    from macae.cli.output import Screen

    (home / "rules.md").write_text("# Rules\n\nLaptops are kept for four years.\n", encoding="utf-8")
    settings = Settings(_env_file=None, home=home / "macae", knowledge=home / "rules.md")
    assert index_shown(Screen(), settings) == []  # by letters there is nothing to wait for
    place = model.model_folder() / "onnx"
    place.mkdir(parents=True)
    for name in model.FILES:
        (place / name).touch()
    (finding,) = index_shown(Screen(), settings)
    assert finding.status == "problem"  # these are no files of a model
    monkeypatch.setattr(MiniLMEmbedding, "__call__", lambda self, input: list(lexical_vectors(input)))
    (finding,) = index_shown(Screen(), settings)
    assert (finding.status, "1 documents in 1 chunks, 1 of them embedded now" in finding.text) == ("ok", True)
    (finding,) = index_shown(Screen(), settings)
    assert "embedded already, for local" in finding.text
    assert "1 of 1 passages embedded" in capsys.readouterr().out
