"""The catalogue of words is whole: every code has its words, no word lacks its code."""

from __future__ import annotations

from string import Formatter

import pytest

from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.guards import phrasebook
from facefidelity.guards.phrasebook import language_codes, load_phrases
from facefidelity.guards.risk import NEUTRAL_FEATURES, RISK_SIGNS
from facefidelity.guards.verdict import Decision, IdentityState, Reason

PLACEHOLDERS = {
    "sentence": {"decision", "reasons"},
    "sentence_mixture": {"decision", "mixture", "reasons"},
    "observed": {"decision", "proposed"},
    "observed_outcome": set(),
    "unnamed_mixture": set(),
    "with_numbers": {"words", "numbers"},
    "region_shape": {"region", "drift"},
    "region_colour": {"region", "drift"},
    "driver_raises": {"feature", "log_odds"},
    "driver_lowers": {"feature", "log_odds"},
    "accept_below": {"risk", "limit"},
    "refuse_below": {"risk", "limit"},
    "blend_below": {"risk", "limit"},
    "accept_never": {"reasons"},
    "under_accept": {"policy"},
    "under_blend": {"policy", "share"},
    "under_reject": {"policy"},
    "under_unmeasured": {"policy"},
}


def asked(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def leaves(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    if isinstance(value, dict):
        found: dict[tuple[str, ...], str] = {}
        for key, one in value.items():
            found |= leaves(one, (*path, key))
        return found
    return {path: "" if value is None else str(value)}


@pytest.mark.parametrize("language", language_codes())
def test_every_code_has_its_words_and_no_word_lacks_its_code(language):
    words = load_phrases(language)
    assert set(words.decision) == {decision.value for decision in Decision}
    assert set(words.identity) == {state.value for state in IdentityState}
    assert set(words.reason) == {reason.value for reason in Reason}
    assert set(words.feature) == set(RISK_SIGNS)
    assert set(words.phrase) == set(PLACEHOLDERS)


@pytest.mark.parametrize("language", language_codes())
def test_phrases_ask_for_what_the_code_hands_them(language):
    for key, text in load_phrases(language).phrase.items():
        assert asked(text) == PLACEHOLDERS[key], key


@pytest.mark.parametrize("language", language_codes())
def test_a_translation_asks_for_the_same_numbers_as_english(language):
    english, other = (leaves(load_phrases(name).model_dump()) for name in ("en", language))
    assert english.keys() == other.keys()
    for path, text in english.items():
        assert asked(text) == asked(other[path]), path


def test_words_are_words():
    for path, text in leaves(load_phrases().model_dump()).items():
        assert text == " ".join(text.split()), path
        assert text or path[-1] == "numbers", path


def test_every_feature_of_the_risk_has_a_neutral_value():
    assert set(NEUTRAL_FEATURES) == set(RISK_SIGNS)


def test_an_unknown_language_is_refused():
    with pytest.raises(NotRegistered, match="language"):
        load_phrases("tlh")


def test_a_file_that_is_no_catalogue_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(phrasebook, "_FOLDER", tmp_path)
    for number, text in enumerate(("[", "language: X", "\x00", "- 1")):
        (tmp_path / f"x{number}.yaml").write_text(text)
        with pytest.raises(InvalidInput, match="catalogue of words"):
            load_phrases(f"x{number}")
