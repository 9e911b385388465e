"""The network: its size, its views, its two questions, and every plan of the ablation."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")

from facefidelity.assessor.training.attention import Attention  # noqa: E402
from facefidelity.assessor.training.network import Assessor, cut_views  # noqa: E402
from facefidelity.assessor.training.plan import NetworkPlan  # noqa: E402
from facefidelity.assessor.views import INNER_FACE, MOSAIC_OFFSETS  # noqa: E402

ABLATIONS = [
    {},
    {"views": ("inner", "mosaic")},
    {"views": ("whole", "mosaic")},
    {"views": ("whole", "inner")},
    {"views": ("mosaic",)},
    {"cross_layers": 0},
    {"task_tokens": False},
    {"task_tokens": False, "cross_layers": 0},
    {"source": False},
]


def faces(count: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, 256, 256, generator=generator) * 255


def count_macs(network: Assessor) -> dict[str, int]:
    """Multiplications a face by top module; attention with its two products."""
    macs: dict[str, int] = {}

    def hook(name):
        def count(module, inputs, output):
            if isinstance(module, torch.nn.Conv2d):
                kernel = module.kernel_size[0] * module.kernel_size[1]
                found = output.numel() * module.in_channels // module.groups * kernel
            elif isinstance(module, torch.nn.Linear):
                found = output.numel() * module.in_features
            else:
                query, key = inputs[0], inputs[1]
                (n, asks, width), holds = query.shape, key.shape[1]
                projections = asks * width**2 + 2 * holds * width**2  # the fourth is a Linear
                found = n * (projections + 2 * asks * holds * width)
            macs[name] = macs.get(name, 0) + found // 2

        return count

    kinds = (torch.nn.Conv2d, torch.nn.Linear, Attention)
    for name, module in network.named_modules():
        if isinstance(module, kinds):
            module.register_forward_hook(hook(name.split(".")[0]))
    network(torch.zeros(2, 3, 256, 256), torch.zeros(2, 3, 256, 256))
    return macs


def test_the_shipped_plan_keeps_its_budget() -> None:
    network = Assessor()
    assert sum(p.numel() for p in network.parameters()) <= 2_500_000
    macs = count_macs(network)
    of_source = sum(value for name, value in macs.items() if name.startswith("source"))
    assert sum(macs.values()) - of_source <= 270_000_000
    assert sum(macs.values()) <= 300_000_000


def test_the_counter_counts() -> None:
    plan = NetworkPlan(views=("whole",), channels=(1, 1, 1, 1), width=4, source=False)
    macs = count_macs(Assessor(plan))
    maps = sum(side**2 * 9 * (entry + 2) for side, entry in ((64, 3), (32, 1), (16, 1), (8, 1)))
    assert macs["views"] == maps + 16 * 2 * 4
    layer = 4 * 16 * 16 + 2 * 16 * 16 * 4 + 2 * 16 * 4 * 8
    assert macs["cross_view"] == 2 * layer


@pytest.mark.parametrize("ablation", ABLATIONS, ids=str)
def test_every_plan_learns_with_every_parameter(ablation) -> None:
    torch.manual_seed(0)
    small = {"channels": (4, 4, 8, 8), "source_channels": (4, 4, 8), "width": 16}
    network = Assessor(NetworkPlan(**small, **ablation)).train()
    scores, given = network(faces(4, 0), faces(4, 1))
    assert (scores.shape, given.shape) == ((4, 6), (4, 1))
    asked = (scores * torch.randn_like(scores)).sum()
    if network.plan.source:
        asked = asked + (given * torch.randn_like(given)).sum()
    else:
        assert torch.isnan(given).all()
    asked.backward()
    idle = {n for n, p in network.named_parameters() if p.grad is None or not p.grad.abs().any()}
    assert idle == set()


def test_the_six_scores_do_not_look_at_the_source() -> None:
    torch.manual_seed(0)
    network = Assessor().eval()
    with torch.no_grad():
        one, given = network(faces(2, 0), faces(2, 1))
        other, given_other = network(faces(2, 0), faces(2, 2))
    assert torch.equal(one, other)
    assert not torch.equal(given, given_other)


def test_pictures_of_a_batch_do_not_meet_in_evaluation() -> None:
    torch.manual_seed(0)
    network = Assessor().eval()
    with torch.no_grad():
        alone, _ = network(faces(1, 0), faces(1, 0))
        beside, _ = network(faces(3, 0), faces(3, 0))
    torch.testing.assert_close(beside[:1], alone, atol=1e-3, rtol=0)


def test_the_views_are_cut_where_views_says() -> None:
    face = torch.arange(256 * 256, dtype=torch.float32).reshape(1, 1, 256, 256).repeat(1, 3, 1, 1)
    views = cut_views(face)
    assert tuple(views) == NetworkPlan().views
    whole, inner, mosaic = (view[0, 0] for view in views.values())
    assert whole.shape == inner.shape == mosaic.shape == (128, 128)
    pixels = face[0, 0]
    assert float(whole[0, 0]) == float(pixels[:2, :2].mean())
    top, left = INNER_FACE
    assert torch.equal(inner, pixels[top : top + 128, left : left + 128])
    for i, y in enumerate(MOSAIC_OFFSETS):
        for j, x in enumerate(MOSAIC_OFFSETS):
            tile = mosaic[32 * i : 32 * i + 32, 32 * j : 32 * j + 32]
            assert torch.equal(tile, pixels[y : y + 32, x : x + 32])
