"""Head calibration: order stays, a known distortion is undone, doubt keeps the scores."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facefidelity.assessor.benchmark.ratings import average_ratings, screen_raters
from facefidelity.assessor.benchmark.ratings.raters import Panel, simulate_ratings
from facefidelity.assessor.calibration import HeadMap, MonotoneMap, load_calibration
from facefidelity.assessor.calibration_fit import LEAST_PICTURES, MAX_KNOTS, calibrate_heads
from facefidelity.assessor.runtime import Assessor
from facefidelity.core.errors import InvalidInput, NotRegistered, WriteFailed
from facefidelity.core.scores import HEADS

pytest.importorskip("scipy", reason="needs scipy (the bench extra)")

NAME = "sfiqa-assessor-test"
OVERALL = HEADS.index("overall")


def fit(x, y, head: str = "overall") -> HeadMap:
    """Fit one head."""
    predicted, rated = np.full((len(x), 6), 50.0), np.full((len(x), 6), np.nan)
    known = np.zeros((len(x), 6), bool)
    column = HEADS.index(head)
    predicted[:, column], rated[:, column], known[:, column] = x, y, True
    fitted = calibrate_heads(predicted, rated, known, assessor=NAME)
    assert list(fitted.heads) == [head]
    return fitted.heads[head]


def rmse(a, b) -> float:
    return float(np.sqrt(np.mean((np.asarray(a) - np.asarray(b)) ** 2)))


def bend(x):
    """A monotone distortion: people spread the bad end and press the good one together."""
    return 100 * (np.asarray(x) / 100) ** 1.8


def line(x):
    return 20 + 0.6 * np.asarray(x)


POINT = st.floats(0, 100).map(lambda v: round(v, 2))
PAIRS = st.lists(st.tuples(POINT, POINT), min_size=LEAST_PICTURES, max_size=40)


@settings(max_examples=40, deadline=None)
@given(PAIRS, st.lists(POINT, min_size=2, max_size=30))
def test_no_rank_is_ever_inverted(pairs, asked):
    x, y = np.array(pairs).T
    found = fit(x, y)
    low, high = found.apply(0.0), found.apply(100.0)
    ordered = found.apply(np.sort(asked))
    assert np.all(np.diff(ordered) >= 0)
    assert 0 <= low <= ordered[0] <= ordered[-1] <= high <= 100
    assert len(found.x) <= MAX_KNOTS


def test_different_scores_stay_different():
    x = np.repeat([20.0, 40.0, 60.0, 80.0], 10)
    y = np.repeat([30.0, 30.0, 70.0, 70.0], 10)
    found = fit(x, y)
    assert found.method == "curve"
    assert np.all(np.diff(found.apply(np.linspace(0, 100, 501))) > 0.001)


@pytest.mark.parametrize("truth", [bend, line])
def test_sixty_rated_pictures_undo_a_distortion(truth):
    rng = np.random.default_rng(4)
    predicted = rng.uniform(5, 95, 60)
    ratings = simulate_ratings({"overall": truth(predicted)}, Panel(spammer_share=0.05), seed=4)
    mos = average_ratings(ratings, screen_raters(ratings)).mean[:, 0]
    found = fit(predicted, mos)
    assert found.method != "identity"
    assert found.rmse_after < 0.5 * found.rmse_before
    fresh = rng.uniform(5, 95, 500)
    assert rmse(found.apply(fresh), truth(fresh)) < 0.4 * rmse(fresh, truth(fresh))
    order = np.argsort(fresh)
    np.testing.assert_array_equal(np.argsort(found.apply(fresh)), order)


@pytest.mark.parametrize("seed", range(6))
def test_right_scores_are_left_alone(seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(5, 95, 60)
    found = fit(x, np.clip(x + rng.normal(0, 6, 60), 0, 100))
    assert found.method == "identity"
    np.testing.assert_array_equal(found.apply(x), x)
    assert "standard error" in found.note


def test_few_ratings_take_less_shape_than_many():
    shape = {"identity": 0, "line": 1, "curve": 2}
    few, many = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        for count, into in ((14, few), (300, many)):
            x = rng.uniform(5, 95, count)
            y = np.clip(bend(x) + rng.normal(0, 12, count), 0, 100)
            into.append(shape[fit(x, y).method])
    assert set(many) == {2}
    assert sum(few) < sum(many)


def test_too_few_pictures_keep_the_scores_and_say_so():
    predicted = np.tile(np.linspace(10, 90, 30)[:, None], (1, 6))
    rated = bend(predicted)
    known = np.zeros((30, 6), bool)
    known[:, OVERALL] = True
    known[: LEAST_PICTURES - 1, 0] = True
    fitted = calibrate_heads(predicted, rated, known, assessor=NAME)
    assert list(fitted.heads) == ["noise", "overall"]
    assert fitted.heads["noise"].method == "identity"
    assert "fewer than 10" in fitted.heads["noise"].note
    assert fitted.heads["overall"].method == "curve"
    known[:, OVERALL] = False
    with pytest.raises(InvalidInput, match=r"at least 10 rated pictures"):
        calibrate_heads(predicted, rated, known, assessor=NAME)


@pytest.mark.parametrize("y", [np.linspace(90, 10, 30), np.full(30, 40.0)])
def test_ratings_that_do_not_follow_the_head_keep_the_scores(y):
    found = fit(np.linspace(10, 90, 30), y)
    assert found.method == "identity"
    assert "rise together" in found.note


def test_wrong_arrays_are_refused():
    good, known = np.full((12, 6), 50.0), np.ones((12, 6), bool)
    for predicted, rated in (
        (good[:, :5], good),
        (good, good + 60),
        (np.full((12, 6), np.nan), good),
    ):
        with pytest.raises(InvalidInput):
            calibrate_heads(predicted, rated, known, assessor=NAME)


@pytest.fixture(scope="module")
def fitted() -> MonotoneMap:
    rng = np.random.default_rng(6)
    predicted = rng.uniform(0, 100, (80, 6))
    known = np.tile(np.arange(6) < 4, (80, 1))
    return calibrate_heads(predicted, bend(predicted), known, assessor=NAME)


def test_the_same_input_gives_the_same_map(fitted):
    rng = np.random.default_rng(6)
    predicted = rng.uniform(0, 100, (80, 6))
    again = calibrate_heads(
        predicted, bend(predicted), np.tile(np.arange(6) < 4, (80, 1)), assessor=NAME
    )
    assert again.to_json() == fitted.to_json()


def test_it_is_saved_and_read_whole(fitted, tmp_path):
    path = tmp_path / "new" / "calibration.json"
    fitted.save(path)
    again = load_calibration(path)
    assert again == fitted
    assert again.sha256 == fitted.sha256
    assert [p.name for p in path.parent.iterdir()] == ["calibration.json"]
    scores = np.random.default_rng(0).uniform(0, 100, (5, 6))
    np.testing.assert_array_equal(again.apply(scores), fitted.apply(scores))
    np.testing.assert_array_equal(fitted.apply(scores)[:, 4:], scores[:, 4:])
    (tmp_path / "taken").write_text("")
    with pytest.raises(WriteFailed):
        fitted.save(tmp_path / "taken" / "calibration.json")


def spoil(content, **changes):
    return {**content, **changes}


@pytest.mark.parametrize(
    "change",
    [
        lambda c: spoil(c, version=2),
        lambda c: spoil(c, format="other"),
        lambda c: spoil(c, heads=[]),
        lambda c: spoil(c, heads={"noise": {"x": [0, 100]}}),
        lambda c: spoil(c, heads={"noise": {**c["heads"]["noise"], "y": [9, 5], "x": [0, 100]}}),
        lambda c: spoil(c, heads={"noise": {**c["heads"]["noise"], "y": [0, 90], "x": [5, 100]}}),
        lambda c: spoil(c, heads={"noise": {**c["heads"]["noise"], "y": [0, 101], "x": [0, 100]}}),
        lambda c: [c],
    ],
)
def test_a_spoilt_file_is_refused(fitted, tmp_path, change):
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(change(json.loads(fitted.to_json()))))
    with pytest.raises(InvalidInput, match=str(path.name)):
        load_calibration(path)


def test_other_wrong_files_are_refused(fitted, tmp_path):
    with pytest.raises(InvalidInput):
        load_calibration(tmp_path / "none.json")
    (tmp_path / "cut.json").write_text(fitted.to_json()[:200])
    with pytest.raises(InvalidInput):
        load_calibration(tmp_path / "cut.json")
    with pytest.raises(NotRegistered, match=r"sharpness"):
        MonotoneMap(NAME, {"sharpnes": fitted.heads["sharpness"]})
    with pytest.raises(InvalidInput):
        fitted.apply([50.0] * 5)


def test_the_assessor_applies_it_and_says_so_in_its_name(astronaut_face, tmp_path):
    plain = Assessor(threads=1)
    head = HeadMap((0.0, 100.0), (10.0, 60.0), "line", "made up", 20, 9.0, 5.0, 0.9)
    calibration = MonotoneMap(plain.name, {"sharpness": head})
    calibration.save(tmp_path / "calibration.json")
    for given_as in (calibration, tmp_path / "calibration.json"):
        bent = Assessor(threads=1, calibration=given_as)
        assert bent.name == f"{plain.name}+cal-{calibration.sha256[:8]}"
        before = plain.score(astronaut_face.pixels).as_dict()
        after = bent.score(astronaut_face.pixels).as_dict()
        assert after["sharpness"] == pytest.approx(10 + before["sharpness"] / 2, abs=0.02)
        assert {**after, "sharpness": 0} == {**before, "sharpness": 0}
    with pytest.raises(InvalidInput, match=r"expected a calibration of sfiqa-assessor-"):
        Assessor(threads=1, calibration=MonotoneMap("sfiqa-assessor-00000000", {}))


def test_applying_needs_no_scipy():
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "from facefidelity.assessor.calibration import HeadMap, MonotoneMap\n"
        "m = HeadMap((0., 100.), (0., 50.), 'line', '', 9, 1., 1., None)\n"
        "print(MonotoneMap('a', {'noise': m}).apply([50.] * 6)[0])\n"
        "from facefidelity.assessor.calibration_fit import calibrate_heads\n"
        "import numpy as np\n"
        "a = np.full((12, 6), 5.)\n"
        "try: calibrate_heads(a, a, a > 0, assessor='a')\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "25.0"
    assert "facefidelity[bench]" in done.stdout
