"""Which restorers and settings compete for a face.

On the command line: ``realesrgan:input_size=64|128,classical``. Restorers are parted by commas;
behind a colon come settings, parted by semicolons; several values of a setting, parted by bars,
make a grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from ..core.errors import InvalidInput
from ..core.protocols import Restorer
from ..restorers.registry import create_restorer, restorer_info
from ..restorers.settings import parse_settings
from ..restorers.weights_file import require_trusted_files

__all__ = ["MAX_CANDIDATES", "Candidate", "CandidateSpec", "make_candidates", "parse_candidates"]

MAX_CANDIDATES: Final = 64
"""More than this for one face is taken for a slip in a grid."""

_SYNTAX: Final = '"realesrgan:input_size=64|128,classical"'

CandidateSpec: TypeAlias = "str | Restorer | tuple[str | Restorer, Mapping[str, Any]]"
"""A restorer, by name or as an object, alone or with its settings; a list of values is a grid."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One restorer with one choice of settings.

    Attributes:
        restorer: Who restores.
        settings: An instance of its settings.
    """

    restorer: Restorer
    settings: BaseModel

    @property
    def name(self) -> str:
        """Name of the restorer."""
        return self.restorer.info.name

    @property
    def plain_settings(self) -> dict[str, Any]:
        """Every setting as plain data."""
        return self.settings.model_dump(mode="json")

    @property
    def label(self) -> str:
        """The restorer and the settings that were named, for people."""
        named = self.settings.model_dump(mode="json", exclude_unset=True)
        words = ", ".join(f"{name}={value}" for name, value in named.items())
        return f"{self.name} ({words})" if words else self.name


def parse_candidates(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    """Read the command line's syntax.

    Returns:
        (restorer, setting to its values) in the order of the text.

    Raises:
        InvalidInput: If it is not that syntax.
    """
    return [_parse_entry(entry.strip(), text) for entry in text.split(",")]


def make_candidates(
    specs: str | Iterable[CandidateSpec], *, trust: bool = False
) -> tuple[Candidate, ...]:
    """Load every restorer once and spread the grids.

    Args:
        specs: Text of the command line's syntax, or a sequence of restorers.
        trust: Whether the caller vouches for weights files of unknown source.

    Returns:
        At least one candidate, in the order given; of a grid the last setting turns fastest.

    Raises:
        InvalidInput: If there is none, one comes twice, there are more than `MAX_CANDIDATES`, or
            a setting is wrong.
        NotRegistered: If a restorer is unknown.
        WeightsMissing: If a restorer's weights are not here; likewise MissingExtra.
        UntrustedWeights: If a file is of unknown source and nobody vouches for it.
    """
    loaded: dict[str, Restorer] = {}
    candidates: list[Candidate] = []
    for given, settings in _entries(specs):
        restorer = given
        if isinstance(restorer, str):
            name = restorer_info(restorer).name
            restorer = loaded.get(name) or create_restorer(name, trust=trust)
            loaded[name] = restorer
        for chosen in _spread(settings, len(candidates)):
            candidate = Candidate(restorer, parse_settings(restorer.info, chosen))
            if isinstance(given, str):
                require_trusted_files(candidate.settings, trust)
            if candidate in candidates:
                raise InvalidInput(f"expected each candidate once, got {candidate.label} twice")
            candidates.append(candidate)
    if not candidates:
        raise InvalidInput(f"expected at least one candidate such as {_SYNTAX}, got none")
    return tuple(candidates)


def _entries(
    specs: str | Iterable[CandidateSpec],
) -> Iterator[tuple[str | Restorer, Mapping[str, Any]]]:
    for spec in [specs] if isinstance(specs, str) else specs:
        if isinstance(spec, str):
            yield from parse_candidates(spec)
        elif isinstance(spec, tuple):
            yield spec
        else:
            yield spec, {}


def _parse_entry(entry: str, text: str) -> tuple[str, dict[str, list[str]]]:
    name, colon, rest = entry.partition(":")
    settings: dict[str, list[str]] = {}
    for word in rest.split(";") if colon else ():
        key, sign, values = word.partition("=")
        key = key.strip()
        if not (key and sign) or key in settings:
            raise _misspelt(text)
        settings[key] = [value.strip() for value in values.split("|")]
    if not name.strip():
        raise _misspelt(text)
    return name.strip(), settings


def _misspelt(text: str) -> InvalidInput:
    return InvalidInput(f"expected candidates such as {_SYNTAX}, got {text!r:.80}")


def _spread(settings: Mapping[str, Any], already: int) -> Iterator[dict[str, Any]]:
    """Every combination of the values."""
    choices: Sequence[Sequence[Any]] = [
        value if isinstance(value, (list, tuple)) else [value] for value in settings.values()
    ]
    total = already
    for combination in product(*choices):
        total += 1
        if total > MAX_CANDIDATES:
            raise InvalidInput(
                f"expected at most {MAX_CANDIDATES} candidates for a face, got more; "
                "make the grid smaller"
            )
        yield dict(zip(settings, combination, strict=True))
