"""Makes the pictures of the page in docs/pictures, every tab at two sizes; only the astronaut.

    pip install '.[ui,tune,demo]' playwright && apt-get install chromium
    python benchmarks/page_pictures.py [FOLDER [TAB...]]

Look at every one of them afterwards.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from page import ROOT, serve
from PIL import Image
from playwright.sync_api import sync_playwright
from skimage import data

from facefidelity import Guard
from facefidelity.assessor.benchmark.simulate.camera import VirtualCamera
from facefidelity.core.faces import DlibDetector, align_face
from facefidelity.core.images import write_picture
from facefidelity.plugin.cli.main import run

SIZES = {"": (1440, 900), "_phone": (390, 844)}
MOST_BYTES = 250_000
FRAMES = 12


def shots(face: np.ndarray, count: int) -> list[np.ndarray]:
    """One face as one camera takes it, near and far."""
    rng = np.random.default_rng(0)
    made = []
    for index in range(count):
        camera = VirtualCamera(
            face_px=float(np.geomspace(120, 36, count)[index]),
            defocus_px=float(rng.uniform(0.1, 0.7)),
            noise=(("sensor", float(rng.uniform(1, 5))),),
            quality=(int(rng.integers(55, 90)),),
        )
        made.append(camera.capture(face, rng))
    return made


def prepare(folder: Path) -> None:
    """astronaut.png, restored.png, frames/, batch/ (reviewed), study/."""
    astronaut = np.ascontiguousarray(data.astronaut())
    write_picture(folder / "astronaut.png", astronaut)
    write_picture(folder / "restored.png", Guard(policy="lenient").restore(astronaut).pixels)
    (found,) = DlibDetector().detect(astronaut)
    frames = shots(align_face(astronaut, found).pixels, FRAMES)
    for name in ("gate", "in", "study"):
        (folder / name).mkdir()
    for number, frame in enumerate(frames):
        write_picture(folder / "gate" / f"gate_{number:02d}.png", frame)
        if number % 2 == 0:
            write_picture(folder / "in" / f"gate_{number:02d}.png", frame)
            write_picture(folder / "study" / f"{number}.png", frame)
    words = ["restore", str(folder / "in"), "-o", str(folder / "batch"), "--aligned"]
    run([*words, "--restorer", "classical"])


def open_tab(page: Any, name: str) -> None:
    """Open a tab, behind the button with three points where there is no room."""
    wanted = page.get_by_role("tab", name=name, exact=True).locator("visible=true")
    if wanted.count():
        wanted.first.click()
    else:
        page.locator(".overflow-menu button").first.click()
        page.locator(".overflow-dropdown button", has_text=name).click()
    page.wait_for_timeout(700)


def set_number(page: Any, label: str, value: str) -> None:
    field = page.get_by_label(re.compile(f"number input for {label}")).locator("visible=true").first
    field.fill(value)
    field.press("Enter")


def inspect(page: Any, folder: Path) -> None:
    page.get_by_text("Input size").wait_for()
    page.locator("input[type=file]").first.set_input_files(folder / "astronaut.png")
    page.locator("img[src*='astronaut.png']").first.wait_for()
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.locator(".ff-radar .main-svg").first.wait_for()


def compare(page: Any, folder: Path) -> None:
    panel = page.get_by_role("tabpanel").locator("visible=true")
    for place, name in enumerate(("astronaut.png", "restored.png")):
        panel.locator("input[type=file]").nth(place).set_input_files(folder / name)
        panel.locator(f"img[src*='{name}']").first.wait_for()
    panel.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Face 1").locator("visible=true").wait_for()
    page.locator(".ff-radar .main-svg").locator("visible=true").first.wait_for()


def review(page: Any, _folder: Path) -> None:
    page.locator("#review-head .desk-place").wait_for()
    page.locator("#review-table").get_by_text("gate_").locator("visible=true").first.wait_for()
    page.get_by_label("Your name").locator("visible=true").fill("ann")
    page.locator("#review-head").click()
    page.keyboard.press("r")
    page.locator("#review-head .tone-REJECT").wait_for()


def tune(page: Any, _folder: Path) -> None:
    page.get_by_label("Or a folder of this server").click()
    page.get_by_role("option", name="gate").click()
    page.get_by_label("Every picture is one aligned face").check()
    page.locator("#camera-name textarea, #camera-name input").fill("gate")
    page.get_by_text("How far the search goes").click()
    page.get_by_label("Restorers").locator("visible=true").last.click()
    page.get_by_role("option", name="classical").click()
    page.keyboard.press("Escape")
    for label, value in (("Settings to try", "6"), ("Self-made pairs", "6"), ("Share of", "0.15")):
        set_number(page, label, value)
    page.get_by_text("How far the search goes").click()
    page.locator("#camera-tune").click()
    page.locator("#camera-status", has_text="Tuned in").wait_for(timeout=900_000)
    page.locator("#camera-pareto .main-svg").first.wait_for()


def rate(page: Any, _folder: Path) -> None:
    page.locator("#rate-name").get_by_role("textbox").fill("Ann")
    page.locator("#rate-begin").click()
    page.locator("#rate-picture img").wait_for()


TABS: dict[str, Callable[[Any, Path], None]] = {
    "Inspect": inspect,
    "Compare": compare,
    "Batch review": review,
    "Camera": tune,
    "Rate": rate,
    "About": lambda _page, _folder: None,
}
FILES = {"Batch review": "review"}


def keep(page: Any, path: Path) -> None:
    """Take the picture; as few colours as it takes to be small."""
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if over > 0:
        raise SystemExit(f"{path.name}: {over} px run over the edge")
    page.screenshot(path=path)
    shown = Image.open(path).convert("RGB")
    for colours in (256, 128, 64, 32):
        shown.quantize(colours).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            break
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def take(page: Any, folder: Path, pictures: Path, names: list[str]) -> None:
    for name in names:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.wait_for_timeout(1500)
        open_tab(page, name)
        TABS[name](page, folder)
        for suffix, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(1500)
            page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
            page.wait_for_timeout(300)
            keep(page, pictures / f"ui_{FILES.get(name, name.lower())}{suffix}.png")


def main(pictures: Path, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prepare(folder)
        options = ("--review", "batch", "--frames", "gate", "--rate", "study")
        words = [str(folder / one) if not one.startswith("--") else one for one in options]
        process, url = serve(*words)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(
                    executable_path=shutil.which("chromium"),
                    args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
                )
                page = browser.new_page()
                page.set_default_timeout(180_000)
                page.goto(url)
                page.get_by_role("tab").first.wait_for()
                take(page, folder, pictures, names)
                browser.close()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main(Path([*sys.argv, ROOT / "docs" / "pictures"][1]), sys.argv[2:] or list(TABS))
