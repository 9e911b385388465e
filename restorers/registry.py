"""Every restorer by name. To look one up loads no network, no torch and no cv2.

To add a restorer: one file in this folder, one line in the table below, one row in
``tests/restorers/test_contract.py``. Users add theirs with :func:`register_restorer`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, cast

from ..core.errors import InvalidInput, NotRegistered
from ..core.protocols import Restorer, RestorerInfo

__all__ = [
    "DEFAULT_RESTORER",
    "create_restorer",
    "is_shipped",
    "register_restorer",
    "restorer_aliases",
    "restorer_info",
    "restorer_names",
]

DEFAULT_RESTORER: Final = "realesrgan"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A restorer, as objects or as "module:attribute" below this package."""

    info: RestorerInfo | str
    factory: Callable[..., Restorer] | str


# name: (its RestorerInfo, its factory). The order is that of lists.
_entries: Mapping[str, _Entry] = MappingProxyType(
    {
        "realesrgan": _Entry("realesrgan:INFO", "realesrgan:RealESRGANRestorer"),
        "classical": _Entry("classical:INFO", "classical:ClassicalRestorer"),
        "gfpgan-1.4": _Entry("gfpgan:INFO_1_4", "gfpgan:create_1_4"),
        "gfpgan-1.3": _Entry("gfpgan:INFO_1_3", "gfpgan:create_1_3"),
        "restoreformer": _Entry("restoreformer:INFO", "restoreformer:create"),
        "spandrel": _Entry("spandrel:INFO", "spandrel:SpandrelRestorer"),
        "codeformer": _Entry("spandrel:INFO_CODEFORMER", "spandrel:create_codeformer"),
        "onnx": _Entry("onnx:INFO", "onnx:OnnxRestorer"),
        "gfpgan-1.4-onnx": _Entry("onnx:INFO_GFPGAN_1_4", "onnx:create_gfpgan_1_4"),
        "codeformer-onnx": _Entry("onnx:INFO_CODEFORMER", "onnx:create_codeformer"),
        "gpen-512-onnx": _Entry("onnx:INFO_GPEN_512", "onnx:create_gpen_512"),
        "gpen-256-onnx": _Entry("gpen_256:INFO", "gpen_256:create"),
        "identity": _Entry("identity:INFO", "identity:IdentityRestorer"),
    }
)

_ALIASES: Final[Mapping[str, str]] = MappingProxyType({"gfpgan": "gfpgan-1.4"})


def restorer_names() -> tuple[str, ...]:
    """Every registered name, without aliases, in the order of lists."""
    return tuple(_entries)


def restorer_aliases() -> Mapping[str, str]:
    """Short name to registered name."""
    return _ALIASES


def is_shipped(name: str) -> bool:
    """Whether every process knows a restorer, not only the one that registered it.

    Raises:
        NotRegistered: If the name is unknown; close matches are named.
    """
    return isinstance(_entry(name).factory, str)


def restorer_info(name: str) -> RestorerInfo:
    """What a restorer is; nothing heavy is loaded.

    Args:
        name: Registered name or alias.

    Raises:
        NotRegistered: If the name is unknown; close matches are named.
    """
    info = _entry(name).info
    return cast("RestorerInfo", _load(info)) if isinstance(info, str) else info


def create_restorer(name: str, *, trust: bool = False, **options: Any) -> Restorer:
    """Load a restorer.

    Args:
        name: Registered name or alias.
        trust: Whether the caller vouches for weights files that are named by path and whose
            hash is not registered; without it they are refused.
        **options: Options of its factory; every built-in one takes ``weights: Path | None``, those
            with networks also ``threads`` or ``device``. They never change what a restorer is.

    Raises:
        NotRegistered: If the name is unknown; close matches are named.
        InvalidInput: If its factory does not take an option.
        WeightsMissing: If its weights are not here; the message holds the line that brings them.
        UntrustedWeights: If they are of unknown source and nobody vouches for them.
        MissingExtra: If its packages are not installed.
        UnsupportedWeights: If its weights file is not what its loader reads.
    """
    factory = _entry(name).factory
    make = cast("Callable[..., Restorer]", _load(factory)) if isinstance(factory, str) else factory
    signature = inspect.signature(make)
    if trust and "trust" in signature.parameters:
        options["trust"] = True
    try:
        signature.bind(**options)
    except TypeError as error:
        raise InvalidInput(
            f"the restorer {name} takes the options {', '.join(signature.parameters) or 'none'}, "
            f"got {', '.join(options) or 'none'}"
        ) from error
    return make(**options)


def register_restorer(info: RestorerInfo, factory: Callable[..., Restorer]) -> None:
    """Add a restorer of your own for the life of this process.

    Args:
        info: What it is; ``info.name`` becomes its name.
        factory: Called by :func:`create_restorer` with the caller's options.

    Raises:
        InvalidInput: If the name is empty or taken, or the factory cannot be called. The registry
            is then as it was.
    """
    global _entries  # noqa: PLW0603 - the table is swapped whole, so readers never see half of it
    name = info.name
    if not name or name != name.strip():
        raise InvalidInput(f"expected a restorer's name without blanks around it, got {name!r}")
    if name in _entries or name in _ALIASES:
        raise InvalidInput(f"a restorer called {name!r} is registered already; choose another name")
    if not callable(factory):
        raise InvalidInput(f"expected a factory that can be called, got {type(factory).__name__}")
    _entries = MappingProxyType({**_entries, name: _Entry(info, factory)})


def _entry(name: str) -> _Entry:
    entries = _entries
    entry = entries.get(_ALIASES.get(name, name))
    if entry is None:
        raise NotRegistered("restorer", name, [*entries, *_ALIASES])
    return entry


def _load(reference: str) -> object:
    module, attribute = reference.split(":")
    loaded: object = getattr(import_module(f".{module}", __package__), attribute)
    return loaded
