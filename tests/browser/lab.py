"""A JupyterLab server of our own, and a person's hands and eyes in it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[2]
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark", "contrast": "JupyterLab Dark High Contrast"}


class Lab:
    """The server. Everything that it writes stays below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        self.token = secrets.token_hex(16)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.background = ThreadPoolExecutor(1)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("MACAE_", "PYTEST_"))
            },
            **{f"JUPYTER_{name}": str(self.folder / name.lower()) for name in names},
            "JUPYTERLAB_SETTINGS_DIR": str(self.folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        }
        self.settings("apputils-extension/notification", fetchNews="false", checkForUpdates=False)
        options = [
            "--no-browser",
            "--allow-root",
            "--expose-app-in-browser",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
        ]
        options += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.notebooks}"]
        with (self.folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        until = time.monotonic() + 60
        while True:
            try:
                self.api("status")
                return
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > until:
                    text = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"JupyterLab did not start:\n{text[-3000:]}") from None
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop it and its kernels."""
        self.background.shutdown()
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget_kernels(self) -> None:
        """Shut down the kernels of the notebooks so far, without waiting for it."""
        for session in self.api("sessions"):
            self.background.submit(self.api, f"sessions/{session['id']}", "DELETE")

    def api(self, path: str, method: str = "GET") -> Any:
        """Ask the server's REST API."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=20) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def settings(self, plugin: str, **values: Any) -> None:
        """Write a user's settings of one JupyterLab plugin; pages opened from then on have them."""
        path = self.folder / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")

    def write(self, name: str, *cells: str) -> str:
        """Write a notebook with these code cells; its file name."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, self.notebooks / f"{name}.ipynb")
        return f"{name}.ipynb"


class Notebook:
    """One notebook, open in a page."""

    def __init__(self, lab: Lab, page: Any, name: str) -> None:
        self.lab, self.page, self.name = lab, page, name

    async def open(self) -> None:
        """Open it in the JupyterLab that the page shows, and wait until its kernel is idle and connected."""
        await self.page.evaluate(
            "path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => null)",
            self.name,
        )
        await self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        await self.ready()

    async def close(self) -> None:
        """Close its tab, unsaved."""
        await self.page.evaluate(
            "() => { for (const tab of [...window.jupyterapp.shell.widgets('main')]) tab.dispose() }"
        )

    async def ready(self) -> None:
        """Wait until the kernel is idle and a page is connected to it."""
        until = time.monotonic() + 45
        while time.monotonic() < until:
            kernels = [
                s["kernel"]
                for s in await asyncio.to_thread(self.lab.api, "sessions")
                if s["path"] == self.name
            ]
            if kernels and kernels[0]["execution_state"] == "idle" and kernels[0]["connections"] > 0:
                return
            choose = self.page.locator(".jp-Dialog button.jp-mod-accept")
            if await choose.count():
                await choose.first.click()
            await asyncio.sleep(0.05)
        raise TimeoutError(f"The kernel of {self.name} did not become idle.")

    async def menu(self, menu: str, item: str) -> None:
        """Choose from JupyterLab's menu bar."""
        await self.page.click(f'#jp-MainMenu .lm-MenuBar-itemLabel:text-is("{menu}")')
        await self.page.click(f'.lm-Menu-itemLabel:text-is("{item}")')

    async def run_all(self) -> None:
        """Run all cells."""
        await self.menu("Run", "Run All Cells")

    async def restart(self) -> None:
        """Restart the kernel, and wait until it is ready."""
        await self.menu("Kernel", "Restart Kernel…")
        async with self.page.expect_response("**/restart*"):
            await self.page.click(".jp-Dialog button.jp-mod-accept")
        await self.ready()

    async def theme(self, name: str) -> None:
        """Change JupyterLab's theme: light, dark or contrast."""
        change = (
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => null)"
        )
        await self.page.evaluate(change, THEMES[name])
        dark = "false" if name != "light" else "true"
        shown = f"body[data-jp-theme-light='{dark}'][data-jp-theme-name='{THEMES[name]}']"
        await self.page.wait_for_selector(shown, state="attached")
