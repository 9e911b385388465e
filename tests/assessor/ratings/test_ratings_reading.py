"""Raw ratings from CSV: both forms, hidden repeats, and complaints that name the line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facefidelity.assessor.benchmark.ratings import read_ratings
from facefidelity.core.errors import InvalidInput, NotRegistered


@pytest.fixture
def put(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "ratings.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_long_form_keeps_hidden_repeats(put):
    table = read_ratings(
        put(
            "session,rater,image,dimension,score\n"
            "1,ann,a.png,noise,4\n1,ann,b.png,noise,2\n1,bob,a.png,overall,5\n2,ann,a.png,noise,3\n"
        )
    )
    assert table.raters == ("ann", "bob")
    assert table.images == ("a.png", "b.png")
    assert table.heads == ("noise", "overall")
    cube = table.cube("noise")
    np.testing.assert_array_equal(
        cube, [[[4, 3], [2, np.nan]], [[np.nan, np.nan], [np.nan, np.nan]]]
    )
    np.testing.assert_array_equal(table.cube("overall")[:, :, 0], [[np.nan] * 2, [5, np.nan]])


def test_the_wide_form_says_the_same(put):
    long = read_ratings(
        put(
            "rater,image,dimension,score\nann,a.png,noise,4\nann,a.png,overall,5\nbob,b.png,noise,1"
        )
    )
    wide = read_ratings(
        put("Rater,image,camera,noise,overall\nann,a.png,north,4,5\nbob,b.png,south,1,\n")
    )
    assert (wide.raters, wide.images, wide.heads) == (long.raters, long.images, long.heads)
    for head in wide.heads:
        np.testing.assert_array_equal(wide.cube(head), long.cube(head))


def test_a_table_from_a_spreadsheet_is_read(put):
    table = read_ratings(put("\ufeffrater;image;dimension;score\r\nann;a.png;noise;4\r\n\r\n"))
    assert table.score.tolist() == [4.0]


HEADER = "rater,image,dimension,score\nann,a.png,noise,4\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEADER + "bob,a.png,noise,6\n", "line 3: expected noise as a number in 1..5, got '6'"),
        (HEADER + "bob,a.png,noise,nan\n", "line 3"),
        (HEADER + "bob,a.png,noise,good\n", "line 3"),
        (HEADER + "bob,a.png,noise\n", "line 3"),
        (HEADER + ",a.png,noise,3\n", "line 3: expected a rater"),
        (HEADER + "bob,,noise,3\n", "line 3: expected a image"),
        ("rater,image,dimension\nann,a.png,noise\n", "line 1: expected the columns rater"),
        ("rater,image\nann,a.png\n", "line 1: expected a column out of noise"),
        ("rater,image,noise\nann,a.png,\n", "found none"),
        ("rater,image,dimension,score\n", "found no row"),
        ("", "found no row"),
    ],
)
def test_wrong_lines_are_named(put, text, told):
    with pytest.raises(InvalidInput) as caught:
        read_ratings(put(text))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "rater,image,dimension,score\nann,a.png,sharpnes,4\n",
        "rater,image,sharpnes\nann,a.png,4\n",
    ],
)
def test_an_unknown_dimension_is_refused_with_the_close_one(put, text):
    with pytest.raises(NotRegistered, match=r"did you mean sharpness"):
        read_ratings(put(text))


def test_the_scale_is_declared(put):
    path = put("rater,image,dimension,score\nann,a.png,noise,61.5\n")
    assert read_ratings(path, "0-100").score.tolist() == [61.5]
    with pytest.raises(InvalidInput, match=r"is this the scale"):
        read_ratings(path, "1-5")
    with pytest.raises(NotRegistered):
        read_ratings(path, "1-7")


def test_a_missing_file_is_no_crash(tmp_path):
    with pytest.raises(InvalidInput):
        read_ratings(tmp_path / "none.csv")
