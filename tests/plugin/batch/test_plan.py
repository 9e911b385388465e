"""Planning a batch: every named picture has a place or a problem, no input is a target."""

from __future__ import annotations

import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.batch.plan import plan_batch

SMALL = np.zeros((8, 8, 3), np.uint8)


def test_folders_keep_their_structure(put_picture, tmp_path) -> None:
    put_picture("in/a.png", SMALL)
    put_picture("in/deep/b.png", SMALL)
    plans = plan_batch([tmp_path / "in"], tmp_path / "out", ".jpg")
    targets = {plan.target.relative_to(tmp_path / "out").as_posix() for plan in plans}
    assert targets == {"a.jpg", "deep/b.jpg"}


def test_results_inside_the_input_folder_are_not_taken_again(put_picture, tmp_path) -> None:
    put_picture("in/a.png", SMALL)
    put_picture("in/out/a.png", SMALL)
    plans = plan_batch([tmp_path / "in"], tmp_path / "in" / "out")
    assert [plan.source.name for plan in plans] == ["a.png"]
    assert plans[0].problem is None


def test_a_named_file_is_never_dropped_and_never_overwritten(put_picture, tmp_path) -> None:
    one = put_picture("in/a.png", SMALL)
    two, three = put_picture("out/a.png", SMALL), put_picture("out/b.png", SMALL)
    plans = plan_batch([one, two, three], tmp_path / "out")
    assert [plan.source for plan in plans] == [one, two, three]
    assert all("is itself an input" in (plan.problem or "") for plan in plans)


def test_an_input_folder_below_the_output_is_planned(put_picture, tmp_path) -> None:
    put_picture("out/in/a.png", SMALL)
    (plan,) = plan_batch([tmp_path / "out" / "in"], tmp_path / "out")
    assert plan.problem is None
    assert plan.target == tmp_path / "out" / "a.png"


def test_missing_files_stay_in_the_plan(tmp_path) -> None:
    (plan,) = plan_batch([tmp_path / "none.png"], tmp_path / "out")
    assert plan.source.name == "none.png"


@pytest.mark.parametrize("wrong", ["input folder", "file"])
def test_an_output_that_cannot_be_one_is_refused(put_picture, tmp_path, wrong) -> None:
    picture = put_picture("in/a.png", SMALL)
    out = picture.parent if wrong == "input folder" else picture
    with pytest.raises(InvalidInput, match=r"folder"):
        plan_batch([picture.parent], out)
