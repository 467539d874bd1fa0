"""What workshop.py says and decides, without installing anything."""

from __future__ import annotations

import ast
import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.bootstrap.room import REPOSITORY

SOURCE = (REPOSITORY / "workshop.py").read_text(encoding="utf-8")


def run(*words: str, python: str = sys.executable, **more: str) -> tuple[int, str]:
    """Run the repository's workshop.py."""
    done = subprocess.run(
        [python, REPOSITORY / "workshop.py", *words],
        env={**os.environ, **more},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def test_help_names_every_command_and_option() -> None:
    code, output = run("--help")
    assert code == 0
    for word in (
        "demo",
        "test",
        "pack FOLDER",
        "--from",
        "--here",
        "--port",
        "--no-browser",
        "--fresh",
        "py workshop.py",
    ):
        assert word in output
    assert run("-h") == (code, output)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--colour"], "unrecognized arguments: --colour"),
        (["--port", "many"], "a number from 1 to 65535"),
        (["--port"], "expected one argument"),
        (["--from", "no/such/folder"], "holds no packages"),
        (["pack"], "the following arguments are required: folder"),
    ],
)
def test_wrong_words_are_answered_with_what_would_be_right(words: list[str], said: str) -> None:
    code, output = run(*words)
    assert code == 2 and said in output and "Traceback" not in output


def test_it_uses_the_standard_library_alone() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= set(sys.stdlib_module_names)


def test_it_parses_on_old_pythons() -> None:
    ast.parse(SOURCE, feature_version=(3, 7))


def old_pythons() -> list[str]:
    """The Pythons on this machine that are too old."""
    names = [f"python3.{minor}" for minor in range(6, 11)]
    places = [shutil.which(name) for name in names]
    places += [str(path) for path in Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python")]
    places += [str(path) for path in Path.home().glob(".pyenv/versions/3.10.*/bin/python")]
    found = [place for place in places if place]
    return [
        place for place in found if subprocess.call([place, "-c", "pass"], stderr=subprocess.DEVNULL) == 0
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="uses links")
def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    for minor in range(11, 15):  # a version manager's own take their time to say whether they start
        (tmp_path / f"python3.{minor}").symlink_to(sys.executable)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    pythons = old_pythons()
    if not pythons:
        pytest.skip("no Python below 3.11 on this machine")
    for python in pythons:
        code, output = run(python=python, PATH=path)
        assert code == 1 and re.fullmatch(
            r"This is Python 3\.\d+; the workshop needs Python 3\.11 to 3\.14\. "
            r"You have another one: run `python3\.12 workshop\.py`\.\s*",
            output,
        )


@pytest.mark.parametrize(
    ("version", "implementation", "system", "machine", "said"),
    [
        (
            (3, 10, 4),
            "CPython",
            "linux",
            "x86_64",
            "This is Python 3.10; the workshop needs Python 3.11 to 3.14.",
        ),
        (
            (3, 15, 0),
            "CPython",
            "darwin",
            "arm64",
            "This is Python 3.15; the workshop needs Python 3.11 to 3.14.",
        ),
        ((3, 11, 0), "PyPy", "linux", "x86_64", "This is PyPy"),
        ((3, 12, 0), "CPython", "win32", "ARM64", "ChromaDB has no package for it"),
        (
            (3, 14, 0),
            "CPython",
            "darwin",
            "x86_64",
            "On an Intel Mac the workshop runs on Python 3.11 to 3.13.",
        ),
    ],
)
def test_a_python_that_cannot_run_it_is_told_why(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], implementation: str, system: str,
    machine: str, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(workshop.shutil, "which", lambda name: None)
    sentence = workshop.unsupported(version, implementation, system, machine)
    assert said in sentence and sentence.count("\n") == 0


def test_another_python_is_named_when_it_starts(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop.shutil, "which", lambda name: name)
    monkeypatch.setattr(workshop, "runs", lambda name: name == "python3.13")
    assert "run `python3.13 workshop.py`" in workshop.unsupported((3, 10, 4))


def test_windows_is_told_to_say_py(workshop: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop.shutil, "which", lambda name: None)
    assert "py -3.12 workshop.py" in workshop.unsupported((3, 9, 0), "CPython", "win32", "AMD64")


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
@pytest.mark.parametrize(
    ("system", "machine"), [("linux", "aarch64"), ("win32", "AMD64"), ("darwin", "arm64")]
)
def test_supported_pythons_pass(workshop: ModuleType, minor: int, system: str, machine: str) -> None:
    assert workshop.unsupported((3, minor, 0), "CPython", system, machine) is None


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (f"OSError: [Errno {errno.ENOSPC}] {os.strerror(errno.ENOSPC)}", "disk"),
        ("error: Failed to write: There is not enough space on the disk. (os error 112)", "disk"),
        (f"OSError: [Errno {errno.EROFS}] Read-only file system: '/mnt/x/.venv'", "write"),
        ("PermissionError: [WinError 5] Access is denied: 'python.exe'", "write"),
        (
            "error: Request failed after 3 retries\n  Caused by: dns error\n  Caused by: failed to lookup address",
            "network",
        ),
        (
            "NewConnectionError('Failed to establish a new connection')\nERROR: No matching distribution found for uv",
            "network",
        ),
        ("  Caused by: invalid peer certificate: UnknownIssuer", "certificate"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash"),
        ("ERROR: No matching distribution found for onnxruntime==1.31.1", "missing"),
        ("The virtual environment was not created successfully because ensurepip is not available.", "venv"),
        ("Segmentation fault", "other"),
    ],
)
def test_a_failed_install_is_explained(workshop: ModuleType, output: str, kind: str) -> None:
    problem = workshop.explain(output)
    assert problem.kind == kind
    last = str(problem).splitlines()[-1]
    assert last.endswith((".", "FOLDER", "-venv")) and not last.startswith(" ")


