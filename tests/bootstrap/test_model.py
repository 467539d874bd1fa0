"""The embedding model goes into a packed folder and out of it, checked; without it everything else still works."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from macae.memory.semantic import model
from tests.bootstrap.room import Room
from tests.support.archive import archive, checksum, serving

DATA = archive("../evil", "onnx/more")


@pytest.fixture
def packing(workshop: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """workshop.py with a home of its own and a small model."""
    monkeypatch.setattr(workshop.Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(workshop, "MODEL_SHA256", checksum(DATA))
    (tmp_path / "packed").mkdir()
    return workshop


def test_both_know_the_same_model(workshop: ModuleType) -> None:
    assert (workshop.MODEL_URL, workshop.MODEL_SHA256) == (model.URL, model.SHA256)
    assert set(workshop.MODEL_FILES) == set(model.FILES)
    assert workshop.model_folder() == model.model_folder() / "onnx"


def test_packed_and_put_in_place(
    packing: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(DATA) as url:
        monkeypatch.setenv(model.MIRROR, url)
        packing.pack_model(tmp_path / "packed")
    packing.pack_model(tmp_path / "packed")  # it is there: nobody is asked
    assert [file.name for file in (tmp_path / "packed").iterdir()] == [packing.MODEL_ARCHIVE]
    assert not model.model_is_there()
    packing.place_model(tmp_path / "packed")
    assert model.model_is_there() and "The embedding model is in" in capsys.readouterr().out
    assert {file.name for file in (tmp_path / "home").rglob("*") if file.is_file()} == set(model.FILES)
    packing.place_model(tmp_path / "packed")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("fault", [{"data": b"another file"}, {"status": 404}, {"short": True}])
def test_what_cannot_be_fetched_is_said_and_the_packing_goes_on(
    packing: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    fault: dict[str, object],
) -> None:  # fmt: skip
    with serving(**({"data": DATA} | fault)) as url:  # type: ignore[arg-type]
        monkeypatch.setenv(model.MIRROR, url)
        packing.pack_model(tmp_path / "packed")
    assert "could not be fetched" in capsys.readouterr().out
    assert list((tmp_path / "packed").iterdir()) == []


def test_a_changed_archive_is_left_out(
    packing: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "packed" / packing.MODEL_ARCHIVE).write_bytes(DATA + b"more")
    packing.place_model(tmp_path / "packed")
    assert "damaged or changed" in capsys.readouterr().out and not model.model_is_there()


@pytest.mark.xdist_group("bootstrap")
@pytest.mark.timeout(180)
@pytest.mark.skipif(sys.platform == "win32", reason="another home folder is given by HOME")
def test_a_real_pack_takes_it_along_and_a_real_install_puts_it_in_place(room: Room, tmp_path: Path) -> None:
    room.bare()
    script = room.folder / "workshop.py"
    before = script.read_text(encoding="utf-8")
    script.write_text(before.replace(model.SHA256, checksum(DATA)), encoding="utf-8")
    try:
        with serving(DATA) as url:
            code, output = room.run("pack", str(tmp_path / "packed"), MACAE_MINILM_URL=url)
        assert code == 0 and "Fetching the embedding model" in output, output
        words = ("--from", str(tmp_path / "packed"), "--install-only")
        code, output = room.run(*words, HOME=str(tmp_path / "home"))
        assert code == 0 and "The embedding model is in" in output, output
        assert len(list((tmp_path / "home").rglob("onnx/*"))) == len(model.FILES)
    finally:
        script.write_text(before, encoding="utf-8")
