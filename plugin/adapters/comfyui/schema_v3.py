"""The nodes in ComfyUI's V3 schema. The only place that imports ComfyUI, and only when asked."""

from __future__ import annotations

from typing import Any

from .schema import CATEGORY, NODES, Field, Node

__all__ = ["comfy_entrypoint"]


async def comfy_entrypoint() -> Any:
    """Answer ComfyUI's loader with the extension that lists the nodes."""
    from comfy_api.latest import ComfyExtension, io

    classes = [_node_class(node, io) for node in NODES]

    class FaceFidelityExtension(ComfyExtension):  # type: ignore[misc,unused-ignore]
        async def get_node_list(self) -> list[type]:
            return classes

    return FaceFidelityExtension()


def _input(field: Field, io: Any) -> Any:
    told: dict[str, Any] = {"tooltip": field.tooltip}
    if field.default is not None:
        told["default"] = field.default
    if field.kind == "COMBO":
        told["options"] = list(field.options)
    if field.kind == "INT":
        told |= {"min": field.low, "max": field.high}
    kinds = {
        "IMAGE": io.Image,
        "COMBO": io.Combo,
        "INT": io.Int,
        "BOOLEAN": io.Boolean,
        "STRING": io.String,
    }
    return kinds[field.kind].Input(field.name, **told)


def _node_class(node: Node, io: Any) -> type:
    outputs = {"IMAGE": io.Image, "MASK": io.Mask, "STRING": io.String}

    def define_schema(cls: type, /) -> Any:
        del cls
        return io.Schema(
            node_id=node.id,
            display_name=node.title,
            category=CATEGORY,
            description=node.summary,
            inputs=[_input(field, io) for field in node.inputs],
            outputs=[
                outputs[one.kind].Output(display_name=one.name, tooltip=one.tooltip)
                for one in node.outputs
            ],
        )

    def execute(cls: type, /, **inputs: Any) -> Any:
        del cls
        return io.NodeOutput(*node.run(**inputs))

    members = {
        "__doc__": node.summary,
        "define_schema": classmethod(define_schema),
        "execute": classmethod(execute),
    }
    return type(node.id, (io.ComfyNode,), members)
