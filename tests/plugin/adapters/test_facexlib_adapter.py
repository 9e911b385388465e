from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import InvalidInput, RestorerFailed
from facefidelity.guards.verdict import Decision, Reason
from facefidelity.plugin.adapters.facexlib import guard_restore_helper
from facefidelity.plugin.adapters.gfpgan import guard_gfpganer


def brighter(face: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(face, alpha=1.0, beta=40)


def prepared(helper: Any, picture: np.ndarray, faces: int = 1) -> Any:
    """The helper with crops; of two faces the second lies 60 px to the right of the first."""
    helper.clean_all()
    helper.read_image(picture)
    helper.get_face_landmarks_5()
    if faces == 2:
        helper.det_faces.append(helper.det_faces[0] + [60, 0, 60, 0, 0])
        helper.all_landmarks_5.append(helper.all_landmarks_5[0] + [60, 0])
    helper.align_warp_face()
    return helper


def test_without_the_guard_the_helper_is_as_it_was(
    face_helper: Any, guard_of: Any, whole_card: np.ndarray
) -> None:
    plain, guarded = face_helper(upscale=2), face_helper(upscale=2)
    handle = guard_restore_helper(guarded, guard_of())
    results = []
    for helper in (plain, guarded):
        prepared(helper, whole_card)
        helper.add_restored_face(brighter(helper.cropped_faces[0]))
        helper.get_inverse_affine(None)
        results.append(helper.paste_faces_to_input_image())
    assert np.array_equal(*results)
    handle.release()
    assert not {"add_restored_face", "clean_all"} & set(vars(guarded))
    prepared(guarded, whole_card).add_restored_face("anything")
    assert guarded.restored_faces == ["anything"]


def test_a_refused_neighbour_keeps_its_box(
    face_helper: Any, guard_of: Any, whole_card: np.ndarray, tmp_path: Path
) -> None:
    helper = face_helper(use_parse=False)
    handle = guard_restore_helper(helper, guard_of())
    prepared(helper, whole_card, faces=2)
    helper.add_restored_face(brighter(helper.cropped_faces[0]))
    helper.add_restored_face(helper.cropped_faces[1])  # did nothing: fails
    helper.get_inverse_affine(None)
    pasted = helper.paste_faces_to_input_image(save_path=str(tmp_path / "new" / "a.jpg"))
    assert [one.decision for one in handle.verdicts] == [Decision.ACCEPT, Decision.FAILED]
    x0, y0, x1, y1 = (round(value) for value in handle.faces[1].face.box)
    assert np.array_equal(pasted[y0:y1, x0:x1], whole_card[y0:y1, x0:x1])
    assert not np.array_equal(pasted, whole_card)
    assert np.array_equal(cv2.imread(str(tmp_path / "new" / "a.png")), pasted)
    assert len(helper.restored_faces) == len(helper.inverse_affine_matrices) == 2


def test_a_new_picture_forgets_the_verdicts(
    face_helper: Any, guard_of: Any, whole_card: np.ndarray
) -> None:
    helper = face_helper()
    handle = guard_restore_helper(helper, guard_of())
    prepared(helper, whole_card).add_restored_face(brighter(helper.cropped_faces[0]))
    assert len(handle.verdicts) == 1
    assert handle.faces[0].restoration is not None
    helper.clean_all()
    assert handle.verdicts == ()


def test_aligned_crops_have_no_place(face_helper: Any, guard_of: Any, card: np.ndarray) -> None:
    helper = face_helper()
    handle = guard_restore_helper(helper, guard_of())
    helper.clean_all()
    helper.cropped_faces = [card]
    helper.add_restored_face(brighter(card))
    assert handle.verdicts[0].decision is Decision.ACCEPT
    assert np.array_equal(helper.restored_faces[0], brighter(card))


def test_codeformers_further_argument_is_handed_on(card: np.ndarray, guard_of: Any) -> None:
    added = []
    helper = SimpleNamespace(
        cropped_faces=[card],
        restored_faces=[],
        affine_matrices=[],
        add_restored_face=lambda face, input_face=None: added.append(input_face),
        paste_faces_to_input_image=lambda: None,
        clean_all=lambda: None,
    )
    guard_restore_helper(helper, guard_of())
    helper.add_restored_face(brighter(card), "input")
    assert added == ["input"]


@pytest.mark.parametrize("broken", [np.zeros((512, 512, 3), np.uint8), np.zeros((9, 9), np.uint8)])
def test_what_is_no_restored_face_fails(
    face_helper: Any, guard_of: Any, whole_card: np.ndarray, broken: np.ndarray
) -> None:
    helper = face_helper()
    handle = guard_restore_helper(helper, guard_of())
    prepared(helper, whole_card).add_restored_face(broken)
    assert handle.verdicts[0].reasons == (Reason.RESTORER_OUTPUT_INVALID,)
    assert np.array_equal(helper.restored_faces[0], helper.cropped_faces[0])
    handle.release()
    guard_restore_helper(helper, guard_of(), on_failure="raise")
    with pytest.raises(RestorerFailed):
        prepared(helper, whole_card).add_restored_face(broken)


def test_wrong_use_is_told(face_helper: Any, guard_of: Any, whole_card: np.ndarray) -> None:
    with pytest.raises(InvalidInput, match="FaceRestoreHelper"):
        guard_restore_helper(object(), guard_of())
    helper = face_helper()
    guard_restore_helper(helper, guard_of())
    with pytest.raises(InvalidInput, match="release"):
        guard_restore_helper(helper, guard_of())
    existing = SimpleNamespace(
        gfpgan=None, face_helper=helper, upscale=1, bg_upsampler=None, device="cpu"
    )
    with pytest.raises(InvalidInput, match="release"):
        guard_gfpganer(existing, guard_of())
    prepared(helper, whole_card).add_restored_face(brighter(helper.cropped_faces[0]))
    with pytest.raises(InvalidInput, match="at most 1"):
        helper.add_restored_face(helper.cropped_faces[0])


def test_only_the_centre_face_leaves_one_row(
    face_helper: Any, guard_of: Any, whole_card: np.ndarray
) -> None:
    helper = face_helper()
    handle = guard_restore_helper(helper, guard_of())
    helper.read_image(whole_card)
    helper.get_face_landmarks_5(only_center_face=True)
    helper.align_warp_face()
    helper.add_restored_face(brighter(helper.cropped_faces[0]))
    assert handle.faces[0].face.box == (120.0, 110.0, 276.0, 280.0)
