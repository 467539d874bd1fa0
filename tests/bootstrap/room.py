"""A small workshop with packages of its own, and a package index on this machine that can fail in every way."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

# Builds the small workshop's package without any build tool, so that nothing has to be downloaded.
BACKEND = """
import zipfile
from pathlib import Path


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "macae-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("macae.pth", str(Path(__file__).parent))
        wheel.writestr("macae-0.1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: macae\\nVersion: 0.1.0\\n")
        wheel.writestr("macae-0.1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nTag: py3-none-any\\n")
        wheel.writestr("macae-0.1.0.dist-info/RECORD", "")
    return name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "macae"
version = "0.1.0"
"""
CLI = """
import sys

import first
import second


def main():
    print("macae", *sys.argv[1:])
    return 7
"""


def wheel_of(name: str, tag: str = "py3-none-any", version: str = "1.0") -> tuple[str, bytes]:
    """A wheel with one empty module: its file name and its bytes."""
    made, folder = io.BytesIO(), f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{folder}/RECORD": "",
    }
    with zipfile.ZipFile(made, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(zipfile.ZipInfo(path), text)
    return f"{name}-{version}-{tag}.whl", made.getvalue()


def pin(name: str, *wheels: bytes, marker: str = "") -> str:
    """A line of a requirements file."""
    hashes = " ".join(f"--hash=sha256:{hashlib.sha256(wheel).hexdigest()}" for wheel in wheels)
    return f"{name}==1.0 {f'; {marker} ' if marker else ''}{hashes}\n"


class Index(ThreadingHTTPServer):
    """A package index that can be told to fail in the middle of a package: by its name, in `broken` (the connection is
    reset), `short` (it ends as if all were there) or `stalled` (nothing more comes). Of a package in `late`, already
    the page of its files is not sent before `go_on`: pip then waits with nothing left to print.
    """

    daemon_threads = True

    def __init__(self, wheels: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.wheels = wheels
        self.broken, self.short, self.stalled, self.late = set[str](), set[str](), set[str](), set[str]()
        self.asked: list[str] = []
        self.stalling, self.go_on = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        """What pip is given."""
        return f"http://127.0.0.1:{self.server_address[1]}/simple"

    def close(self) -> None:
        """Stop answering; connections are refused from now on."""
        self.go_on.set()
        self.shutdown()
        self.server_close()


class Answer(BaseHTTPRequestHandler):
    """One request to the index."""

    server: Index

    def do_GET(self) -> None:
        name = self.path.strip("/").split("/")[-1]
        self.server.asked.append(name)
        if name.endswith(".whl"):
            self.wheel(name, self.server.wheels[name])
            return
        if name in self.server.late:
            self.server.stalling.set()
            self.server.go_on.wait(60)
        links = [file for file in self.server.wheels if file.startswith(f"{name}-")]
        page = "".join(f'<a href="/files/{file}">{file}</a>' for file in links).encode()
        self.begin("text/html", len(page))
        self.wfile.write(page)

    def wheel(self, name: str, data: bytes) -> None:
        """Send a wheel, whole or not."""
        package = name.split("-")[0]
        self.begin("application/octet-stream", len(data))
        if package in self.server.broken | self.server.short | self.server.stalled:
            self.wfile.write(data[: len(data) // 2])
            self.wfile.flush()
            if package in self.server.stalled:
                self.server.stalling.set()
                self.server.go_on.wait(60)
            if package in self.server.broken:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                socket.close(self.connection.detach())
            self.close_connection = True
            return
        self.wfile.write(data)

    def begin(self, kind: str, length: int) -> None:
        """Send the headers."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


def python_of(home: Path) -> Path:
    """The Python of a virtual environment."""
    return home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def linked(source: Path, place: Path) -> None:
    """Copy an environment, its files as links: whoever installs into one writes files anew, and changes none."""
    shutil.copytree(source, place, symlinks=True, copy_function=os.link)


def gone(home: Path, *names: str) -> None:
    """Take installed packages out of an environment."""
    version = "python{}.{}".format(*sys.version_info)
    packages = home / ("Lib" if sys.platform == "win32" else f"lib/{version}") / "site-packages"
    for path in [path for name in names for path in packages.glob(f"{name}[-.]*")]:
        (shutil.rmtree if path.is_dir() else Path.unlink)(path)


STAND_IN = """
import os, shutil, sys

shutil.copytree({kept!r}, sys.argv[1], symlinks=True, copy_function=os.link, dirs_exist_ok=True)
"""
"""What `python -m venv FOLDER` runs where a test is not about making one: the real one takes 4 s of a processor."""
REAL_VENV = {"PYTHONPATH": ""}


