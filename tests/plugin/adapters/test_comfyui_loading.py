"""The repository cloned into custom_nodes, loaded by file path as ComfyUI does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
IDS = ["FaceFidelityRestore", "FaceFidelityGuard", "FaceFidelityAssess"]

# What ComfyUI's load_custom_node asks of a package, in its order.
LOADER = """
import asyncio, importlib.util, json, sys
from pathlib import Path

folder = sys.argv[1]
name = folder.replace(".", "_x_")
spec = importlib.util.spec_from_file_location(name, str(Path(folder) / "__init__.py"))
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
spec.loader.exec_module(module)
found = {"schema": None, "nodes": {}}
if getattr(module, "NODE_CLASS_MAPPINGS", None) is not None:
    found["schema"] = "V1"
    titles = module.NODE_DISPLAY_NAME_MAPPINGS
    for key, node in module.NODE_CLASS_MAPPINGS.items():
        told = node.INPUT_TYPES()["required"]
        assert callable(getattr(node(), node.FUNCTION))
        assert len(node.RETURN_TYPES) == len(node.RETURN_NAMES)
        found["nodes"][key] = {
            "title": titles[key],
            "category": node.CATEGORY,
            "inputs": {k: v[0] if isinstance(v[0], str) else "COMBO" for k, v in told.items()},
            "defaults": {k: v[1].get("default") for k, v in told.items()},
            "outputs": list(node.RETURN_TYPES),
        }
elif hasattr(module, "comfy_entrypoint"):
    from comfy_api.latest import ComfyExtension

    found["schema"] = "V3"
    extension = asyncio.run(module.comfy_entrypoint())
    assert isinstance(extension, ComfyExtension)
    for node in asyncio.run(extension.get_node_list()):
        schema = node.define_schema()
        found["nodes"][schema.node_id] = {
            "title": schema.display_name,
            "category": schema.category,
            "inputs": {one.id: one.kind for one in schema.inputs},
            "defaults": {one.id: one.options.get("default") for one in schema.inputs},
            "outputs": [one.kind for one in schema.outputs],
        }
found["heavy"] = sorted({"torch", "cv2", "onnxruntime", "PIL", "ncnn"} & set(sys.modules))
print(json.dumps(found))
"""

# ComfyUI's V3 surface as far as the nodes use it; it refuses arguments that the real one has not.
COMFY_API = """
from types import SimpleNamespace


class ComfyExtension:
    async def get_node_list(self):
        raise NotImplementedError


class _Put:
    def __init__(self, kind, id=None, **options):
        extra = set(options) - self.allowed - {"tooltip", "display_name"}
        assert not extra, extra
        self.kind, self.id, self.options = kind, id, options


def _kind(name, *allowed):
    put = type("Put", (_Put,), {"allowed": set(allowed)})
    return SimpleNamespace(
        Input=lambda id, **options: put(name, id, **options),
        Output=lambda **options: put(name, **options),
    )


class ComfyNode:
    pass


class NodeOutput(tuple):
    def __new__(cls, *parts):
        return super().__new__(cls, parts)


class Schema:
    def __init__(self, *, node_id, display_name, category, description, inputs, outputs):
        self.node_id, self.display_name, self.category = node_id, display_name, category
        self.description, self.inputs, self.outputs = description, inputs, outputs


