"""Makes docs/pictures/comfyui.png: ComfyUI's own frontend with the example workflow in it.

    pip install '.[demo]' playwright && apt-get install chromium
    pip download --no-deps comfyui-frontend-package && unzip comfyui_frontend_package-*.whl -d FOLDER
    python benchmarks/comfyui_picture.py --frontend FOLDER/comfyui_frontend_package

The frontend's files are the package's, nothing of it is kept here; ComfyUI's server is stood in for
(comfyui_stand_in.py), so no picture flows through. Before the picture is taken the frontend is asked
what it read: nodes, links, values, options, ranges and tooltips must be those of workflow.json and of
our nodes, else it stops. Look at the picture afterwards.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from comfyui_stand_in import ADDRESS, stand_in
from page_pictures import ROOT, keep
from playwright.sync_api import Error, sync_playwright

from facefidelity.plugin.adapters.comfyui.schema import NODES

WORKFLOW = ROOT / "examples" / "comfyui" / "workflow.json"
PICTURE = ROOT / "docs" / "pictures" / "comfyui.png"
EMPTY = (720, 892)
ROOM = (75, 100, 1425, 880)  # what the frontend's own bars leave of 1440 x 900
# Every node as the frontend has it after loading, for comparison.
READ = """() => window.app.graph.nodes.map((node) => ({
  id: Number(node.id), known: node.type in LiteGraph.registered_node_types,
  least: [...node.computeSize()],
  values: (node.widgets ?? []).filter((one) => one.serialize !== false).map((one) => one.value),
  widgets: Object.fromEntries((node.widgets ?? []).map((one) => [one.name,
    {value: one.value, offered: one.options?.values ?? [one.options?.min, one.options?.max]}])),
}))"""
LINKS = "() => window.app.graph.serialize().links"
LOAD = """async (text) => {
  const file = new File([text], "workflow.json", {type: "application/json"});
  await window.app.handleFile(file, "file_button");
  const flows = window.app.extensionManager.workflow;
  for (const one of [...flows.openWorkflows])
    if (one.path !== flows.activeWorkflow.path) await flows.closeWorkflow(one);
}"""
FIT = """([left, top, right, bottom]) => {
  const boxes = window.app.graph.nodes.map((one) => [...one.boundingRect]);
  const [x, y] = [0, 1].map((k) => Math.min(...boxes.map((box) => box[k])));
  const [far, low] = [0, 1].map((k) => Math.max(...boxes.map((box) => box[k] + box[k + 2])));
  const view = window.app.canvas.ds;
  view.scale = Math.min((right - left) / (far - x), (bottom - top) / (low - y));
  [view.offset[0], view.offset[1]] = [left / view.scale - x, top / view.scale - y];
  window.app.canvas.setDirty(true, true);
}"""
PLACE = """([type, name]) => {
  const node = window.app.graph.nodes.find((one) => one.type === type);
  const widget = node.widgets.find((one) => one.name === name);
  return window.app.canvas.ds.convertOffsetToCanvas(
    [node.pos[0] + node.size[0] / 3, node.pos[1] + widget.last_y + 10]);
}"""


def misread(page: Any) -> list[str]:
    """In what the frontend differs from workflow.json and from the nodes as they are."""
    workflow = json.loads(WORKFLOW.read_text(encoding="utf-8"))
    wrong = [] if page.evaluate(LINKS) == workflow["links"] else ["the links"]
    read = {one["id"]: one for one in page.evaluate(READ)}
    for node in workflow["nodes"]:
        found, where = read.get(node["id"]), f"node {node['id']}, {node['type']}"
        if found is None or not found["known"]:
            wrong.append(f"{where}: not recognised")
            continue
        if found["values"] != node["widgets_values"]:
            wrong.append(f"{where}: values {found['values']}")
        if any(least > size for least, size in zip(found["least"], node["size"], strict=True)):
            wrong.append(f"{where}: smaller than {found['least']}")
        wrong += [f"{where}: {one}" for one in misoffered(found["widgets"], node["type"])]
    return wrong


def misoffered(widgets: dict[str, Any], kind: str) -> list[str]:
    """Choices and ranges that are not those of our node of that kind."""
    wrong = []
    fields = [one for node in NODES if node.id == kind for one in node.inputs]
    for field in fields:
        if field.kind not in ("COMBO", "INT"):
            continue
        widget = widgets[field.name]
        if widget["offered"] != (list(field.options) or [field.low, field.high]):
            wrong.append(f"{field.name} offers {widget['offered']}")
        if field.options and widget["value"] not in field.options:
            wrong.append(f"{field.name} is {widget['value']}")
    return wrong


def untold(page: Any) -> list[str]:
    """Widgets of our nodes that do not show their line under the pointer."""
    wrong = []
    for node in NODES:
        for field in node.inputs:
            if field.kind == "IMAGE":
                continue
            x, y = page.evaluate(PLACE, [node.id, field.name])
            page.mouse.move(*EMPTY)
            page.mouse.move(x, y, steps=2)
            line = page.locator(".node-tooltip", has_text=field.tooltip)
            try:
                line.wait_for(timeout=5000)
            except Error:
                wrong.append(f"{node.id}: {field.name} shows no tooltip")
    page.mouse.move(*EMPTY)
    page.wait_for_timeout(1000)
    return wrong


def show(page: Any) -> None:
    """Load the workflow as a dropped file is loaded, alone, in full view."""
    page.goto(ADDRESS)
    page.wait_for_function("window.app?.graph?.nodes?.length > 0")
    page.wait_for_timeout(3000)
    page.evaluate(LOAD, WORKFLOW.read_text(encoding="utf-8"))
    page.wait_for_timeout(1000)
    page.evaluate(FIT, ROOM)
    page.wait_for_timeout(2000)


def main(frontend: Path, picture: Path) -> None:
    if not (frontend / "static" / "index.html").is_file():
        raise SystemExit(f"expected the unpacked comfyui_frontend_package, got {frontend}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        stand_in(page, frontend / "static")
        show(page)
        wrong = misread(page) + untold(page)
        if wrong:
            raise SystemExit("the frontend differs:\n" + "\n".join(wrong))
        keep(page, picture)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frontend", type=Path, required=True, metavar="DIR")
    parser.add_argument("--picture", type=Path, default=PICTURE, metavar="PNG")
    told = parser.parse_args()
    main(told.frontend, told.picture)
