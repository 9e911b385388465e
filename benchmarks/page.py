"""Measures how long the page takes to answer, in a browser, as a visitor sees it.

    pip install '.[ui,demo]' playwright && apt-get install chromium
    python benchmarks/page.py

Serves the page on a free port, judges the astronaut with the embedded defaults, moves the limit,
and asks for another pair of pictures while a restorer runs. Writes docs/results/page.md.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from skimage import data

ROOT = Path(__file__).resolve().parent.parent
MAIN = "from facefidelity.plugin.cli.main import main; main()"
RUNS = 4
LIMITS = ("0.01", "0.3", "0.02", "0.3", "0.03", "0.3", "0.04", "0.3", "0.02", "0.3")


def serve(*options: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-c", MAIN, "ui", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout or ():
        if match := re.search(r"the page is at (\S+)", line):
            return process, match[1]
    raise SystemExit("the page did not start")


def processor_seconds(pid: int) -> float:
    """What the server has used of the processor so far; other load does not count."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


CARD = """(old) => {
  const image = document.querySelector(".ff-card img[src*='face-1-']");
  return image && image.src.split("/").at(-2) !== old;
}"""


def inspect(page: Any) -> float:
    """Seconds from the click to the card of the face, with its pictures."""
    image = page.locator(".ff-card img[src*='face-1-']").first
    old = image.get_attribute("src").split("/")[-2] if image.count() else ""
    started = time.perf_counter()
    page.get_by_role("button", name="Inspect", exact=True).click()
    page.wait_for_function(CARD, arg=old, polling=20)
    return time.perf_counter() - started


def move(page: Any, limit: str) -> float:
    """Seconds from the moved limit to the changed verdict."""
    field = page.get_by_label("number input for Highest identity risk").first
    field.fill(limit)
    started = time.perf_counter()
    field.press("Enter")
    words = page.get_by_text(f"limit {100 * float(limit):.1f} %").first
    words.wait_for()
    return time.perf_counter() - started


def measure(
    url: str, picture: Path, pid: int
) -> tuple[list[float], list[float], list[float], tuple[float, float]]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(url)
        page.get_by_text("Input size").wait_for()
        page.locator("input[type=file]").first.set_input_files(picture)
        page.locator("img[src*='astronaut.png']").first.wait_for()
        answers, used = [inspect(page)], [processor_seconds(pid)]
        answers += [inspect(page) for _ in range(RUNS - 1)]
        used.append(processor_seconds(pid))
        moves = [move(page, limit) for limit in LIMITS]
        used.append(processor_seconds(pid))
        meanwhile = []
        page.get_by_role("button", name="Inspect", exact=True).click()
        page.wait_for_timeout(700)
        for limit in ("0.02", "0.3", "0.02"):
            meanwhile.append(move(page, limit))
        browser.close()
    costs = (used[1] - used[0]) / (RUNS - 1), (used[2] - used[1]) / len(LIMITS)
    return answers, moves, meanwhile, costs


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "astronaut.png"
        Image.fromarray(data.astronaut()).save(picture)
        process, url = serve()
        try:
            answers, moves, meanwhile, costs = measure(url, picture, process.pid)
        finally:
            process.terminate()
            process.wait()
    load = os.getloadavg()[0]
    text = f"""# How fast the page answers

    python benchmarks/page.py

Chromium on the machine that serves, {os.cpu_count()} cores, load average {load:.1f} when it ended:
above the number of cores, other work made it wait. Times are those of the browser, from the click
or key to the changed page. The last column is what the server's process used of the processor,
which other load hardly changes.

| what | promised | median | worst | processor |
|---|---|---|---|---|
| the astronaut, embedded defaults, first | under 10 s | {answers[0]:.1f} s | | |
| the same again, {len(answers) - 1} times | under 10 s | {statistics.median(answers[1:]):.1f} s | {max(answers[1:]):.1f} s | {costs[0]:.1f} s |
| a moved limit, {len(moves)} times | under 300 ms | {1000 * statistics.median(moves):.0f} ms | {1000 * max(moves):.0f} ms | {1000 * costs[1]:.0f} ms |
| a moved limit while a restorer runs, {len(meanwhile)} times | | {1000 * statistics.median(meanwhile):.0f} ms | {1000 * max(meanwhile):.0f} ms | |
"""
    (ROOT / "docs" / "results" / "page.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
