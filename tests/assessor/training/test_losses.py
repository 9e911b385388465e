"""The loss: least at the truth, blind to what nobody rated, finite where nothing varies."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")

from facefidelity.assessor.training.losses import assessor_loss  # noqa: E402


def labels(count: int = 16, heads: int = 7, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, heads, generator=torch.Generator().manual_seed(seed)) * 100


def test_it_is_least_at_the_truth_and_prefers_order_and_line() -> None:
    target = labels()
    best = float(assessor_loss(target, target))
    assert best < 0.05
    for worse in (target + 20, target.flip(0), 100 - target, target * 0.2, target * 0 + 50):
        assert float(assessor_loss(worse, target)) > best + 0.05
    assert float(assessor_loss(100 - target, target)) > float(assessor_loss(target + 20, target))


def test_what_nobody_rated_pulls_nowhere() -> None:
    target, predicted = labels(), labels(seed=1).requires_grad_()
    target[:, 2] = torch.nan
    target[::3, 5] = torch.nan
    loss = assessor_loss(predicted, target)
    loss.backward()
    assert torch.isfinite(loss)
    assert not predicted.grad[:, 2].any()
    assert not predicted.grad[::3, 5].any()
    assert predicted.grad[1::3, 5].all()
    assert predicted.grad[:, [0, 1, 3, 4, 6]].any(dim=0).all()


def test_what_is_predicted_where_nothing_is_rated_changes_nothing() -> None:
    target, one = labels(), labels(seed=1)
    target[::2, 3] = torch.nan
    other = one.clone()
    other[::2, 3] = 1e4
    assert float(assessor_loss(one, target)) == pytest.approx(
        float(assessor_loss(other, target)), abs=1e-5
    )


@pytest.mark.parametrize("count", [1, 2, 16])
def test_the_gradient_is_finite_where_nothing_varies(count) -> None:
    predicted = torch.full((count, 7), 50.0, requires_grad=True)
    assessor_loss(predicted, torch.full((count, 7), 30.0)).backward()
    assert torch.isfinite(predicted.grad).all()


def test_a_batch_without_any_rating_is_harmless() -> None:
    predicted = labels().requires_grad_()
    assessor_loss(predicted, torch.full((16, 7), torch.nan)).backward()
    assert not predicted.grad.any()
