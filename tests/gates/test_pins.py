"""What is pinned: in step with the ranges, hashed, and with wheels for every platform that the README names."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.gates.files import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
PLATFORMS = {  # as the README names them: uv's name, and the oldest macOS
    "Linux x64": ("x86_64-unknown-linux-gnu", ""),
    "Linux arm64": ("aarch64-unknown-linux-gnu", ""),
    "Windows x64": ("x86_64-pc-windows-msvc", ""),
    "macOS 14, Apple silicon": ("aarch64-apple-darwin", "14.0"),
    "macOS 13, Apple silicon": ("aarch64-apple-darwin", "13.0"),
    "macOS 13, Intel": ("x86_64-apple-darwin", "13.0"),
}


def newest(platform: str) -> str:
    """The newest Python there: for 3.14, onnxruntime has no wheel on macOS 13; the README says so."""
    return "3.13" if platform.startswith("macOS 13") else "3.14"


def pins(name: str) -> dict[str, list[str]]:
    """The pinned versions of each package in a requirements file."""
    found: dict[str, list[str]] = {}
    for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==(\S+)", line):
            found.setdefault(canonicalize_name(match[1]), []).append(match[2])
    return found


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("requirements.txt", [*PROJECT["project"]["dependencies"], *GROUPS["bootstrap"]]),
        ("requirements-dev.txt", GROUPS["dev"]),
    ],
)
def test_every_range_has_a_pin_within_it(file: str, wanted: list[str]) -> None:
    pinned = pins(file)
    for line in wanted:
        requirement = Requirement(line)
        versions = pinned.get(canonicalize_name(requirement.name), [])
        assert versions, (
            f"{file} has no pin for {requirement.name}: see CONTRIBUTING.md, Changing a dependency"
        )
        for version in versions:
            assert requirement.specifier.contains(version, prereleases=True), (
                f"{line}, but {file} pins {version}"
            )


def test_the_build_backend_is_the_pinned_one() -> None:
    assert PROJECT["build-system"]["requires"] == [f"setuptools=={pins('requirements.txt')['setuptools'][0]}"]
    assert PROJECT["build-system"]["requires"][0] in GROUPS["bootstrap"]


def test_packages_in_both_files_have_one_version() -> None:
    learners, testers = pins("requirements.txt"), pins("requirements-dev.txt")
    differ = [name for name in set(learners) & set(testers) if not set(testers[name]) <= set(learners[name])]
    assert not differ


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_no_address(file: str) -> None:
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    for block in re.split(r"\n(?=\S)", text):
        if "==" in block.splitlines()[0]:
            assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_the_card_is_in_it() -> None:
    for name in (
        "jupyterlab",
        "ipywidgets",
        "autogen-agentchat",
        "autogen-ext",
        "azure-cosmos",
        "chromadb",
        "matplotlib",
        "nbval",
        "papermill",
    ):
        assert name in pins("requirements.txt")


@pytest.mark.xdist_group("together")
def test_the_tests_of_a_group_stay_together(request: pytest.FixtureRequest) -> None:
    """Where they don't, each worker starts a browser, a fork server and an index of its own: nothing fails, all is slow."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("one process runs all tests")
    assert request.node.nodeid.endswith("@together")


@pytest.mark.install
@pytest.mark.parametrize(
    ("platform", "python"),
    [
        # The oldest and the newest everywhere: what a package has for these two, it has for those between.
        *((platform, python) for platform in PLATFORMS for python in ("3.11", newest(platform))),
        *((platform, python) for platform in ("Linux x64", "Windows x64") for python in ("3.12", "3.13")),
    ],
)
def test_every_pin_has_a_wheel(workshop: ModuleType, tmp_path: Path, platform: str, python: str) -> None:
    env = workshop.Environment(Path(sys.prefix), in_place=True)
    installer = workshop.Installer(env, None)
    if not installer.uv():
        pytest.skip("uv is not installed in this environment")
    target, macos = PLATFORMS[platform]
    settings, options = workshop.uv_settings(installer.pip_settings())
    command = [str(installer.uv()), "pip", "compile", "--no-config", "--no-deps", "--only-binary", ":all:", "--quiet",
               "--python-platform", target, "--python-version", python, "-o", str(tmp_path / "out.txt"), *options,
               "requirements.txt", "requirements-dev.txt"]  # fmt: skip
    if macos:
        settings["MACOSX_DEPLOYMENT_TARGET"] = macos
    done = subprocess.run(
        command, cwd=REPOSITORY, env=settings, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode and workshop.explain(done.stderr).kind == "network":
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