class Room:
    """A folder with workshop.py, two packages to install, one that only tests need, and a command.

    The first run is a real one, with nothing there. What it leaves is kept, and the other tests begin with a copy of it: with
    all of it (`whole`), or with the empty environment in it (`bare`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept, self.stand_in = folder, folder.parent / "kept", folder.parent / "stand-in"
        (folder / "macae").mkdir(parents=True)
        for name in ("first", "second", "fortests"):
            setattr(self, name, wheel_of(name))
        windows, linux = (
            wheel_of("native", "cp312-cp312-win_amd64"),
            wheel_of("native", "cp312-cp312-manylinux_2_17_x86_64"),
        )
        self.wheels = dict([self.first, self.second, self.fortests, windows, linux])  # type: ignore[attr-defined]
        native = pin("native", windows[1], linux[1], marker="python_full_version < '3.11'")
        files = {
            "requirements.txt": pin("first", self.first[1]) + pin("second", self.second[1]) + native,  # type: ignore[attr-defined]
            "requirements-dev.txt": pin("fortests", self.fortests[1]),  # type: ignore[attr-defined]
            "pyproject.toml": PYPROJECT,
            "backend.py": BACKEND,
            "macae/__init__.py": "",
            "macae/cli.py": CLI,
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        self.pins = files["requirements.txt"]
        self.stand_in.mkdir()
        text = STAND_IN.format(kept=str(self.kept / "bare"))
        (self.stand_in / "venv.py").write_text(text, encoding="utf-8")
        shutil.copy(REPOSITORY / "workshop.py", folder)
        self.index = Index(self.wheels)

    @property
    def python(self) -> Path:
        """The Python of its .venv."""
        return python_of(self.folder / ".venv")

    def first_run(self) -> tuple[int, str]:
        """Install where nothing is, for real: exit code and everything it printed. What came of it is kept."""
        home = self.folder / ".venv"
        for old in (home, self.kept):
            shutil.rmtree(old, ignore_errors=True)
        code, output = self.run("--install-only", **REAL_VENV)
        assert code == 0, output
        for kept in ("whole", "bare"):
            linked(home, self.kept / kept)
        (self.kept / "bare" / ".workshop.json").unlink()
        gone(self.kept / "bare", "first", "second", "macae")
        return code, output

    def whole(self) -> None:
        """Have everything installed, as the first run leaves it."""
        self.begin("whole")

    def bare(self) -> None:
        """Have a .venv in which nothing is installed."""
        self.begin("bare")

    def begin(self, state: str) -> None:
        """Have the .venv that was kept as `state`, and the pins that it was made from."""
        shutil.rmtree(self.folder / ".venv", ignore_errors=True)
        (self.folder / "requirements.txt").write_text(self.pins, encoding="utf-8")
        self.environment_at(self.folder / ".venv", state)

    def environment_at(self, place: Path, state: str = "bare") -> None:
        """Put what was kept as `state` at a place."""
        if not self.kept.exists():
            self.first_run()
            shutil.rmtree(self.folder / ".venv")
        linked(self.kept / state, place)

    def environment(self, **more: str) -> dict[str, str]:
        """This process's environment, with the room's index and without anyone's pip settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "UV_", "VIRTUAL_ENV"))
        }
        settings = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": self.index.url,
            "PIP_NO_CACHE_DIR": "1",
            "MACAE_MINILM_URL": self.index.url,  # a page, and not the model: nobody downloads 79 MB here
            "PIP_RETRIES": "1",
            "NO_PROXY": "*",
            "PYTHONPATH": str(self.stand_in),
            "PYTHONUTF8": "1",
        }
        return {**kept, **settings, **more}

    def installed(self) -> bool:
        """Whether the environment can run what was installed."""
        look = [self.python, "-c", "import first, second, macae.cli"]
        return subprocess.run(look, env=self.environment(), check=False).returncode == 0

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start workshop.py."""
        return subprocess.Popen(
            [sys.executable, "workshop.py", *words],
            cwd=self.folder, env=self.environment(**more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip

    def run(self, *words: str, **more: str) -> tuple[int, str]:
        """Run workshop.py to its end: exit code and everything it printed."""
        with self.start(*words, **more) as process:
            output, _ = process.communicate(timeout=100)
        return process.returncode, output

    def close(self) -> None:
        """Stop the index."""
        self.index.close()
