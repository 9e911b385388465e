"""The overrides file: whole or not at all, one decision a face, every complaint with its line."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facefidelity.core.errors import InvalidInput
from facefidelity.guards.verdict import Decision
from facefidelity.plugin.review.overrides import Override
from facefidelity.plugin.review.overrides_file import (
    OverrideBook,
    keep_override,
    read_overrides,
    withdraw_override,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(note=TEXT, who=TEXT, path=TEXT, share=st.floats(0.01, 0.99))
def test_a_line_keeps_every_word(tmp_path_factory, note, who, path, share):
    file = tmp_path_factory.mktemp("o") / "overrides.jsonl"
    said = Override(
        input_sha256="b" * 64,
        path=path,
        face=3,
        box=(0, 0, 5, 5),
        restorer="classical",
        guard=Decision.ACCEPT,
        decision=Decision.BLEND,
        share=share,
        note=note,
        who=who,
    )
    keep_override(file, said)
    assert file.read_text("utf-8").count("\n") == 1
    assert list(read_overrides(file).values()) == [said]


def test_the_last_word_counts_and_can_be_taken_back(tmp_path, make_override):
    file = tmp_path / "sub" / "overrides.jsonl"
    first, second = make_override(), make_override(Decision.REJECT)
    other = make_override(face=1)
    keep_override(file, first)
    keep_override(file, other)
    book = keep_override(file, second)
    assert dict(book) == {second.place: second, other.place: other}
    assert dict(read_overrides(file)) == dict(book)
    assert dict(withdraw_override(file, second.place)) == {other.place: other}
    assert book.of_picture(first.input_sha256) == (second, other)
    assert book.of_picture("c" * 64) == ()


def test_many_at_once_lose_nothing(tmp_path, make_override):
    file = tmp_path / "overrides.jsonl"
    jobs = [
        threading.Thread(target=keep_override, args=(file, make_override(face=number)))
        for number in range(12)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert {place.face for place in read_overrides(file)} == set(range(12))


def test_a_wrong_line_is_named_and_the_file_stays(tmp_path, make_override):
    file = tmp_path / "overrides.jsonl"
    keep_override(file, make_override())
    broken = file.read_text() + '\n{"face": 1}\n'
    file.write_text(broken)
    with pytest.raises(InvalidInput, match=r"overrides\.jsonl line 3: expected an override"):
        read_overrides(file)
    with pytest.raises(InvalidInput):
        keep_override(file, make_override(face=5))
    assert file.read_text() == broken


def test_a_face_decided_twice_is_refused(tmp_path, make_override):
    file = tmp_path / "overrides.jsonl"
    keep_override(file, make_override())
    file.write_text(file.read_text() * 2)
    with pytest.raises(InvalidInput, match="two for face 0 of in/a.png"):
        read_overrides(file)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b"null", b"not json"])
def test_what_is_no_overrides_file_is_named(tmp_path, content):
    file = tmp_path / "overrides.jsonl"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"overrides\.jsonl"):
        read_overrides(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidInput, match="nowhere"):
        read_overrides(tmp_path / "nowhere.jsonl")


def test_an_empty_book_holds_nothing():
    assert len(OverrideBook()) == 0
