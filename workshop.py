"""Install the workshop and start it. Needs Python 3.11 to 3.14 and nothing else.

  python workshop.py                  install what is missing, then open JupyterLab at the first notebook
  python workshop.py demo             run the engine once in this terminal
  python workshop.py test [...]       run every test (extra words go to pytest)
  python workshop.py pack FOLDER      fill FOLDER with all packages, for a room with bad wifi
      --platform NAME                 for another computer: windows, macos, macos-intel, linux, linux-arm
      --python 3.12                   for another Python
      --tests                         with what the tests need too
      --no-model                      without the embedding model (79 MB)
  python workshop.py WORD [...]       any other word goes to the `macae` command, e.g. doctor

Options, before the command:
  --from FOLDER     install from a packed folder, without a network
  --here            use the active conda or virtual environment instead of .venv
  --install-only    install, start nothing
  --fresh           delete .venv first
  --port N          JupyterLab's port (default 8888, or the next free one)
  --no-browser      print JupyterLab's URL, open no browser
  -h, --help        show this

On Windows, say `py workshop.py`.
"""

# This file must parse on Python 3.6, to tell its owner which Python to install.
import argparse
import ast
import contextlib
import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OLDEST, NEWEST = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parent
FIRST_NOTEBOOK = "notebooks/00-start-here.ipynb"
PACKAGES, TEST_PACKAGES = "requirements.txt", "requirements-dev.txt"
NEEDED_DISK = 1200  # MB: what is installed (about 900), and room for the downloads
WINDOWS = sys.platform == "win32"
MODEL_URL = "https://chroma-onnx-models.s3.amazonaws.com/all-MiniLM-L6-v2/onnx.tar.gz"
MODEL_SHA256 = "913d7300ceae3b2dbc2c50d1de4baacab4be7b9380491c27fab7418616a16ec3"
MODEL_FILES = (
    "config.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
    "tokenizer.json",
    "vocab.txt",
    "model.onnx",
)
MODEL_ARCHIVE = "all-MiniLM-L6-v2.onnx.tar.gz"  # in a packed folder
PLATFORMS = {  # name: sys_platform, platform_machine, wheel tags (Linux has many: see target_of)
    "windows": ("win32", "AMD64", ["win_amd64"]),
    "macos": ("darwin", "arm64", ["macosx_14_0_arm64"]),
    "macos-intel": ("darwin", "x86_64", ["macosx_13_0_x86_64"]),
    "linux": ("linux", "x86_64", []),
    "linux-arm": ("linux", "aarch64", []),
}


