"""The doctor's look at Python, the packages and the notebook kernel."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from macae.workshop.findings import Finding, ok, problem, warning

__all__ = ["check_kernel", "check_packages", "check_python", "pinned"]

OLDEST, TOO_NEW = (3, 11), (3, 15)
INSTALL = "Run `python workshop.py --install-only` again; with --fresh it begins anew."
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*])?==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
NAMED = 5
"""How many packages a finding names."""


def check_python() -> list[Finding]:
    """Whether this Python is one that the packages exist for."""
    found = sys.version_info[:3]
    text = f"{'.'.join(map(str, found))} at {sys.executable}"
    if OLDEST <= found < TOO_NEW:
        return [ok("Python", text)]
    return [problem("Python", text, "Install Python 3.11 to 3.14, best 3.12, and run workshop.py with it.")]


def requirements() -> Path:
    """The pinned file that workshop.py installs from; it is only there in a checkout."""
    return Path(__file__).parents[2] / "requirements.txt"


def pinned(text: str) -> Iterator[tuple[str, str]]:
    """The (name, version) pins of a requirements file that apply to this Python and platform."""
    from packaging.markers import InvalidMarker, Marker

    for line in text.splitlines():
        match = PIN.match(line.strip())
        if match is None:
            continue
        name, version, marker = match.groups()
        try:
            applies = marker is None or Marker(marker).evaluate()
        except InvalidMarker:
            applies = False
        if applies:
            yield name, version


def needed() -> Iterator[tuple[str, str]]:
    """(name, range) of what the installed package asks for, where there is no pinned file."""
    from packaging.requirements import Requirement

    for line in importlib.metadata.requires("macae") or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield wanted.name, str(wanted.specifier)


def check_packages() -> list[Finding]:
    """Whether every package is installed, in the version that was tested."""
    from packaging.specifiers import SpecifierSet

    file = requirements()
    if file.is_file():
        wanted = [(name, f"=={version}") for name, version in pinned(file.read_text(encoding="utf-8"))]
    else:
        wanted = list(needed())
    missing, other = [], []
    for name, versions in wanted:
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if not SpecifierSet(versions).contains(have, prereleases=True):
            other.append(f"{name} {have} (tested: {versions.removeprefix('==')})")
    found = []
    if missing:
        found.append(problem("Packages", f"{len(missing)} missing: {some(missing)}", INSTALL))
    if other:
        found.append(warning("Packages", f"{len(other)} in another version: {some(other)}", INSTALL))
    return found or [ok("Packages", f"all {len(wanted)} are installed as pinned")]


def some(names: list[str]) -> str:
    """The first few names."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def check_kernel() -> list[Finding]:
    """Whether notebooks will run in this Python, with a kernel that can wait for clicks."""
    from packaging.version import Version

    found = []
    try:
        version = importlib.metadata.version("ipykernel")
    except importlib.metadata.PackageNotFoundError:
        return [problem("Kernel", "ipykernel is not installed, so no notebook can run", INSTALL)]
    if Version(version) < Version("7.4"):
        text = f"ipykernel {version}: a cell that waits for a click would hang for ever"
        found.append(problem("Kernel", text, "7.4 or newer is needed. " + INSTALL))
    else:
        found.append(ok("Kernel", f"ipykernel {version}"))
    return [*found, kernel_spec()]


def kernel_spec() -> Finding:
    """Which Python the kernel "python3" starts."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec: Any = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return problem(
            "Kernel", 'there is no kernel "python3"', f"{sys.executable} -m ipykernel install --sys-prefix"
        )
    program = Path(spec.argv[0]) if spec.argv else Path()
    # A bare name is what ipykernel ships; Jupyter starts its own Python for it.
    if len(program.parts) < 2 or same_environment(program):
        return ok("Kernel", f'"python3" starts this Python ({spec.resource_dir})')
    return warning(
        "Kernel",
        f'"python3" starts another Python: {program} ({spec.resource_dir})',
        f"Remove that folder, or write this environment's own: {sys.executable} -m ipykernel install --sys-prefix",
    )


def same_environment(program: Path) -> bool:
    """Whether `program` is a Python of this environment. Links are not followed: they lead out of every venv."""
    return program.parent == Path(sys.executable).parent or Path(sys.prefix) in program.parents
