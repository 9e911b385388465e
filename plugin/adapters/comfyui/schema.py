"""What the nodes are, said once: both of ComfyUI's schemas are made from these.

Nothing of ComfyUI is imported, and nothing heavy: a node loads its parts when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ....guards.policy import policy_names
from ....restorers.registry import DEFAULT_RESTORER, restorer_info, restorer_names
from . import nodes

__all__ = ["CATEGORY", "NODES", "Field", "Node", "Output"]

CATEGORY: Final = "image/face fidelity"

Kind: TypeAlias = Literal["IMAGE", "COMBO", "INT", "BOOLEAN", "STRING"]


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a node.

    Attributes:
        name: Its id, and the name of the argument.
        kind: ComfyUI's type.
        tooltip: One line for people.
        default: Its value when untouched; None for a picture.
        options: What a COMBO offers.
        low: Least INT.
        high: Largest INT.
    """

    name: str
    kind: Kind
    tooltip: str
    default: Any = None
    options: tuple[str, ...] = ()
    low: int = 0
    high: int = 8192


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a node: its name, ComfyUI's type, and one line for people."""

    name: str
    kind: Literal["IMAGE", "MASK", "STRING"]
    tooltip: str


@dataclass(frozen=True, slots=True)
class Node:
    """One node.

    Attributes:
        id: Its identity in workflows; never changed.
        title: What people see.
        summary: What it does.
        inputs: In order.
        outputs: In the order of the tuple that `run` returns.
        run: Called with the inputs by name.
    """

    id: str
    title: str
    summary: str
    inputs: tuple[Field, ...]
    outputs: tuple[Output, ...]
    run: Callable[..., tuple[Any, ...]]


_RESTORERS: Final = tuple(name for name in restorer_names() if restorer_info(name).kind != "test")
_POLICY: Final = Field(
    "policy", "COMBO", "How much risk to the person is allowed", "balanced", policy_names()
)
_ALIGNED: Final = Field(
    "aligned", "BOOLEAN", "Each picture already is one face in the FFHQ frame", False
)
_MIN_FACE: Final = Field(
    "min_face_px", "INT", "Narrower faces are left alone and named in the report", 0
)
_GUARDED: Final = (
    Output("image", "IMAGE", "What the guard delivers; refused faces as they were"),
    Output("blend", "MASK", "Share of the restoration that every pixel got, 0..1"),
    Output("report", "STRING", "One JSON line a face: decision, reasons and every number"),
)

NODES: Final = (
    Node(
        "FaceFidelityRestore",
        "Restore faces (guarded)",
        "Restores every face, judges what that did to quality and identity, and delivers, blends "
        "or refuses each.",
        (
            Field("image", "IMAGE", "Pictures"),
            Field("restorer", "COMBO", "Who restores", DEFAULT_RESTORER, _RESTORERS),
            Field(
                "settings", "STRING", "The restorer's settings: fidelity_weight=0.7, other=2", ""
            ),
            _POLICY,
            Field("upscale", "INT", "Factor by which the picture grows", 1, low=1, high=8),
            _MIN_FACE,
            Field("only_center_face", "BOOLEAN", "Only the face nearest to the centre", False),
            _ALIGNED,
        ),
        _GUARDED,
        nodes.restore_faces,
    ),
    Node(
        "FaceFidelityGuard",
        "Guard a restoration",
        "Judges a restoration made by any other node against its input, face by face.",
        (
            Field("before", "IMAGE", "The pictures that went into the restorer"),
            Field("after", "IMAGE", "What came out, the same view at any scale"),
            _POLICY,
            _ALIGNED,
        ),
        _GUARDED,
        nodes.guard_restoration,
    ),
    Node(
        "FaceFidelityAssess",
        "Assess faces",
        "Six quality scores a face, 0..100, higher is better; nothing is changed.",
        (Field("image", "IMAGE", "Pictures"), _MIN_FACE, _ALIGNED),
        (Output("report", "STRING", "One JSON line a face"),),
        nodes.assess_faces,
    ),
)
"""Every node, in the order of menus."""