def runs(name: str) -> bool:
    """Whether a Python of this name starts (a version manager's stand-in may not)."""
    return subprocess.call([name, "-c", "pass"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def unsupported(
    version: "tuple[int, ...]", implementation: str = "CPython", system: str = sys.platform, machine: str = ""
) -> "str | None":
    """Why this Python cannot run the workshop, in one sentence; None when it can."""
    have = "%d.%d" % tuple(version[:2])  # noqa: UP031  (old Pythons read this)
    wanted = "Install Python 3.12 from python.org"
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        names = ["python3.%d" % minor for minor in (12, 13, 11, 14)]  # noqa: UP031
        found = [name for name in names if shutil.which(name) and runs(name)]
        if found:
            wanted = "You have another one: run `" + found[0] + " workshop.py`"
        elif system == "win32":
            wanted += ", then run `py -3.12 workshop.py`"
        return "This is Python " + have + "; the workshop needs Python 3.11 to 3.14. " + wanted + "."
    if implementation != "CPython":
        return (
            "This is " + implementation + "; the workshop's packages need the usual Python. " + wanted + "."
        )
    if system == "win32" and machine.upper() not in ("", "AMD64"):
        return (
            "This is Python for " + machine + "; ChromaDB has no package for it. "
            "Install the 64-bit (x64) Python 3.12 from python.org; it runs on Windows on Arm too."
        )
    if system == "darwin" and machine == "x86_64" and tuple(version[:2]) == (3, 14):
        return "On an Intel Mac the workshop runs on Python 3.11 to 3.13. " + wanted + "."
    return None


HERE = (sys.platform, platform.machine())
WRONG_PYTHON = unsupported(tuple(sys.version_info[:3]), platform.python_implementation(), *HERE)
if WRONG_PYTHON and __name__ == "__main__":
    sys.exit(WRONG_PYTHON)


class Problem(Exception):
    """What went wrong and what to do, in a sentence for the person at the keyboard."""

    def __init__(self, sentence: str, kind: str = "other") -> None:
        super().__init__(sentence)
        self.kind = kind


# --- what a failed install means -----------------------------------------------------------------

SIGNS = [  # the first that is found names the failure
    ("certificate", r"certificate|CERTIFICATE_VERIFY|UnknownIssuer"),
    ("disk", r"No space left|Errno 28\b|os error 28\b|not enough space|os error 112\b|Disk quota"),
    ("hash", r"DO NOT MATCH THE HASHES|[Hh]ash mismatch"),
    (
        "network",
        r"NewConnectionError|Connection (refused|reset|aborted|broken)|ConnectionError|[Ff]ailed to (fetch|download)"
        r"|error sending request|dns error|name resolution|getaddrinfo|[Tt]imed? ?out|Network is unreachable"
        r"|Max retries|IncompleteRead|ProtocolError|ProxyError|connectivity is disabled|end of file before"
        r"|incomplete-download|Connection interrupted",
    ),
    (
        "missing",
        r"No matching distribution|no usable wheels|not find a version|No solution found|not a supported wheel",
    ),
    (
        "write",
        r"Permission denied|Access is denied|Read-only file system|os error (5|13|30)\b|Errno (13|30)\b",
    ),
    ("venv", r"ensurepip|No module named venv"),
]


def explain(output: str, source: Path | None = None) -> Problem:
    """The one clear sentence for a failed install, from what the tools printed."""
    kind = next((name for name, sign in SIGNS if re.search(sign, output)), "other")
    python = "{}.{}".format(*sys.version_info)
    here = own_platform() or platform.platform()
    sentences = {
        "certificate": "The network's certificate is not trusted here. Set PIP_CERT to the file with your company's "
        "certificates, and run this again.",
        "disk": f"The disk is full: {NEEDED_DISK} MB must be free in {ROOT}. Make room, and run this again.",
        "hash": "A package arrived damaged or changed: it is not the one that is pinned. Run this again.",
        "network": "The network did not answer. Run this again when it does: what is downloaded is kept. "
        "Without a network, install from a packed folder: python workshop.py --from FOLDER",
        "missing": f"Your package index lacks a package for Python {python} on {here}. Try Python 3.12.",
        "write": f"A file in {ROOT} cannot be written. Close what uses .venv, or copy the workshop to a folder of yours.",
        "venv": "This Python has no venv module. On Debian and Ubuntu: "
        + f"sudo apt install python{python}-venv",
        "other": "The install failed. Run this again; if it fails again, the lines above say why.",
    }
    if source and kind == "missing":
        sentences[kind] = (
            f"{source} lacks a package for Python {python} on {here}. Where there is a network: "
            f"python workshop.py pack FOLDER --platform {here} --python {python}"
        )
    lines = redact(output).strip().splitlines()[-8:] if kind in ("other", "missing", "hash", "write") else []
    return Problem("\n".join([*(f"    {line}" for line in lines), sentences[kind]]), kind)


def redact(text: str) -> str:
    """The text without passwords in URLs."""
    return re.sub(r"(https?://)[^/\s@]+@", r"\1****@", text)


def own_platform() -> str | None:
    """This computer's name in PLATFORMS."""
    return next((name for name, parts in PLATFORMS.items() if parts[:2] == HERE), None)


# --- running tools, with one live line -----------------------------------------------------------


def say(text: str) -> None:
    """Print at once, whatever the terminal can show."""
    print(text, flush=True)


def run_shown(title: str, command: list[str], env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a tool, showing one live line (in a log: a line now and then). Gives its exit code and output."""
    live, start, told = sys.stdout.isatty(), time.monotonic(), 0.0
    width = shutil.get_terminal_size().columns - 1
    lines: list[str] = []
    process = subprocess.Popen(
        command, env=env, cwd=str(ROOT), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace", pass_fds=LOCKS,
    )  # fmt: skip
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or []), daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            reader.join(0.2 if live else 1.0)
            seconds = time.monotonic() - start
            if live:
                line = f"{title} … {seconds:.0f} s  {redact(lines[-1].strip()) if lines else ''}"
                print("\r" + line[:width].ljust(width), end="", flush=True)
            elif seconds - told >= 15:
                told = seconds
                say(f"{title} … {seconds:.0f} s")
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        if live:
            print("\r" + " " * width + "\r", end="", flush=True)
    if code == 0:
        say(f"{title}: {time.monotonic() - start:.0f} s")
    return code, "".join(lines)


LOCKS: list[int] = []  # passed to the tools that are run: one that outlives us goes on holding the lock


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One install at a time in this folder. The lock dies with its processes."""
    name = hashlib.sha256(f"{ROOT}{os.environ.get('USER', '')}".encode()).hexdigest()[:16]
    with open(Path(tempfile.gettempdir()) / f"macae-workshop-{name}.lock", "a+b") as file:  # noqa: PTH123
        waited = False
        while True:
            try:
                if WINDOWS:
                    import msvcrt

                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
                else:
                    import fcntl

                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if not waited:
                    say("Another window is installing in this folder. Waiting for it …")
                waited = True
                time.sleep(0.3)
        LOCKS[:] = [] if WINDOWS else [file.fileno()]
        try:
            yield
        finally:
            LOCKS.clear()


# --- the environment -----------------------------------------------------------------------------


class Environment:
    """Where packages are installed: `.venv`, or the active environment (`in_place`)."""

    def __init__(self, home: Path, in_place: bool = False) -> None:
        self.home, self.in_place = home, in_place
        self.python = (
            Path(sys.executable) if in_place else home / ("Scripts/python.exe" if WINDOWS else "bin/python")
        )
        self.stamp = home / ".workshop.json"
        self.begun = home / ".workshop-begun"  # there while an install runs: found later, it was cut off

    def version(self) -> str | None:
        """Its Python, like "3.12"; None when it does not start."""
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            done = subprocess.run(
                [str(self.python), "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    def site(self, version: str) -> Path:
        """The folder of its packages."""
        if self.in_place:
            return Path(sysconfig.get_path("purelib"))
        return self.home / ("Lib/site-packages" if WINDOWS else f"lib/python{version}/site-packages")

    def packages(self, version: str) -> set[str]:
        """The installed packages, by the names of their metadata folders."""
        try:
            return {name for name in os.listdir(self.site(version)) if name.endswith(".dist-info")}  # noqa: PTH208
        except OSError:
            return set()

    def recorded(self) -> dict[str, Any]:
        """What the last finished install wrote down; {} when there is none."""
        try:
            found = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def trouble(self) -> str | None:
        """Why it must be made anew; None when it can be used or updated."""
        if not self.home.exists():
            return ""
        if self.in_place:
            return None
        if self.begun.exists():
            return "The last install was cut off"
        version = self.version()
        if version is None:
            return "The Python in .venv does not start (broken, or moved)"
        recorded = self.recorded()
        if recorded and recorded.get("python") != version:
            return f"The Python in .venv has changed from {recorded.get('python')} to {version}"
        if recorded and recorded.get("root") != str(ROOT):
            return "This folder was moved"
        if not OLDEST <= tuple(int(part) for part in version.split(".")) <= NEWEST:
            return f"The Python in .venv is {version}; the workshop needs 3.11 to 3.14"
        if not (self.site(version) / "pip").is_dir():
            return "The pip in .venv is missing"
        return None

    def current(self, wanted: dict[str, str]) -> bool:
        """Whether everything wanted is installed and nothing of it has gone since. Quick."""
        recorded = self.recorded()
        if not recorded or self.begun.exists() or recorded.get("root") != str(ROOT):
            return False
        if any(recorded.get("files", {}).get(name) != mark for name, mark in wanted.items()):
            return False
        version = self.version()
        return (
            version is not None
            and version == recorded.get("python")
            and self.packages(version) >= set(recorded.get("packages", ["-"]))
        )

    def make(self) -> None:
        """Make the virtual environment, or clear what a cut-off install left and make it again."""
        if self.home.exists() and Path(sys.prefix).resolve() == self.home.resolve() and WINDOWS:
            raise Problem(
                "This window uses the .venv that must be made anew. Say `deactivate`, then run this again."
            )
        if self.home.is_dir() and not self.home.is_symlink():
            shutil.rmtree(str(self.home))
        elif self.home.exists():
            raise Problem(f"{self.home} is in the way: it is not a folder. Remove it, and run this again.")
        self.home.mkdir()
        self.begun.touch()
        base = getattr(sys, "_base_executable", None) or sys.executable
        code, output = run_shown("Making .venv", [base, "-m", "venv", str(self.home)])
        if code:
            raise explain(output)


def marks(files: list[str]) -> dict[str, str]:
    """A fingerprint of each file that says what to install."""
    return {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}


def ensure(env: Environment, files: list[str], source: Path | None = None, tools_only: bool = False) -> None:
    """Install what `files` pin, and the package itself; do nothing when that is done. Raises Problem."""
    wanted = marks([*files, "pyproject.toml"])
    if env.current(wanted):
        return
    with alone():
        if env.current(wanted):
            return
        try:
            install(env, files, source, wanted, tools_only)
        except OSError as error:
            raise explain(str(error), source) from None


def install(
    env: Environment, files: list[str], source: Path | None, wanted: dict[str, str], tools_only: bool
) -> None:
    """Make the environment when it is missing or broken, then install into it."""
    cut_off = env.begun.exists()
    trouble = env.trouble()
    if trouble is not None:
        if trouble:
            say(f"{trouble}: making .venv anew. What was downloaded is kept.")
        if shutil.disk_usage(str(ROOT)).free < NEEDED_DISK * 1_000_000:
            raise explain("No space left")
        env.make()
    env.begun.touch()
    try:
        pins = [line for name in files for line in pinned(name)]
        tools = [pin for pin in pins if re.match(r"(uv|setuptools)==", pin)]
        installer = Installer(env, source, again=cut_off and env.in_place)
        if tools:
            installer.pip("Preparing", tools)
        if tools_only:
            env.begun.unlink()
            return
        installer.install(f"Installing {len(set(pins))} packages", files)
        installer.package()
    except Problem as problem:
        if problem.kind in ("network", "missing", "certificate", "hash"):
            env.begun.unlink()  # these fail while fetching, before anything is unpacked
        raise
    version = env.version() or ""
    record = {
        "files": wanted,
        "python": version,
        "root": str(ROOT),
        "packages": sorted(env.packages(version)),
    }
    fresh = env.stamp.with_suffix(".new")
    fresh.write_text(json.dumps(record), encoding="utf-8")
    fresh.replace(env.stamp)
    env.begun.unlink()


def pinned(name: str) -> list[str]:
    """The pins of a requirements file, one string each with its marker and hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("#", " "))]


class Installer:
    """Installs pinned wheels: with uv, which is several times quicker, else with pip."""

    def __init__(self, env: Environment, source: Path | None, again: bool = False) -> None:
        self.env, self.source, self.again = env, source, again

    def offline(self) -> list[str]:
        """The options for installing from a packed folder alone."""
        return ["--no-index", "--find-links", str(self.source)] if self.source else []

    def uv(self) -> Path | None:
        """The uv in the environment."""
        found = self.env.python.parent / ("uv.exe" if WINDOWS else "uv")
        if self.env.in_place:
            found = Path(sysconfig.get_path("scripts")) / found.name
        return found if found.exists() else None

    def pip(self, title: str, pins: list[str]) -> None:
        """Install pins (name, marker and hashes) with pip."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "pins.txt"
            file.write_text("\n".join(pins) + "\n", encoding="utf-8")
            command = [str(self.env.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
                       "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(file)]  # fmt: skip
            again = ["--force-reinstall"] if self.again else []
            code, output = run_shown(title, command + again + self.offline())
        if code:
            raise explain(output, self.source)

    def install(self, title: str, files: list[str]) -> None:
        """Install everything that the files pin."""
        uv = self.uv()
        if uv:
            env, options = uv_settings(self.pip_settings())
            command = [str(uv), "pip", "install", "--no-config", "--python", str(self.env.python), "--no-deps",
                       "--require-hashes", "--no-build", "--compile-bytecode"]  # fmt: skip
            command += [word for name in files for word in ("-r", str(ROOT / name))]
            command += ["--reinstall"] if self.again else []
            code, output = run_shown(title, command + (self.offline() or options), env)
            if code == 0:
                return
            problem = explain(output, self.source)
            if self.source or problem.kind in ("disk", "write", "hash"):
                raise problem
            say("uv could not fetch them; trying pip, which is slower.")
        self.pip(title, sorted({pin for name in files for pin in pinned(name)}))

    def package(self) -> None:
        """Install the package of this folder, editable, from what is here (no network)."""
        command = [str(self.env.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
                   "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-e", str(ROOT)]  # fmt: skip
        code, output = run_shown("Installing the workshop itself", command)
        if code:
            raise explain(output)

    def pip_settings(self) -> dict[str, str]:
        """What pip was told here: its files and PIP_* variables; the latter win."""
        command = [str(self.env.python), "-m", "pip", "config", "list"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
        found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
        for line in done.stdout.splitlines():
            name, _, value = line.partition("=")
            section, _, key = name.rpartition(".")
            with contextlib.suppress(ValueError, SyntaxError):
                found.get(section, {})[key] = str(ast.literal_eval(value))
        return {**found["global"], **found["install"], **found[":env:"]}


def uv_settings(pip: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """uv's environment and options that say the same as pip's settings. A UV_* variable that is set stays."""
    env, options = dict(os.environ), []
    folders = [word for word in pip.get("find-links", "").split() if "://" in word or Path(word).exists()]
    indexes = [
        word
        for word in pip.get("extra-index-url", "").split()
        if not word.startswith("file://") or Path(urllib.request.url2pathname(word[7:])).exists()
    ]
    same = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(indexes),
        "UV_INDEX_STRATEGY": "unsafe-best-match" if indexes else "",  # as pip does; the hashes are pinned
        "UV_FIND_LINKS": ",".join(folders),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": pip.get("timeout", pip.get("default-timeout", "")),
        "UV_KEYRING_PROVIDER": "subprocess" if pip.get("keyring-provider") == "subprocess" else "",
        "SSL_CERT_FILE": pip.get("cert", ""),
        "SSL_CLIENT_CERT": pip.get("client-cert", ""),
        "HTTPS_PROXY": pip.get("proxy", ""),
        "HTTP_PROXY": pip.get("proxy", ""),
        "UV_SYSTEM_CERTS": "" if pip.get("cert") else "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    for name, value in same.items():
        if value:
            env.setdefault(name, value)
    if pip.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    return env, options


# --- pack: all wheels in a folder ----------------------------------------------------------------

# Runs on the environment's Python, whose pip brings the parser of markers. Prints the pins for the target.
CHOOSE = """
import json, sys
from pip._vendor.packaging.markers import Marker, default_environment
target, pins = json.load(sys.stdin)
chosen = []
for pin in pins:
    head = pin.split(" --hash")[0]
    marker = head.partition(";")[2].strip()
    if not marker or Marker(marker).evaluate({**default_environment(), **target}):
        chosen.append(pin.replace(";" + head.partition(";")[2], " ") if marker else pin)
print(json.dumps(chosen))
"""


def target_of(name: str | None) -> tuple[str, str, list[str]]:
    """What a platform's name, or a wheel's platform tag, stands for: sys_platform, machine, wheel tags."""
    asked = (name or own_platform() or "this computer").lower()
    arm = asked.endswith(("arm64", "aarch64"))
    system = {"win": "windows", "mac": "macos", "lin": "linux", "man": "linux"}.get(asked[:3], "")
    known = asked if asked in PLATFORMS else system
    if asked not in PLATFORMS and system == "macos" and not arm:
        known = "macos-intel"
    if asked not in PLATFORMS and system == "linux" and arm:
        known = "linux-arm"
    if not known or (system == "windows" and arm):
        raise Problem(f"There are no packages for {asked}. Choose one of: {', '.join(PLATFORMS)}.")
    sys_platform, machine, tags = PLATFORMS[known]
    if asked.startswith("macosx_"):
        tags = [asked]
    if known.startswith("linux"):  # a glibc of 2.28 or later: Debian 10, Ubuntu 20.04
        tags = [f"manylinux_2_{minor}_{machine}" for minor in range(28, 4, -1)]
        tags += [f"{old}_{machine}" for old in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
    return sys_platform, machine, tags


def pack(
    env: Environment, folder: Path, name: str | None, python: str, tests: bool, model: bool = True
) -> None:
    """Fill a folder with every wheel that an install on that platform and Python needs, and the embedding model."""
    if not re.fullmatch(r"3\.1[1-4]", python):
        raise Problem(
            f"The workshop runs on Python 3.11 to 3.14, not {python}. Say it like this: --python 3.12"
        )
    system, machine, tags = target_of(name)
    reason = unsupported(tuple(map(int, python.split("."))), "CPython", system, machine)
    if reason:
        raise Problem(reason)
    ensure(env, [PACKAGES], tools_only=not env.current(marks([PACKAGES])))
    folder.mkdir(parents=True, exist_ok=True)
    pins = [pin for file in [PACKAGES, *([TEST_PACKAGES] if tests else [])] for pin in pinned(file)]
    done: set[str] = set()
    for micro in ("0", "99"):  # markers may ask for the third number: take the pins of the first and the last
        target = {"sys_platform": system, "platform_machine": machine, "os_name": "nt" if system == "win32" else "posix",
                  "platform_system": {"win32": "Windows", "darwin": "Darwin"}.get(system, "Linux"),
                  "python_version": python, "python_full_version": f"{python}.{micro}"}  # fmt: skip
        chosen = subprocess.run(
            [str(env.python), "-c", CHOOSE],
            input=json.dumps([target, pins]),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        wanted = sorted(set(json.loads(chosen.stdout)) - done)
        done |= set(wanted)
        if wanted:
            download(env, folder, wanted, tags, f"{python}.{micro}")
    if model:
        pack_model(folder)
    size = sum(file.stat().st_size for file in folder.iterdir()) // 1_000_000
    say(f"{len(done)} packages are in {folder} ({size} MB). There: python workshop.py --from FOLDER")


def download(env: Environment, folder: Path, pins: list[str], tags: list[str], python: str) -> None:
    """Fetch the wheels of these pins for a platform and a Python."""
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "pins.txt"
        file.write_text("\n".join(pins) + "\n", encoding="utf-8")
        command = [str(env.python), "-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--no-deps",
                   "--require-hashes", "--only-binary", ":all:", "--implementation", "cp", "--python-version", python,
                   "-d", str(folder), "-r", str(file)]  # fmt: skip
        command += [word for tag in tags for word in ("--platform", tag)]
        code, output = run_shown(f"Fetching {len(pins)} packages", command)
    if code:
        raise explain(output)


# --- the embedding model ---------------------------------------------------------------------------


def model_folder() -> Path:
    """Where ChromaDB looks for it."""
    return Path.home() / ".cache" / "chroma" / "onnx_models" / "all-MiniLM-L6-v2" / "onnx"


def is_model(file: Path) -> bool:
    """Whether the file is the model's archive, whole."""
    found = hashlib.sha256()
    try:
        with file.open("rb") as data:
            for piece in iter(lambda: data.read(1 << 20), b""):
                found.update(piece)
    except OSError:
        return False
    return found.hexdigest() == MODEL_SHA256


def pack_model(folder: Path) -> None:
    """Fetch the model's archive into the folder. Without it the workshop works too: then the failure is said, no more."""
    target, part = folder / MODEL_ARCHIVE, folder / (MODEL_ARCHIVE + ".part")
    if is_model(target):
        return
    url, start, why = (
        os.environ.get("MACAE_MINILM_URL") or MODEL_URL,
        time.monotonic(),
        "its checksum is wrong",
    )
    try:
        with urllib.request.urlopen(url, timeout=20) as reply, part.open("wb") as out:
            for piece in iter(lambda: reply.read(1 << 18), b""):
                out.write(piece)
                if time.monotonic() - start > 900:
                    raise OSError("it took more than 15 minutes")
        if is_model(part):
            part.replace(target)
            say(f"Fetching the embedding model: {time.monotonic() - start:.0f} s")
            return
    except (OSError, ValueError) as error:
        why = str(error)
        if isinstance(error, urllib.error.HTTPError):
            error.close()
    with contextlib.suppress(OSError):
        part.unlink()
    say(
        f"The embedding model could not be fetched ({redact(why)}). Packed without it: texts are compared by letters there. "
        "Run this again to try again."
    )


def place_model(source: Path) -> None:
    """Put a packed model in its place, unless it is there. What cannot be placed is said: the workshop works without."""
    archive, folder = source / MODEL_ARCHIVE, model_folder()
    if not archive.is_file() or all((folder / name).is_file() for name in MODEL_FILES):
        return
    if not is_model(archive):
        say(
            f"{archive} is damaged or changed: it is left out. `python workshop.py doctor --fetch` downloads it."
        )
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=str(folder)) as room, tarfile.open(str(archive)) as packed:
            for name in (
                MODEL_FILES
            ):  # no other name counts; the large one is last, so that half is never taken for whole
                data = packed.extractfile(f"onnx/{name}")
                if data is None:
                    raise KeyError(name)
                with data, (Path(room) / name).open("wb") as out:
                    shutil.copyfileobj(data, out)
                (Path(room) / name).replace(folder / name)
    except (OSError, tarfile.TarError, KeyError) as error:
        say(f"The embedding model could not be put into {folder} ({error}). The workshop works without it.")
        return
    say(f"The embedding model is in {folder}.")


# --- starting things -----------------------------------------------------------------------------


def free_port(wanted: int, tries: int = 50) -> int:
    """The wanted port, or the next one that nothing listens on. Raises Problem when there is none."""
    for port in range(wanted, min(wanted + tries, 65536)):
        with socket.socket() as probe:
            if not WINDOWS:  # there it would allow a port in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                if port != wanted:
                    say(f"Port {wanted} is in use; JupyterLab takes {port}.")
                return port
    raise Problem(f"No port from {wanted} to {wanted + tries - 1} is free. Choose another: --port 9000")


def jupyter(env: Environment, port: int, browser: bool) -> int:
    """Run JupyterLab at the first notebook until it is stopped; print its URL once it answers."""
    # Each challenge's copy for the learner. Without them the notebooks still open, and what went wrong is on the screen.
    with contextlib.suppress(subprocess.TimeoutExpired):
        words = ["-m", "macae.cli", "workshop", "start", "--quiet"]
        subprocess.run([str(env.python), *words], cwd=str(ROOT), timeout=60, check=False)
    token = secrets.token_hex(16)
    port = free_port(port)
    page = f"/lab/tree/{FIRST_NOTEBOOK}" if (ROOT / FIRST_NOTEBOOK).exists() else "/lab"
    host = f"http://127.0.0.1:{port}"
    words = ["-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", f"--ServerApp.port={port}", f"--LabApp.default_url={page}",
             "--ServerApp.ip=127.0.0.1", "--ServerApp.answer_yes=True", "--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    screen = sys.platform != "linux" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not browser or not screen:
        words.append("--no-browser")
    space = os.environ.get("CODESPACE_NAME")
    url = host
    if space:  # the page comes through GitHub's forwarding, so from another origin
        url = f"https://{space}-{port}.{os.environ.get('GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN', 'app.github.dev')}"
        words += ["--ServerApp.allow_remote_access=True", f"--ServerApp.allow_origin={url}"]
    # The token goes by environment, because every user of a computer can read its command lines.
    process = subprocess.Popen(
        [str(env.python), *words], env={**os.environ, "JUPYTER_TOKEN": token}, cwd=str(ROOT)
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), opener.open(f"{host}/api", timeout=2):
                say(
                    f"\nJupyterLab runs. Open this in a browser:\n\n    {url}{page}?token={token}\n\nStop it with Ctrl+C."
                )
                return process.wait()
            time.sleep(0.1)
        raise Problem(
            "JupyterLab did not start; the lines above say why. `python workshop.py doctor` looks further."
        )
    except KeyboardInterrupt:
        for stop in (
            None,
            process.terminate,
            process.kill,
        ):  # Ctrl+C reaches Jupyter too; a stop button may not
            if stop:
                stop()
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                process.wait(3 if stop is None else 15)
                break
        say("JupyterLab is stopped. Saved notebooks are kept; plans wait where they were.")
        return 0


def become(env: Environment, words: list[str]) -> int:
    """Go on as another program with this environment's Python. Gives its exit code."""
    command = [str(env.python), *words]
    sys.stdout.flush()
    if not WINDOWS:
        os.execv(command[0], command)
    try:
        return subprocess.call(command)
    except KeyboardInterrupt:
        return 130


def tests(env: Environment, words: list[str]) -> int:
    """Run pytest: all tests over two to four processes, or just what is asked for."""
    os.chdir(str(ROOT))
    # One more than there are processors: many tests wait for a process, a page or a server of their own.
    spread = ["-n", str(min(4, (os.cpu_count() or 1) + 1)), "--dist", "loadgroup"]
    return become(env, ["-m", "pytest", *(words or spread)])


def macae(env: Environment, words: list[str]) -> int:
    """Run the `macae` command."""
    start = "import sys; sys.argv[0] = 'macae'; from macae.cli import main; sys.exit(main())"
    return become(env, ["-c", start, *words])


def environment(here: bool) -> Environment:
    """The environment to use: the active one when asked for, or when it was used before; else .venv."""
    active = Environment(Path(sys.prefix), in_place=True)
    inside = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    if inside or not (here or active.recorded().get("root") == str(ROOT)):
        return Environment(ROOT / ".venv")
    conda = (active.home / "conda-meta").is_dir()
    if not conda and sys.prefix == sys.base_prefix:
        raise Problem(
            "--here needs an active environment. Activate yours first, or leave --here out: .venv is made then."
        )
    if conda and os.environ.get("CONDA_DEFAULT_ENV") == "base":
        raise Problem(
            "Conda's base environment would be changed. Make one of your own: "
            "conda create -n macae python=3.12, then conda activate macae, then run this again."
        )
    return active


def a_port(text: str) -> int:
    """A port number, or argparse's complaint."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a number from 1 to 65535 is needed, like --port 9000")
    return int(text)


def a_packed_folder(text: str) -> Path:
    """A folder with wheels, or argparse's complaint."""
    if not any(Path(text).glob("*.whl")):
        raise argparse.ArgumentTypeError(
            f"a folder that `pack` has filled is needed; {text} holds no packages"
        )
    return Path(text).resolve()


def parse(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options that stand before the command, and the command with its own words."""
    count = 0
    while count < len(words) and words[count].startswith("-"):
        count += 2 if words[count] in ("--from", "--port") else 1
    parser = argparse.ArgumentParser("workshop.py", add_help=False, allow_abbrev=False)
    parser.add_argument("--from", dest="source", type=a_packed_folder)
    parser.add_argument("--port", type=a_port, default=8888)
    for name in ("--here", "--install-only", "--fresh", "--no-browser", "--help"):
        parser.add_argument(name, *(["-h"] if name == "--help" else []), action="store_true")
    return parser.parse_args(words[:count]), words[count:]


def parse_pack(words: list[str]) -> argparse.Namespace:
    """The words after `pack`."""
    parser = argparse.ArgumentParser("workshop.py pack", allow_abbrev=False)
    parser.add_argument("folder", type=lambda text: Path(text).resolve())
    parser.add_argument("--platform", metavar="NAME")
    parser.add_argument("--python", default="{}.{}".format(*sys.version_info))
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--no-model", action="store_true")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Do what the words say. Gives the exit code."""
    options, command = parse(words)
    if options.help:
        say(__doc__ or "")
        return 0
    env = environment(options.here)
    if options.fresh and not env.in_place and env.home.exists():
        shutil.rmtree(str(env.home))
    if command[:1] == ["pack"]:
        wanted = parse_pack(command[1:])
        pack(env, wanted.folder, wanted.platform, wanted.python, wanted.tests, not wanted.no_model)
        return 0
    testing = command[:1] == ["test"]
    ensure(env, [PACKAGES, TEST_PACKAGES] if testing else [PACKAGES], options.source)
    if options.source:
        place_model(options.source)
    if options.install_only:
        say("Everything is installed.")
        return 0
    if testing:
        return tests(env, command[1:])
    return macae(env, command) if command else jupyter(env, options.port, not options.no_browser)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        print("\nStopped. Run this again and it goes on.", file=sys.stderr)
        sys.exit(130)
