"""Installing for real, in a small workshop: first, again, after every kind of accident, and without a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bootstrap.room import Room, gone, linked, python_of

pytestmark = [pytest.mark.xdist_group("bootstrap"), pytest.mark.timeout(180)]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="uses signals and links")


@pytest.fixture(scope="module")
def packed(room: Room, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was packed for real, with what tests need. It stays as it is."""
    room.whole()
    folder = tmp_path_factory.mktemp("packed") / "wheels"
    code, output = room.run("pack", str(folder), "--tests")
    assert code == 0, output
    return folder


def test_the_first_run_installs_and_the_second_asks_nobody(room: Room) -> None:
    code, output = room.first_run()
    assert code == 0, output
    assert "Making .venv" in output and "Installing 3 packages" in output
    assert room.installed()
    asked, start = len(room.index.asked), time.monotonic()
    code, output = room.run("--install-only")
    assert (code, output.strip()) == (0, "Everything is installed.")
    assert len(room.index.asked) == asked
    assert time.monotonic() - start < 3  # 0.1 s on an idle machine; an install takes longer than this


def test_another_word_goes_to_the_macae_command_with_its_exit_code(room: Room) -> None:
    room.whole()
    assert room.run("show", "--json", "-h") == (7, "macae show --json -h\n")
    assert room.run("demo") == (7, "macae demo\n")


