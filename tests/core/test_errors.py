"""What every error promises: one root, useful parents, a message, and a way across processes."""

from __future__ import annotations

import pickle

import pytest

from facefidelity.core import errors


def made(name: str) -> errors.FaceFidelityError:
    kind = getattr(errors, name)
    if kind is errors.NotRegistered:
        return kind("policy", "balnced", ["strict", "balanced", "lenient"])
    if kind is errors.MissingExtra:
        return kind("the gfpgan restorer", "gfpgan")
    return kind("expected this, got that; do so")


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_has_the_one_root_and_survives_a_process_border(name):
    error = made(name)
    assert isinstance(error, errors.FaceFidelityError)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error) != ""


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("InvalidInput", ValueError),
        ("NotRegistered", LookupError),
        ("WeightsMissing", FileNotFoundError),
        ("DownloadFailed", OSError),
        ("MissingExtra", ImportError),
        ("RestorerTimedOut", errors.RestorerFailed),
        ("RestorerDidNothing", errors.RestorerFailed),
    ],
)
def test_errors_are_also_what_python_code_expects(name, parent):
    assert issubclass(getattr(errors, name), parent)


def test_an_unknown_name_is_answered_with_the_close_ones():
    assert str(made("NotRegistered")) == "no policy is called 'balnced'; did you mean balanced?"


def test_a_name_close_to_nothing_is_answered_with_all_of_them():
    text = str(errors.NotRegistered("policy", "zzz", ["strict", "balanced"]))
    assert text == "no policy is called 'zzz'; known: balanced, strict"


def test_a_missing_extra_names_the_line_that_installs_it():
    assert "pip install 'facefidelity[gfpgan]'" in str(made("MissingExtra"))
