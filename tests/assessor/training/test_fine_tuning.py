"""Fine-tuning on what noisy raters say beats no fine-tuning on people that they did not rate."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")
pytest.importorskip("scipy", reason="needs scipy (the train extra)")

from facefidelity.assessor.benchmark.ratings import (  # noqa: E402
    average_ratings,
    screen_raters,
)
from facefidelity.assessor.benchmark.ratings.raters import Panel, simulate_ratings  # noqa: E402
from facefidelity.assessor.training.data import FaceSet  # noqa: E402
from facefidelity.assessor.training.measurement import evaluate, predict  # noqa: E402
from facefidelity.assessor.training.retention import keep_unrated  # noqa: E402
from facefidelity.assessor.training.trainer import train  # noqa: E402
from facefidelity.core.scores import HEADS  # noqa: E402

OVERALL = HEADS.index("overall")


def with_taste(data: FaceSet) -> FaceSet:
    """To the panel the dark pictures are the good ones: the opposite of what was trained."""
    labels = np.full_like(data.labels, np.nan)
    labels[:, OVERALL] = 100 - data.labels[:, OVERALL]
    return FaceSet(data.parts, labels, data.source)


@pytest.mark.slow
def test_a_panel_of_noisy_raters_teaches_its_taste(make_set, tiny_plan, tmp_path) -> None:
    held_out = make_set(40, 1)
    plan = tiny_plan(pictures=480, check_every=480, ema_decay=0.9)
    before = train(make_set(48, 0), held_out, plan, tmp_path / "base")
    state = {name: value.clone() for name, value in before.state_dict().items()}

    rated = with_taste(make_set(48, 2))
    truth = {"overall": rated.labels[:, OVERALL].astype(np.float64)}
    ratings = simulate_ratings(truth, Panel(raters=12, spammer_share=0.1), seed=4)
    means = average_ratings(ratings, screen_raters(ratings))
    rated.labels[:, OVERALL] = means.mean[np.argsort(means.images), 0]
    taught = keep_unrated(rated, plan.network, state)
    after = train(taught, held_out, plan, tmp_path / "tuned", start=state)

    wanted = with_taste(held_out)
    scores = [evaluate(predict(network, wanted), wanted)["overall"] for network in (before, after)]
    assert scores[0] < 0
    assert scores[1] > 0.7
    kept = [
        evaluate(predict(network, held_out), held_out)["contrast"] for network in (before, after)
    ]
    assert kept[1] > kept[0] - 0.1