def test_a_changed_pin_is_installed_without_starting_over(room: Room) -> None:
    room.whole()
    (room.folder / ".venv" / "mine.txt").touch()
    pins = room.folder / "requirements.txt"
    pins.write_text(pins.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    code, output = room.run("--install-only")
    assert code == 0 and "Installing 3 packages" in output
    assert (room.folder / ".venv" / "mine.txt").exists()


def test_what_only_tests_need_is_installed_by_test_alone(room: Room) -> None:
    room.whole()
    look = [str(room.python), "-c", "import fortests"]
    assert subprocess.run(look, stderr=subprocess.DEVNULL, check=False).returncode == 1
    code, output = room.run("test", "-x")
    assert "No module named pytest" in output and code == 1  # this room has no pytest: it was called
    assert subprocess.run(look, check=False).returncode == 0
    code, output = room.run("--install-only")
    assert output.strip() == "Everything is installed."


def test_a_package_that_has_gone_is_installed_again(room: Room) -> None:
    room.whole()
    gone(room.folder / ".venv", "first")
    assert not room.installed()
    code, output = room.run("--install-only")
    assert code == 0 and room.installed(), output


@POSIX
def test_a_broken_venv_is_made_anew(room: Room) -> None:
    room.whole()
    room.python.unlink()
    room.python.symlink_to(room.folder / "gone" / "python3")
    code, output = room.run("--install-only")
    assert code == 0 and "does not start" in output
    assert room.installed()


@pytest.mark.parametrize(
    ("accident", "sentence"),
    [
        ("broken", "The network did not answer. Run this again"),
        # What arrived too short: pip up to 25.0 tells it by the hash, and later ones know that it is not all.
        ("short", "A package arrived damaged or changed|The network did not answer. Run this again"),
    ],
)
def test_a_network_that_fails_half_way_is_one_sentence_and_a_second_run_goes_on(
    room: Room, accident: str, sentence: str
) -> None:
    room.bare()
    setattr(room.index, accident, {"second"})
    try:
        code, output = room.run("--install-only")
    finally:
        setattr(room.index, accident, set())
    assert code == 1
    assert re.search(sentence, output.splitlines()[-1])
    assert "Traceback" not in output
    code, output = room.run("--install-only")
    assert code == 0 and room.installed(), output
    assert "Making .venv" not in output  # nothing was unpacked, so it goes on where it was


def test_no_network_at_all_is_the_same_sentence(room: Room) -> None:
    room.bare()
    code, output = room.run("--install-only", PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert code == 1 and "The network did not answer" in output.splitlines()[-1]


@POSIX
def test_killed_half_way_it_waits_for_what_is_left_running_and_starts_over(room: Room) -> None:
    room.whole()
    room.index.late = {"second"}
    room.index.stalling.clear()
    room.index.go_on.clear()
    process = room.start("--fresh", "--install-only")
    assert room.index.stalling.wait(60)
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()
    room.index.late = set()
    with room.start("--install-only") as second:
        assert second.stdout
        assert "Another window is installing" in second.stdout.readline()  # pip outlived the first run
        room.index.go_on.set()
        rest = second.stdout.read()
    assert second.returncode == 0 and "The last install was cut off" in rest
    assert room.installed()


def test_a_folder_that_was_moved_is_noticed(room: Room, tmp_path: Path) -> None:
    room.whole()
    linked(room.folder, tmp_path / "moved")
    here, room.folder = room.folder, tmp_path / "moved"
    try:
        code, output = room.run("--install-only")
    finally:
        room.folder = here
    assert code == 0 and "This folder was moved" in output


def test_a_file_called_venv_is_named(room: Room) -> None:
    shutil.rmtree(room.folder / ".venv", ignore_errors=True)
    (room.folder / ".venv").touch()
    try:
        code, output = room.run("--install-only")
    finally:
        (room.folder / ".venv").unlink()
    assert code == 1 and "is in the way" in output and "Traceback" not in output


def test_an_active_environment_is_used_in_place_and_then_remembered(room: Room, tmp_path: Path) -> None:
    assert "needs an active environment" in run_with(Path(base_python()), room, "--here", "--install-only")[1]
    room.environment_at(tmp_path / "mine")
    mine = python_of(tmp_path / "mine")
    code, output = run_with(mine, room, "--here", "--install-only")
    assert code == 0, output
    look = [mine, "-c", "import first, second"]
    assert subprocess.run(look, env=room.environment(), check=False).returncode == 0
    code, output = run_with(mine, room, "--install-only")
    assert (code, output.strip()) == (0, "Everything is installed.")


def base_python() -> str:
    """The Python that this environment was made from."""
    return str(getattr(sys, "_base_executable", sys.executable))


def run_with(python: Path, room: Room, *words: str) -> tuple[int, str]:
    """Run the room's workshop.py with another Python."""
    done = subprocess.run(
        [python, "workshop.py", *words], cwd=room.folder, env=room.environment(), capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_packed_folder_installs_without_a_network(room: Room, packed: Path) -> None:
    assert {file.name for file in packed.iterdir()} == {
        f"{name}-1.0-py3-none-any.whl" for name in ("first", "second", "fortests")
    }
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    room.bare()
    code, output = room.run("--from", str(packed), "--install-only", **nowhere)
    assert code == 0 and room.installed(), output


def test_a_packed_folder_that_lacks_a_package_says_how_to_fill_it(
    room: Room, packed: Path, tmp_path: Path
) -> None:
    shutil.copytree(packed, tmp_path, dirs_exist_ok=True)
    (tmp_path / "second-1.0-py3-none-any.whl").unlink()
    room.bare()
    code, output = room.run("--from", str(tmp_path), "--install-only")
    assert code == 1 and "lacks a package" in output and "workshop.py pack FOLDER --platform" in output


def test_a_changed_wheel_is_refused(room: Room, packed: Path, tmp_path: Path) -> None:
    shutil.copytree(packed, tmp_path, dirs_exist_ok=True)
    (tmp_path / "second-1.0-py3-none-any.whl").write_bytes(room.wheels["first-1.0-py3-none-any.whl"])
    room.bare()
    code, output = room.run("--from", str(tmp_path), "--install-only")
    assert code == 1 and "not the one that is pinned" in output


@pytest.mark.parametrize(
    ("platform", "file"),
    [("windows", "win_amd64"), ("linux", "manylinux_2_17_x86_64")],
)
def test_packing_for_another_platform_takes_its_wheels(
    room: Room, tmp_path: Path, platform: str, file: str
) -> None:
    room.whole()
    pins = room.folder / "requirements.txt"
    before = pins.read_text(encoding="utf-8")
    system = "win32" if file.startswith("win") else "linux"
    marker = f"python_full_version < '3.12.4' and python_version >= '3.12' and sys_platform == '{system}'"
    pins.write_text(before.replace("python_full_version < '3.11'", marker), encoding="utf-8")
    try:
        code, output = room.run("pack", str(tmp_path), "--platform", platform, "--python", "3.12")
    finally:
        pins.write_text(before, encoding="utf-8")
    assert code == 0, output
    assert [found.name for found in tmp_path.glob("native*")] == [f"native-1.0-cp312-cp312-{file}.whl"]
