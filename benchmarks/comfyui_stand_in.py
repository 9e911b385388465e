"""Stands in for ComfyUI's server, inside a browser that playwright drives: no port, no network.

Our three nodes are told from their real V1 classes as ComfyUI's server tells them, ComfyUI's own
nodes as far as the example workflow uses them. Nothing is computed. Used by comfyui_picture.py.
"""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from PIL import Image, ImageFilter
from skimage import data

from facefidelity.plugin.adapters.comfyui import schema_v1

ADDRESS = "http://127.0.0.1:8188/"
LOADED: Final = ["portrait.png", "restored_elsewhere.png"]

# ComfyUI's own nodes as far as the workflow uses them: title, inputs, outputs.
CORE: Final[dict[str, tuple[str, dict[str, Any], list[str]]]] = {
    "LoadImage": ("Load Image", {"image": (LOADED, {"image_upload": True})}, ["IMAGE", "MASK"]),
    "SaveImage": ("Save Image", {"images": ("IMAGE",), "filename_prefix": ("STRING",)}, []),
    "PreviewImage": ("Preview Image", {"images": ("IMAGE",)}, []),
    "PreviewAny": ("Preview as Text", {"source": ("*",)}, ["STRING"]),
    "MaskToImage": ("Convert Mask to Image", {"mask": ("MASK",)}, ["IMAGE"]),
}
SETTINGS: Final = {
    "Comfy.TutorialCompleted": True,
    "Comfy.Validation.Workflows": True,
    "Comfy.Graph.CanvasInfo": False,
    "Comfy.Minimap.Visible": False,
    "LiteGraph.Node.TooltipDelay": 100,
}
LISTS: Final = ("extensions", "userdata", "embeddings", "experiment/models")
SECTIONS: Final = ("features", "i18n", "history", "workflow_templates", "global_subgraphs")
IDLE: Final = {"exec_info": {"queue_remaining": 0}}
SYSTEM: Final = {"os": "posix", "comfyui_version": "", "python_version": "3.11", "argv": []}
NO_JOBS: Final = {"offset": 0, "limit": 200, "total": 0, "has_more": False}


def node_info(name: str, title: str, node: Any, module: str) -> dict[str, Any]:
    """What ComfyUI's server tells of a V1 class."""
    inputs = node.INPUT_TYPES()
    return {
        "name": name,
        "display_name": title,
        "description": getattr(node, "DESCRIPTION", ""),
        "category": getattr(node, "CATEGORY", "image"),
        "python_module": module,
        "input": inputs,
        "input_order": {kind: list(fields) for kind, fields in inputs.items()},
        "output": node.RETURN_TYPES,
        "output_name": getattr(node, "RETURN_NAMES", node.RETURN_TYPES),
        "output_is_list": [False] * len(node.RETURN_TYPES),
        "output_tooltips": getattr(node, "OUTPUT_TOOLTIPS", None),
        "output_node": getattr(node, "OUTPUT_NODE", False),
    }


def object_info() -> dict[str, Any]:
    told = {}
    for name, (title, inputs, outputs) in CORE.items():
        node = SimpleNamespace(
            INPUT_TYPES=partial(dict, required=inputs),
            RETURN_TYPES=outputs,
            OUTPUT_NODE=name.startswith(("Save", "Preview")),
        )
        told[name] = node_info(name, title, node, "nodes")
    for name, ours in schema_v1.NODE_CLASS_MAPPINGS.items():
        title = schema_v1.NODE_DISPLAY_NAME_MAPPINGS[name]
        told[name] = node_info(name, title, ours, "custom_nodes.facefidelity")
    return told


def answers() -> dict[str, Any]:
    """What the frontend asks for before it shows a graph."""
    return {
        "object_info": object_info(),
        "settings": SETTINGS,
        "system_stats": {"system": SYSTEM, "devices": []},
        "users": {"storage": "server", "migrated": True},
        "jobs": {"jobs": [], "pagination": NO_JOBS},
        "queue": {"queue_running": [], "queue_pending": []},
        "prompt": IDLE,
        **{name: [] for name in LISTS},
        **{name: {} for name in SECTIONS},
    }


def shown(name: str) -> bytes:
    """The two pictures that Load Image shows: the astronaut, and the same sharpened."""
    picture = Image.fromarray(data.astronaut()).crop((96, 0, 352, 256))
    if name == LOADED[1]:
        picture = picture.filter(ImageFilter.UnsharpMask(2, 80))
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def stand_in(page: Any, static: Path) -> None:
    """Answer every request of the page; none leaves the browser."""
    told = answers()

    def answer(route: Any) -> None:
        url = urlsplit(route.request.url)
        name = url.path.removeprefix("/api/")
        file = static / (url.path.strip("/") or "index.html")
        if not route.request.url.startswith(ADDRESS):
            route.abort()
        elif url.path == "/api/view":
            route.fulfill(body=shown(parse_qs(url.query)["filename"][0]), content_type="image/png")
        elif name != url.path and name in told:
            route.fulfill(json=told[name])
        elif file.is_file():
            route.fulfill(path=file)
        else:
            route.fulfill(status=404, body="")

    def greet(socket: Any) -> None:
        status = {"type": "status", "data": {"status": IDLE, "sid": "picture"}}
        socket.send(json.dumps(status))

    page.route("**/*", answer)
    page.route_web_socket("**/ws*", greet)