def test_passwords_in_index_urls_are_not_shown(workshop: ModuleType) -> None:
    problem = workshop.explain("Looking in https://me:secret@packages.example/simple\nSegmentation fault")
    assert "secret" not in str(problem) and "packages.example" in str(problem)


def test_a_full_disk_is_said_before_the_install_begins(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    monkeypatch.setattr(workshop, "ROOT", tmp_path)
    monkeypatch.setattr(workshop.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(workshop.Problem, match="The disk is full: 1200 MB must be free"):
        workshop.ensure(workshop.Environment(tmp_path / ".venv"), ["requirements.txt"])
    assert not (tmp_path / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_said(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(self: Path, *words: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    monkeypatch.setattr(workshop, "ROOT", tmp_path)
    monkeypatch.setattr(workshop.Path, "mkdir", refuse)
    with pytest.raises(workshop.Problem, match="copy the workshop to a folder of yours"):
        workshop.ensure(workshop.Environment(tmp_path / ".venv"), ["requirements.txt"])


def test_a_port_in_use_is_passed_over_and_said(
    workshop: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = workshop.free_port(port)
    assert found > port
    assert f"Port {port} is in use; JupyterLab takes {found}." in capsys.readouterr().out


def test_no_free_port_at_all_is_said(workshop: ModuleType) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(workshop.Problem, match="--port 9000"):
            workshop.free_port(taken.getsockname()[1], tries=1)


def test_pips_settings_reach_uv_and_uvs_own_win(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith(("UV_", "SSL_", "HTTP"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "99")
    pip = {
        "index-url": "https://packages.example/simple",
        "extra-index-url": "https://a.example/s file:///no/such/folder https://b.example/s",
        "find-links": f"{tmp_path} /no/such/folder",
        "trusted-host": "packages.example",
        "cert": "company.pem",
        "timeout": "5",
        "no-index": "true",
    }
    env, options = workshop.uv_settings(pip)
    assert env["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert env["UV_INDEX"] == "https://a.example/s https://b.example/s"
    assert env["UV_FIND_LINKS"] == str(tmp_path)
    assert (env["SSL_CERT_FILE"], env["UV_INSECURE_HOST"], env["UV_HTTP_TIMEOUT"]) == (
        "company.pem",
        "packages.example",
        "99",
    )
    assert options == ["--no-index"]
    env, options = workshop.uv_settings({})
    assert "UV_DEFAULT_INDEX" not in env and env["UV_SYSTEM_CERTS"] == "1" and options == []


def test_pips_variables_win_over_its_files(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://file.example/simple\ntimeout = 7\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example/simple")
    env = workshop.Environment(Path(sys.prefix), in_place=True)
    found = workshop.Installer(env, None).pip_settings()
    assert (found["index-url"], found["timeout"]) == ("https://variable.example/simple", "7")


@pytest.mark.parametrize(
    ("name", "system", "machine", "tag"),
    [
        ("windows", "win32", "AMD64", "win_amd64"),
        ("win_amd64", "win32", "AMD64", "win_amd64"),
        ("macos", "darwin", "arm64", "macosx_14_0_arm64"),
        ("macosx_13_0_arm64", "darwin", "arm64", "macosx_13_0_arm64"),
        ("macosx_13_0_x86_64", "darwin", "x86_64", "macosx_13_0_x86_64"),
        ("linux", "linux", "x86_64", "manylinux_2_28_x86_64"),
        ("linux_aarch64", "linux", "aarch64", "manylinux2014_aarch64"),
        ("manylinux_2_28_x86_64", "linux", "x86_64", "manylinux_2_17_x86_64"),
    ],
)
def test_platforms_are_known_by_name_and_by_tag(
    workshop: ModuleType, name: str, system: str, machine: str, tag: str
) -> None:
    found_system, found_machine, tags = workshop.target_of(name)
    assert (found_system, found_machine) == (system, machine)
    assert tag in tags


@pytest.mark.parametrize("name", ["amiga", "win_arm64", ""])
def test_an_unknown_platform_is_answered_with_the_known_ones(
    workshop: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(workshop, "own_platform", lambda: None)
    with pytest.raises(workshop.Problem, match="windows, macos, macos-intel, linux, linux-arm"):
        workshop.target_of(name)


def test_a_python_that_cannot_be_packed_for_is_refused(workshop: ModuleType, tmp_path: Path) -> None:
    env = workshop.Environment(tmp_path / ".venv")
    with pytest.raises(workshop.Problem, match=r"--python 3\.12"):
        workshop.pack(env, tmp_path, "linux", "3.9", False)
    with pytest.raises(workshop.Problem, match="Intel Mac"):
        workshop.pack(env, tmp_path, "macos-intel", "3.14", False)
