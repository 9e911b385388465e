"""The page in a process of its own, and Debian's chromium to look at it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

START_SECONDS = 300
PATIENCE_MS = 90_000  # a busy machine is slow, which is no fault of the page
MAIN = "from facefidelity.plugin.cli.main import main; main()"


@dataclass
class Served:
    """A running page: where it is, and its private folder."""

    url: str
    process: subprocess.Popen[str]
    temporary: Path
    log: list[str] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """The server's private folder."""
        (folder,) = self.temporary.glob("facefidelity-page-*")
        return folder


Serve = Callable[..., Served]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start `facefidelity ui` with more arguments; every server ends with the session."""
    pytest.importorskip("gradio", reason="needs gradio: pip install 'facefidelity[ui]'")
    pytest.importorskip("plotly", reason="needs plotly: pip install 'facefidelity[ui]'")
    running: list[Served] = []

    def start(*arguments: str) -> Served:
        temporary = tmp_path_factory.mktemp("page")
        command = [sys.executable, "-c", MAIN, "ui", "--port", "0", *arguments]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        served = Served("", process, temporary)
        running.append(served)
        served.url = _address(served)
        return served

    yield start
    for one in running:
        one.process.terminate()
    for one in running:
        try:
            one.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            one.process.kill()


def _address(served: Served) -> str:
    """Wait for the line that names the address; keep reading, so that the pipe never fills."""
    found, ready = [], threading.Event()

    def read() -> None:
        for line in served.process.stdout or ():
            served.log.append(line)
            if match := re.search(r"the page is at (\S+)", line):
                found.append(match[1])
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    assert ready.wait(START_SECONDS), "the page did not start in time"
    assert found, "".join(served.log)
    return found[0]


@pytest.fixture(scope="session")
def served(serve: Serve) -> Served:
    """One page for all tests that only use it."""
    return serve()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's chromium, driven by playwright."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: pip install playwright"
    )
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Debian chromium: apt-get install chromium")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--hide-scrollbars"],
        )
        yield browser
        browser.close()


@dataclass
class Tab:
    """A browser tab on the page, with the hosts that it talked to and what went wrong in it."""

    page: Any
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


OpenTab = Callable[..., Tab]


@pytest.fixture(scope="module")
def open_tab(chromium: Any, served: Served) -> Iterator[OpenTab]:
    """Open a tab on the page, each in a context of its own, as another user would."""
    contexts = []

    def open_(width: int = 1440, height: int = 900, url: str = "", **options: Any) -> Tab:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **options
        )
        contexts.append(context)
        tab = Tab(context.new_page())
        context.on("request", lambda request: tab.hosts.add(urlsplit(request.url).netloc))
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.set_default_timeout(PATIENCE_MS)
        tab.page.goto(url or served.url)
        settings = tab.page.get_by_text("Input size").or_(tab.page.get_by_text("Radius"))
        settings.first.wait_for()  # drawn by the server: from here on the page hears a click
        return tab

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def astronaut_file(
    astronaut: npt.NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Her picture as PNG."""
    path = tmp_path_factory.mktemp("pictures") / "astronaut.png"
    Image.fromarray(astronaut).save(path)
    return path


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, brought by npm for this test only."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm, which brings axe-core: apt-get install npm")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund", "axe-core@4"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.skip(f"npm could not bring axe-core: {done.stderr.decode()[-200:]}")
    return source.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def grave_faults() -> Callable[[Any, str], list[str]]:
    """What axe-core calls serious or critical on a page as it stands."""

    def find(page: Any, axe: str) -> list[str]:
        page.evaluate(axe)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    return find
