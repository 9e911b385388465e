"""The layers say what torch's own say, weight by weight."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs torch (the train extra)")

from facefidelity.assessor.training.attention import CrossViewLayer, TaskLayer  # noqa: E402

PAIRS = [
    (CrossViewLayer, torch.nn.TransformerEncoderLayer, 1),
    (TaskLayer, torch.nn.TransformerDecoderLayer, 2),
]


@pytest.mark.parametrize(("own", "theirs", "inputs"), PAIRS)
def test_same_weights_same_tokens(own, theirs, inputs) -> None:
    torch.manual_seed(0)
    layer = own(16)
    reference = theirs(16, 4, 32, 0.0, batch_first=True, norm_first=True)
    reference.load_state_dict(layer.state_dict())
    for one in reference.parameters():  # nothing at zero or one that would hide a mix-up
        torch.nn.init.normal_(one, std=0.3)
    layer.load_state_dict(reference.state_dict())
    tokens = [torch.randn(3, count, 16) for count in (6, 11)[:inputs]]
    with torch.no_grad():
        torch.testing.assert_close(layer(*tokens), reference(*tokens), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("own", "theirs", "inputs"), PAIRS)
def test_first_weights_are_as_spread_as_torchs(own, theirs, inputs) -> None:
    torch.manual_seed(0)
    mine = dict(own(64).named_parameters())
    reference = theirs(64, 4, 128, 0.0, batch_first=True, norm_first=True)
    for name, value in reference.named_parameters():
        if value.ndim > 1:
            assert mine[name].std().item() == pytest.approx(value.std().item(), rel=0.1), name
