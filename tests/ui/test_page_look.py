"""How the page looks: nothing runs over, no serious fault for those who cannot see it well."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.browser
SIZES = {"": (1440, 900), "_phone": (390, 844)}
TABS = ("Inspect", "Compare", "About")
# FACEFIDELITY_PICTURES=docs/pictures keeps the screenshots, as 256 colours, which is small.
KEEP = os.environ.get("FACEFIDELITY_PICTURES")


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module", params=SIZES, ids=["desk", "phone"])
def filled(request: Any, open_tab: Any, astronaut_file: Path) -> Any:
    """A tab of each size with a judged face in "Inspect" and in "Compare"."""
    tab = open_tab(*SIZES[request.param])
    page = tab.page
    page.get_by_text("Input size").wait_for()
    page.locator("input[type=file]").first.set_input_files(astronaut_file)
    field = page.get_by_label("number input for Input size")
    field.fill("64")
    field.press("Enter")
    page.locator("img[src*='astronaut.png']").first.wait_for()
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.locator(".ff-radar .main-svg").first.wait_for()
    tab.suffix = request.param
    return tab


def open_part(page: Any, name: str) -> None:
    """Open a tab, behind the button with three points where there is no room."""
    wanted = page.get_by_role("tab", name=name).locator("visible=true")
    if wanted.count() == 0:
        page.locator(".overflow-menu button").first.click()
        page.locator(".overflow-dropdown button", has_text=name).click()
    else:
        wanted.first.click()
    page.wait_for_timeout(400)


@pytest.mark.parametrize("name", TABS)
def test_nothing_runs_over(filled: Any, name: str) -> None:
    page = filled.page
    open_part(page, name)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if KEEP:
        page.evaluate("scrollTo(0, 0)")
        path = Path(KEEP) / f"ui_{name.lower()}{filled.suffix}.png"
        page.screenshot(path=path)
        Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)


@pytest.mark.parametrize("name", TABS)
def test_axe_finds_no_serious_fault(filled: Any, axe: str, name: str) -> None:
    page = filled.page
    open_part(page, name)
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    grave = [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
    assert grave == []