io = SimpleNamespace(
    ComfyNode=ComfyNode,
    NodeOutput=NodeOutput,
    Schema=Schema,
    Image=_kind("IMAGE"),
    Mask=_kind("MASK"),
    String=_kind("STRING", "default", "multiline"),
    Boolean=_kind("BOOLEAN", "default"),
    Int=_kind("INT", "default", "min", "max", "step"),
    Combo=_kind("COMBO", "default", "options"),
)
"""


def load(folder: Path, script: str, *path: Path) -> Any:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose name and path are no Python name, as in custom_nodes."""
    folder = tmp_path_factory.mktemp("custom.nodes") / "face-fidelity.git"
    folder.symlink_to(ROOT, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def comfy_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comfyui")
    (folder / "comfy_api" / "latest").mkdir(parents=True)
    (folder / "comfy_api" / "__init__.py").touch()
    (folder / "comfy_api" / "latest" / "__init__.py").write_text(COMFY_API, encoding="utf-8")
    return folder


def test_old_comfyui_gets_v1_classes(clone: Path) -> None:
    found = load(clone, LOADER)
    assert found["schema"] == "V1"
    assert list(found["nodes"]) == IDS
    assert found["heavy"] == []


def test_new_comfyui_gets_the_v3_schema(clone: Path, comfy_api: Path) -> None:
    found = load(clone, LOADER, comfy_api)
    assert found["schema"] == "V3"
    assert found["heavy"] == []


def test_both_schemas_say_the_same(clone: Path, comfy_api: Path) -> None:
    old, new = load(clone, LOADER), load(clone, LOADER, comfy_api)
    assert old["nodes"] == new["nodes"]
    assert old["nodes"]["FaceFidelityGuard"] == {
        "title": "Guard a restoration",
        "category": "image/face fidelity",
        "inputs": {"before": "IMAGE", "after": "IMAGE", "policy": "COMBO", "aligned": "BOOLEAN"},
        "defaults": {"before": None, "after": None, "policy": "balanced", "aligned": False},
        "outputs": ["IMAGE", "MASK", "STRING"],
    }


RUN = """
import importlib.util, json, sys, asyncio
from pathlib import Path

folder = sys.argv[1]
name = folder.replace(".", "_x_")
spec = importlib.util.spec_from_file_location(name, str(Path(folder) / "__init__.py"))
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
spec.loader.exec_module(module)
import torch
from skimage.data import astronaut

image = torch.from_numpy(astronaut().copy()).float()[None] / 255
options = {"min_face_px": 0, "aligned": False}
if hasattr(module, "NODE_CLASS_MAPPINGS"):
    nodes = module.NODE_CLASS_MAPPINGS
    run = lambda key, **inputs: getattr(nodes[key](), nodes[key].FUNCTION)(**inputs)
else:
    extension = asyncio.run(module.comfy_entrypoint())
    nodes = {n.define_schema().node_id: n for n in asyncio.run(extension.get_node_list())}
    run = lambda key, **inputs: nodes[key].execute(**inputs)
(report,) = run("FaceFidelityAssess", image=image, **options)
told = "null"
if not hasattr(module, "NODE_CLASS_MAPPINGS"):
    pictures, mask, told = run(
        "FaceFidelityRestore", image=image, restorer="classical", settings="sharpen=0.1",
        policy="observe", upscale=2, only_center_face=False, **options)
    assert pictures.shape == (1, 1024, 1024, 3) and mask.shape == (1, 1024, 1024)
print(json.dumps([json.loads(report), json.loads(told), "facefidelity" in sys.modules]))
"""


@pytest.mark.parametrize("schema", ["V1", "V3"])
def test_a_cloned_node_runs_without_the_package_installed(
    schema: str, clone: Path, comfy_api: Path
) -> None:
    pytest.importorskip("torch", reason="needs torch (ComfyUI brings it)")
    pytest.importorskip("skimage", reason="needs scikit-image (extra: test)")
    assessed, told, installed = load(clone, RUN, *([comfy_api] if schema == "V3" else []))
    assert not installed
    assert set(assessed["scores"]) >= {"noise", "fidelity", "overall"}
    if schema == "V1":  # the other node is the same code behind the same class
        return
    assert told["decision"] == "REJECT"
    assert told["proposed"] is not None
    assert told["settings"]["sharpen"] == 0.1


def test_wrong_inputs_turn_the_node_red() -> None:
    torch = pytest.importorskip("torch", reason="needs torch (ComfyUI brings it)")
    from facefidelity.core.errors import InvalidInput, NotRegistered
    from facefidelity.plugin.adapters.comfyui import nodes

    image = torch.zeros(2, 64, 64, 3)
    with pytest.raises(InvalidInput, match="expected image as an IMAGE"):
        nodes.assess_faces(image[0], 0, aligned=True)
    with pytest.raises(InvalidInput, match="as many pictures"):
        nodes.guard_restoration(image, torch.zeros(3, 64, 64, 3), "balanced", aligned=True)
    with pytest.raises(InvalidInput, match=r"fidelity_weight=0\.7"):
        nodes._settings("fidelity_weight")
    with pytest.raises(NotRegistered, match="balanced"):
        nodes.guard_restoration(image, image, "balancd", aligned=True)


def test_no_face_is_told(guard_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="needs torch (ComfyUI brings it)")
    from facefidelity.plugin.adapters.comfyui import nodes

    empty = type("Nobody", (), {"name": "none", "detect": lambda self, image: []})()
    guard = guard_of(detector=empty)
    monkeypatch.setattr(nodes, "_guard", lambda *_: guard)
    image = torch.rand(1, 64, 64, 3)
    pictures, mask, report = nodes.guard_restoration(image, image, "balanced", aligned=False)
    assert json.loads(report) == {"path": "image 0", "face": None, "decision": None}
    assert torch.allclose(pictures, image, atol=1 / 255)
    assert float(mask.max()) == 0


def test_the_example_workflow_uses_the_nodes_as_they_are() -> None:
    from facefidelity.plugin.adapters.comfyui.schema import NODES

    path = ROOT / "examples" / "comfyui" / "workflow.json"
    workflow = json.loads(path.read_text(encoding="utf-8"))
    known = {node.id: node for node in NODES}
    placed = {node["id"]: node for node in workflow["nodes"]}
    assert set(IDS) <= {node["type"] for node in placed.values()}
    for node in placed.values():
        if node["type"] not in known:
            continue
        spec = known[node["type"]]
        sockets = [field.name for field in spec.inputs if field.kind == "IMAGE"]
        assert [one["name"] for one in node["inputs"]] == sockets
        assert [one["name"] for one in node["outputs"]] == [one.name for one in spec.outputs]
        widgets = [field for field in spec.inputs if field.kind != "IMAGE"]
        assert node["widgets_values"] == [field.default for field in widgets]
    for link, source, slot, target, socket, kind in workflow["links"]:
        output = placed[source]["outputs"][slot]
        assert output["type"] in (kind, "*")
        assert link in output["links"]
        assert placed[target]["inputs"][socket]["link"] == link


def test_no_node_of_the_example_hides_another() -> None:
    title = 30  # drawn above the position
    path = ROOT / "examples" / "comfyui" / "workflow.json"
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    boxes = [(*node["pos"], *node["size"]) for node in nodes]
    for index, (left, top, wide, high) in enumerate(boxes):
        for x, y, width, height in boxes[index + 1 :]:
            beside = x >= left + wide or left >= x + width
            assert beside or y - title >= top + high or top - title >= y + height


def test_the_registrys_metadata_is_there() -> None:
    tomllib = pytest.importorskip("tomllib", reason="came with Python 3.11")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["comfy"]["PublisherId"]
    assert project["tool"]["comfy"]["DisplayName"] == "Face Fidelity"
    # ComfyUI's manager installs a cloned node's packages from this file.
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted == project["project"]["dependencies"]
