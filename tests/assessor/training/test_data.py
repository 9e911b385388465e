"""Sets: reading across parts, passes, augmentation that keeps labels true, strangers, joining."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")

from facefidelity.assessor.training.data import FaceSet, join_sets  # noqa: E402
from facefidelity.core.errors import InvalidInput  # noqa: E402
from facefidelity.core.scores import HEADS  # noqa: E402

FIDELITY = HEADS.index("fidelity")


def numbered(count: int, first: int = 0) -> np.ndarray:
    """Pictures that hold their number in every pixel's red, and their row and column beside it."""
    images = np.zeros((count, 256, 256, 3), np.uint8)
    images[..., 0] = (first + np.arange(count))[:, None, None]
    images[..., 1] = np.arange(256)[:, None]
    images[..., 2] = np.arange(256)
    return images


def labelled(count: int) -> np.ndarray:
    """Labels that tell the row: 10 head + row, offset so that none is zero."""
    return (1 + np.arange(count)[:, None] / 4 + 10 * np.arange(6)).astype(np.float32)


def chain(count: int, **more) -> FaceSet:
    """Every odd picture was restored from the one before it."""
    rows = np.arange(count)
    return FaceSet([numbered(count)], labelled(count), rows - rows % 2, **more)


def numbers(planes: torch.Tensor) -> np.ndarray:
    return planes[:, 0, 128, 128].numpy().astype(int)


def test_rows_come_from_the_part_that_holds_them() -> None:
    parts = [numbered(3), numbered(1, 3), numbered(4, 4)]
    data = FaceSet(parts, labelled(8), np.arange(8))
    rows = np.array([7, 0, 3, 3, 2, 4])
    np.testing.assert_array_equal(data.pictures(rows), np.concatenate(parts)[rows])
    assert len(data) == 8


def test_memory_mapped_parts_are_never_written(tmp_path) -> None:
    np.save(tmp_path / "a.npy", numbered(6))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    data = FaceSet([mapped], labelled(6), np.arange(6))
    list(data.shuffled(4, np.random.default_rng(0)))
    np.testing.assert_array_equal(mapped, numbered(6))


def test_in_order_every_picture_has_its_true_source_and_label() -> None:
    data = chain(8)
    batches = list(data.batches(3))
    assert [len(batch.face) for batch in batches] == [3, 3, 2]
    face = np.concatenate([numbers(batch.face) for batch in batches])
    source = np.concatenate([numbers(batch.source) for batch in batches])
    target = torch.cat([batch.target for batch in batches]).numpy()
    np.testing.assert_array_equal(face, np.arange(8))
    np.testing.assert_array_equal(source, data.source)
    np.testing.assert_array_equal(target[:, :6], data.labels)
    np.testing.assert_array_equal(target[:, 6], data.labels[:, FIDELITY])


def test_a_pass_sees_every_picture_once_with_its_own_labels() -> None:
    data = chain(30)
    batches = list(data.shuffled(7, np.random.default_rng(3)))
    seen = np.concatenate([numbers(batch.face) for batch in batches])
    assert sorted(seen) == list(range(30))
    assert list(seen) != list(range(30))
    target = torch.cat([batch.target for batch in batches]).numpy()
    np.testing.assert_array_equal(target[:, :6], data.labels[seen])


def test_the_generator_decides_alone() -> None:
    def one_pass(seed: int) -> list[bytes]:
        drawn = chain(12).shuffled(5, np.random.default_rng(seed))
        return [batch.face.numpy().tobytes() + batch.source.numpy().tobytes() for batch in drawn]

    assert one_pass(1) == one_pass(1)
    assert one_pass(1) != one_pass(2)


def test_face_and_source_move_together() -> None:
    flipped, shifts = set(), set()
    for seed in range(12):
        for batch in chain(10).shuffled(5, np.random.default_rng(seed)):
            face, source = batch.face.numpy(), batch.source.numpy()
            np.testing.assert_array_equal(face[:, 1:], source[:, 1:])
            columns = face[:, 2, 128].astype(int)
            assert set(np.diff(columns[:, 8:-8]).ravel().tolist()) <= {1, -1}
            flipped |= set((columns[:, 8] > columns[:, -8]).tolist())
            shifts |= set((face[:, 1, 128, 0].astype(int) - 128).tolist())
    assert flipped == {True, False}
    assert shifts == set(range(-3, 4))


def strangers(data: FaceSet, passes: int = 16):
    for seed in range(passes):
        for batch in data.shuffled(8, np.random.default_rng(seed)):
            yield from zip(
                numbers(batch.face), numbers(batch.source), batch.target.numpy(), strict=True
            )


def test_a_strangers_picture_supports_nothing_and_only_then() -> None:
    data = chain(40)
    strange = 0
    for face, source, target in strangers(data):
        own = source == data.source[face]
        strange += not own
        assert target[6] == (data.labels[face, FIDELITY] if own else 0.0)
        assert target[FIDELITY] == data.labels[face, FIDELITY]
        if not own:
            assert source // 2 != face // 2
    assert 0.03 < strange / (16 * 40) < 0.10


def test_a_picture_of_the_same_person_is_no_stranger() -> None:
    people = np.array([f"person {i // 3}" for i in range(12)])
    data = chain(12, people=people)
    wrong = [
        (face, source)
        for face, source, _ in strangers(data)
        if source != data.source[face] and people[source] == people[face]
    ]
    assert wrong == []
    alone = chain(12, people=np.array(["one"] * 12))
    assert all(source == alone.source[face] for face, source, _ in strangers(alone))


def test_what_is_unknown_stays_unknown() -> None:
    data = chain(20)
    data.labels[:, FIDELITY] = np.nan
    data.labels[::2, 0] = np.nan
    for face, _, target in strangers(data, 6):
        assert np.isnan(target[FIDELITY])
        assert np.isnan(target[6])
        assert np.isnan(target[0]) == (face % 2 == 0)


def test_support_may_differ_from_fidelity() -> None:
    data = chain(4, supported=np.array([1, 2, np.nan, 4], np.float32))
    (batch,) = data.batches(8)
    np.testing.assert_array_equal(batch.target[:, 6].numpy(), [1, 2, np.nan, 4])


def test_joined_sets_keep_sources_people_and_support() -> None:
    named = chain(4, people=np.array(["ann", "ann", "ben", "ben"]))
    supported = chain(6, supported=np.full(6, 7, np.float32))
    both = join_sets([named, supported, named])
    np.testing.assert_array_equal(both.source, [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12])
    owners = both.owners()
    assert owners[0] == owners[10]  # ann is ann
    assert len({*owners[4:10]}) == 3
    assert not {*owners[4:10]} & {*owners[:4]}
    np.testing.assert_array_equal(both.fidelity_given_source()[4:10], 7)
    np.testing.assert_array_equal(both.fidelity_given_source()[:4], named.labels[:, FIDELITY])
    np.testing.assert_array_equal(both.pictures(np.array([5]))[0], numbered(6)[1])


def test_sets_that_do_not_fit_are_refused() -> None:
    images, labels, rows = numbered(2), labelled(2), np.arange(2)
    with pytest.raises(InvalidInput, match="2 rows of 6 labels"):
        FaceSet([images], labels[:1], rows)
    with pytest.raises(InvalidInput, match="2 sources"):
        FaceSet([images], labels, rows[:1])
    with pytest.raises(InvalidInput, match="256, 256"):
        FaceSet([images[:, :128]], labels, rows)
    with pytest.raises(InvalidInput, match="one outside"):
        FaceSet([images], labels, rows + 1)
    with pytest.raises(InvalidInput, match="at least one set"):
        join_sets([])
