"""The catalogue of words: what reasons, states and numbers are called in one language.

One YAML file a language in `phrases`. Code names a phrase and hands it numbers; it never writes
a sentence of its own.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.errors import InvalidInput, NotRegistered

__all__ = ["Phrasebook", "language_codes", "load_phrases"]

_FOLDER = Path(__file__).parent / "phrases"
_CLOSED = ConfigDict(frozen=True, extra="forbid")


class DecisionWords(BaseModel):
    """A decision: on its badge, what it means, and what became of the face."""

    model_config = _CLOSED
    label: str
    meaning: str
    outcome: str


class IdentityWords(BaseModel):
    """A state of identity: its name and what it means."""

    model_config = _CLOSED
    title: str
    meaning: str


class ReasonWords(BaseModel):
    """A reason: its words, and the numbers behind it where there are measurements."""

    model_config = _CLOSED
    words: str
    numbers: str | None = None


class FeatureWords(BaseModel):
    """A feature of the risk model: its words where it raises the risk, and where it lowers it."""

    model_config = _CLOSED
    raises: str
    lowers: str


class Phrasebook(BaseModel):
    """All words of one language, by the codes of `verdict` and the features of `risk`."""

    model_config = _CLOSED
    language: str
    decision: dict[str, DecisionWords]
    identity: dict[str, IdentityWords]
    reason: dict[str, ReasonWords]
    feature: dict[str, FeatureWords]
    region: dict[str, str]
    phrase: dict[str, str]

    def say(self, key: str, **values: str) -> str:
        """Fill one phrase; every value is a word or a number that was written already."""
        return self.phrase[key].format(**values)


def language_codes() -> tuple[str, ...]:
    """Codes of the shipped languages, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@lru_cache(maxsize=8)
def load_phrases(language: str = "en") -> Phrasebook:
    """Load the words of one language.

    Raises:
        NotRegistered: If the language is not shipped.
        InvalidInput: If its file is not a catalogue.
    """
    if language not in language_codes():
        raise NotRegistered("language", language, language_codes())
    path = _FOLDER / f"{language}.yaml"
    try:
        return Phrasebook.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        told = " ".join(str(error).split())
        raise InvalidInput(f"expected a catalogue of words in {path}, got: {told}") from error
