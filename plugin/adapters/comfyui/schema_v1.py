"""The nodes as ComfyUI's V1 classes, for releases without ``comfy_api``."""

from __future__ import annotations

from typing import Any, Final

from .schema import CATEGORY, NODES, Field, Node

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]


def _input(field: Field) -> tuple[Any, dict[str, Any]]:
    told: dict[str, Any] = {"tooltip": field.tooltip}
    if field.default is not None:
        told["default"] = field.default
    if field.kind == "COMBO":
        return list(field.options), told
    if field.kind == "INT":
        told |= {"min": field.low, "max": field.high}
    return field.kind, told


def _node_class(node: Node) -> type:
    def input_types(cls: type) -> dict[str, Any]:
        del cls
        return {"required": {field.name: _input(field) for field in node.inputs}}

    def run(self: object, **inputs: Any) -> tuple[Any, ...]:
        del self
        return node.run(**inputs)

    return type(
        node.id,
        (),
        {
            "__doc__": node.summary,
            "INPUT_TYPES": classmethod(input_types),
            "RETURN_TYPES": tuple(output.kind for output in node.outputs),
            "RETURN_NAMES": tuple(output.name for output in node.outputs),
            "OUTPUT_TOOLTIPS": tuple(output.tooltip for output in node.outputs),
            "FUNCTION": "run",
            "CATEGORY": CATEGORY,
            "DESCRIPTION": node.summary,
            "run": run,
        },
    )


NODE_CLASS_MAPPINGS: Final = {node.id: _node_class(node) for node in NODES}
NODE_DISPLAY_NAME_MAPPINGS: Final = {node.id: node.title for node in NODES}
