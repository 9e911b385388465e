"""Ratings tables as people have them: presets, own columns, and everything that can be wrong."""

from __future__ import annotations

import json

import pytest

from facefidelity.assessor.benchmark.evaluation.datasets import read_ratings
from facefidelity.assessor.benchmark.evaluation.tables import PRESETS, find_preset
from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.core.scores import HEADS

SIM = find_preset("sfiqa-sim")


def put(folder, text, name="sfiqa_sim.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_our_own_layout(tmp_path):
    header = ",".join(
        ("file", "person", "sex", "camera", "source", "reference", *HEADS, "overall_ci")
    )
    put(tmp_path, f"{header}\na/1.png,7,female,c1,a/0.png,a/r.png,1,2,3,4,5,6,0.5\n")
    rated = read_ratings(tmp_path, SIM)
    (picture,) = rated.pictures
    assert rated.heads == HEADS
    assert list(picture.ratings.values()) == [1, 2, 3, 4, 5, 6]
    assert dict(picture.facts) == {"person": "7", "sex": "female", "camera": "c1"}
    assert picture.path == tmp_path / "a/1.png"
    assert (picture.source, picture.reference) == (tmp_path / "a/0.png", tmp_path / "a/r.png")
    assert dict(picture.half_widths) == {"overall": 0.5}


def test_gfiqa_layout(tmp_path):
    (tmp_path / "image").mkdir()
    put(tmp_path, "img_name,mos\n1.jpg,0.25\n", "mos_rating.csv")
    (picture,) = read_ratings(tmp_path, PRESETS["gfiqa-20k"]).pictures
    assert (picture.path, dict(picture.ratings)) == (tmp_path / "image/1.jpg", {"overall": 25.0})


def test_cgfiqa_layout(tmp_path):
    (tmp_path / "img").mkdir()
    put(tmp_path, json.dumps({"Image": ["a.png", "b.png"], "MOS": [0.5, 1.0]}), "label.json")
    pictures = read_ratings(tmp_path, PRESETS["cgfiqa-40k"]).pictures
    assert [dict(p.ratings) for p in pictures] == [{"overall": 50.0}, {"overall": 100.0}]
    assert pictures[0].path == tmp_path / "img/a.png"


def test_sfiqa_bench_layout_says_that_it_is_assumed(tmp_path):
    preset = PRESETS["sfiqa-bench"]
    put(tmp_path, "image,camera,noise,overall\nx.png,2,1,5\n", "mos.csv")
    (picture,) = read_ratings(tmp_path, preset).pictures
    assert dict(picture.ratings) == {"noise": 0.0, "overall": 100.0}
    assert "assumed" in preset.note


def test_own_columns_scale_and_direction(tmp_path):
    path = put(tmp_path, "pic;mos_noise;MOS;MOS_half\nx.png;1;4;0.2\n", "my.csv")
    columns = SIM.columns.override(
        {"file": "pic", "noise": "mos_noise", "overall": "MOS", "overall_ci": "MOS_half"},
        scale=(1.0, 5.0),
        lower_is_better=frozenset({"noise"}),
    )
    (picture,) = read_ratings(path, SIM, columns).pictures
    assert dict(picture.ratings) == {"noise": 100.0, "overall": 75.0}
    assert dict(picture.half_widths) == pytest.approx({"overall": 5.0})


def test_a_head_may_be_unrated_in_a_row(tmp_path):
    put(tmp_path, "file,noise,overall\na.png,10,\nb.png,,\n")
    rated = read_ratings(tmp_path, SIM)
    assert [dict(p.ratings) for p in rated.pictures] == [{"noise": 10.0}]
    assert [(p.line, p.file) for p in rated.problems] == [(3, "b.png")]


def test_a_head_that_nobody_rated_is_none_of_the_set(tmp_path):
    put(tmp_path, "file,noise,overall\na.png,10,\nb.png,20,\n")
    assert read_ratings(tmp_path, SIM).heads == ("noise",)


@pytest.mark.parametrize(
    "cell", ["nan", "inf", "-inf", "good", "1e999", "101", "-1", "3,5", "0x10"]
)
def test_a_cell_that_is_no_rating_is_named_and_the_rest_goes_on(tmp_path, cell):
    put(tmp_path, f'file,overall\na.png,"{cell}"\nb.png,50\n')
    rated = read_ratings(tmp_path, SIM)
    assert [p.name for p in rated.pictures] == ["b.png"]
    (problem,) = rated.problems
    assert (problem.line, problem.file) == (2, "a.png")
    assert problem.reason.startswith("expected ")
    assert "overall" in problem.reason


def test_rows_that_are_short_long_or_nameless(tmp_path):
    put(tmp_path, "file,overall\na.png\nb.png,50,7,8\n,60\n\nc.png,70\n")
    rated = read_ratings(tmp_path, SIM)
    assert [p.name for p in rated.pictures] == ["b.png", "c.png"]
    assert [p.line for p in rated.problems] == [2, 4]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found no row"),
        (b"file,overall\n", "found no row"),
        (b"\xff\xfe\x00\x01", "UTF-8"),
        (b'file,overall\n"a.png,50\n', "broken"),
        (b"file,overall\na.png," + b"9" * 200_000 + b"\n", "broken"),
        (b"file,overall,overall\na,1,2\n", "overall twice"),
        (b"picture,overall\na.png,1\n", "file=file"),
        (b"file,quality\na.png,1\n", "at least one head"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, content, told):
    with pytest.raises(InvalidInput, match=told) as caught:
        read_ratings(put(tmp_path, content), SIM)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["[1]", "{", '{"Image": ["a"], "MOS": []}', '{"Image": 3}'])
def test_json_that_is_no_table_is_refused(tmp_path, content):
    with pytest.raises(InvalidInput, match="equally long lists"):
        read_ratings(put(tmp_path, content, "label.json"), PRESETS["cgfiqa-40k"])


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path):
    path = put(tmp_path, b"\xef\xbb\xbffile,overall\r\na.png,1\r\n")
    assert [p.name for p in read_ratings(path, SIM).pictures] == ["a.png"]


def test_a_folder_needs_one_table(tmp_path):
    with pytest.raises(InvalidInput, match="found none"):
        read_ratings(tmp_path, SIM)
    put(tmp_path, "file,overall\na.png,1\n", "one.csv")
    assert len(read_ratings(tmp_path, SIM).pictures) == 1
    put(tmp_path, "file,overall\na.png,1\n", "two.csv")
    with pytest.raises(InvalidInput, match="2 CSV files"):
        read_ratings(tmp_path, SIM)
    with pytest.raises(InvalidInput, match="found nothing"):
        read_ratings(tmp_path / "absent", SIM)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"beauty": "x"}},
        {"columns": {"beauty_ci": "x"}},
        {"scale": (5.0, 1.0)},
        {"scale": (0.0, float("nan"))},
        {"lower_is_better": frozenset({"beauty"})},
    ],
)
def test_columns_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidInput, match="expected"):
        SIM.columns.override(**wrong)


def test_a_column_that_was_asked_for_must_be_there(tmp_path):
    path = put(tmp_path, "file,overall\na.png,1\n")
    with pytest.raises(InvalidInput, match="person=who"):
        read_ratings(path, SIM, SIM.columns.override({"person": "who"}))


def test_an_unknown_preset_names_the_close_ones():
    with pytest.raises(NotRegistered, match="gfiqa-20k"):
        find_preset("gfiqa20k")
