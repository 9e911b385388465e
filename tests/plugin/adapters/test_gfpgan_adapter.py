"""GFPGANer around a guard: gfpgan's own call, colours and sizes, and no download."""

from __future__ import annotations

import inspect
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from facefidelity.core.errors import (
    InvalidInput,
    RestorerFailed,
    UnsupportedWeights,
    WeightsMissing,
)
from facefidelity.guards.verdict import Decision, Reason
from facefidelity.plugin.adapters import gfpgan_network
from facefidelity.plugin.adapters.gfpgan import GFPGANer, guard_gfpganer

torch = pytest.importorskip("torch", reason="needs torch (extra: gfpgan)")


@pytest.fixture
def made(stub_weights: Any, guard_of: Any) -> Any:
    return lambda policy=None, **options: GFPGANer(
        "any.pth",
        guard=guard_of(policy) if policy else guard_of(),
        **{"upscale": 1, "finder": "dlib", **options},
    )


def test_the_constructor_and_the_call_are_gfpgans() -> None:
    from facefidelity.restorers.compat import prepare

    prepare()
    upstream = pytest.importorskip("gfpgan", reason="needs gfpgan (extra: gfpgan)").GFPGANer
    for name in ("__init__", "enhance"):
        theirs = inspect.signature(getattr(upstream, name)).parameters
        ours = inspect.signature(getattr(GFPGANer, name)).parameters
        positional = {k: p.default for k, p in ours.items() if p.kind is not p.KEYWORD_ONLY}
        assert list(positional) == list(theirs)
        assert positional == {k: p.default for k, p in theirs.items()}


def test_an_accepted_face_is_the_raw_networks_to_the_pixel(
    make_network: Any, guard_of: Any, astronaut_face: Any
) -> None:
    """Against upstream's own conversions, on a network whose values fall between the levels."""
    from facefidelity.restorers.compat import prepare

    prepare()
    utils = pytest.importorskip("basicsr.utils", reason="needs basicsr (extra: gfpgan)")
    torch.manual_seed(0)
    network = torch.nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect").eval()
    wrapped = make_network()
    wrapped.forward = lambda x, **options: (network(x), [])
    adapter = guard_gfpganer(
        SimpleNamespace(
            gfpgan=wrapped, face_helper=None, upscale=1, bg_upsampler=None, device="cpu"
        ),
        guard_of(),
    )
    bgr = astronaut_face.pixels[..., ::-1].copy()
    _, (restored,), _ = adapter.enhance(bgr, has_aligned=True)

    planes = utils.img2tensor(bgr / 255.0, bgr2rgb=True, float32=True)
    with torch.no_grad():
        raw = network(((planes - 0.5) / 0.5).unsqueeze(0))[0]
    expected = utils.tensor2img(raw, rgb2bgr=True, min_max=(-1, 1)).astype("uint8")
    assert adapter.verdicts[0].decision is Decision.ACCEPT
    assert np.array_equal(restored, expected)


def test_noise_is_pinned_and_the_weight_is_handed_on(made: Any, stub_weights: Any, card) -> None:
    made().enhance(card, has_aligned=True, weight=0.3)
    assert stub_weights.calls == [{"randomize_noise": False, "weight": 0.3}]


def test_a_refused_face_is_the_very_crop_and_the_picture_keeps_its_bytes(
    made: Any, refusing: Any, whole_card: np.ndarray
) -> None:
    cropped, restored, whole = made(refusing).enhance(whole_card)
    assert np.array_equal(cropped[0], restored[0])
    assert np.array_equal(whole, whole_card)


@pytest.mark.parametrize("upscale", [2, 1.5])
def test_the_picture_grows_by_the_upscale(made: Any, whole_card: Any, upscale: float) -> None:
    adapter = made(upscale=upscale)
    whole = adapter.enhance(whole_card)[2]
    size = (int(480 * upscale), int(400 * upscale))
    assert whole.shape == (size[1], size[0], 3)
    plain = cv2.resize(whole_card, size, interpolation=cv2.INTER_LANCZOS4)
    # Grows about pixel centres: the edge between the halves stays where it was.
    row = round((50 + 128) * upscale)
    halves = whole[row, :, 0].astype(int) - plain[row, :, 0]
    assert halves[: round(60 * upscale)].max() == 0
    assert abs(whole[row, :, 2].astype(int).argmax() - plain[row, :, 2].astype(int).argmax()) <= 2


def test_the_background_comes_from_the_upsampler(made: Any, whole_card: np.ndarray) -> None:
    asked = []

    def enhance(img: np.ndarray, outscale: float) -> tuple[np.ndarray, str]:
        asked.append((img.shape, outscale))
        return np.full((800, 960, 3), 7, np.uint8), "RGB"

    adapter = made(upscale=2, bg_upsampler=SimpleNamespace(enhance=enhance))
    whole = adapter.enhance(whole_card)[2]
    assert asked == [((400, 480, 3), 2)]
    assert (whole[:40] == 7).all()
    assert (whole[400, 300] != 7).any()


def test_upstreams_helper_gives_upstreams_picture(
    face_helper: Any, make_network: Any, guard_of: Any, whole_card: np.ndarray
) -> None:
    from facefidelity.restorers.compat import prepare

    prepare()
    upstream = pytest.importorskip("gfpgan", reason="needs gfpgan (extra: gfpgan)").GFPGANer
    existing = upstream.__new__(upstream)
    existing.gfpgan, existing.face_helper = make_network(), face_helper(upscale=2)
    existing.upscale, existing.bg_upsampler, existing.device = 2, None, torch.device("cpu")
    ours = guard_gfpganer(existing, guard_of()).enhance(whole_card)
    existing.gfpgan.forward = lambda x, **options: ((x + 80 / 255).clamp(-1, 1), [])
    theirs = existing.enhance(whole_card)
    for our_part, their_part in zip(
        (*ours[:2], [ours[2]]), (*theirs[:2], [theirs[2]]), strict=True
    ):
        assert [type(one) for one in our_part] == [type(one) for one in their_part]
        assert all(np.array_equal(a, b) for a, b in zip(our_part, their_part, strict=True))


def test_no_face_is_empty_lists_and_the_picture(made: Any, guard_of: Any) -> None:
    nothing = SimpleNamespace(name="none", detect=lambda image: [])
    adapter = made()
    adapter.guard = guard_of(detector=nothing)
    picture = np.zeros((40, 60, 3), np.uint8)
    cropped, restored, whole = adapter.enhance(picture)
    assert (cropped, restored, adapter.faces) == ([], [], ())
    assert np.array_equal(whole, picture)


def test_paste_back_may_be_left_out(made: Any, whole_card: np.ndarray) -> None:
    cropped, restored, whole = made().enhance(whole_card, paste_back=False)
    assert (len(cropped), len(restored), whole) == (1, 1, None)


@pytest.mark.parametrize(
    "convert",
    [
        lambda bgr: np.dstack([bgr, np.full(bgr.shape[:2], 9, np.uint8)]),
        lambda bgr: bgr.astype(np.uint16) * 257,
        lambda bgr: cv2.resize(bgr, (300, 300)),
        lambda bgr: cv2.resize(bgr, (900, 700)),
    ],
    ids=["alpha", "16 bits", "small", "oblong"],
)
def test_what_upstream_takes_is_taken(made: Any, card: np.ndarray, convert: Any) -> None:
    (cropped,), (restored,), _ = made().enhance(convert(card), has_aligned=True)
    assert cropped.shape == restored.shape == (512, 512, 3)
    assert cropped[256, 60] == pytest.approx(card[256, 60], abs=3)


def test_grey_becomes_three_channels(made: Any, card: np.ndarray) -> None:
    (cropped,), _, _ = made().enhance(card[..., 1], has_aligned=True)
    assert (cropped == card[..., 1:2]).all()


@pytest.mark.parametrize("wrong", [None, "a.png", np.zeros((4, 4, 3), np.float32)])
def test_what_is_no_picture_is_refused(made: Any, wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="expected a picture"):
        made().enhance(wrong)


def test_a_failure_is_kept_with_its_verdict_or_raised(
    made: Any, stub_weights: Any, card: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    def stop(x: Any, **options: Any) -> Any:
        raise RuntimeError("out of memory")

    stub_weights.forward = stop
    adapter = made()
    with caplog.at_level(logging.WARNING, "facefidelity.gfpgan"):
        cropped, restored, _ = adapter.enhance(card, has_aligned=True)
    assert np.array_equal(cropped[0], restored[0])
    assert adapter.verdicts[0].reasons == (Reason.RESTORER_RAISED,)
    assert "out of memory" in adapter.verdicts[0].detail
    assert "out of memory" in caplog.text
    with pytest.raises(RestorerFailed, match="out of memory"):
        made(on_failure="raise").enhance(card, has_aligned=True)


def test_nan_is_a_failure(made: Any, stub_weights: Any, card: np.ndarray) -> None:
    stub_weights.forward = lambda x, **options: (x * float("nan"), [])
    adapter = made()
    adapter.enhance(card, has_aligned=True)
    assert adapter.verdicts[0].reasons == (Reason.RESTORER_OUTPUT_INVALID,)


@pytest.mark.parametrize(
    "options", [{"finder": "mtcnn"}, {"on_failure": "ignore"}, {"policy": "strict"}]
)
def test_wrong_options_are_refused(guard_of: Any, stub_weights: Any, options: Any) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        GFPGANer("any.pth", guard=guard_of(), **{"finder": "dlib", **options})


def test_what_is_no_gfpganer_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without gfpgan, face_helper"):
        guard_gfpganer(object())


def test_weights_are_looked_up_and_never_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEFIDELITY_HOME", str(tmp_path))
    address = "https://github.com/TencentARC/GFPGAN/releases/download/v1.3.0/GFPGANv1.4.pth"
    with pytest.raises(WeightsMissing, match="facefidelity models pull GFPGANv1.4.pth"):
        gfpgan_network.load_network(address, "clean", 2, "cpu")
    with pytest.raises(WeightsMissing, match="hash is not known"):
        gfpgan_network.load_network("https://example.org/other.pth", "clean", 2, "cpu")
    with pytest.raises(WeightsMissing, match="nothing.pth"):
        gfpgan_network.load_network(str(tmp_path / "nothing.pth"), "clean", 2, "cpu")
    with pytest.raises(InvalidInput, match="arch"):
        gfpgan_network.load_network(address, "dirty", 2, "cpu")
    with pytest.raises(WeightsMissing, match="detection_Resnet50_Final.pth"):
        gfpgan_network.retinaface_helper(2, "cpu", required=True)
    assert gfpgan_network.retinaface_helper(2, "cpu", required=False) is None


def test_networks_without_a_weight_are_called_without_one(guard_of: Any, card: np.ndarray) -> None:
    """GFPGANBilinear's forward takes none, at which upstream's own call breaks."""

    class Narrow(torch.nn.Module):
        def forward(self, x: Any, return_rgb: bool = True, randomize_noise: bool = True) -> Any:
            assert not randomize_noise
            return (x + 0.2).clamp(-1, 1), []

    existing = SimpleNamespace(
        gfpgan=Narrow(), face_helper=None, upscale=1, bg_upsampler=None, device="cpu"
    )
    adapter = guard_gfpganer(existing, guard_of())
    adapter.enhance(card, has_aligned=True)
    assert adapter.verdicts[0].decision is Decision.ACCEPT


@pytest.mark.slow
def test_another_checkpoint_is_refused_and_not_run(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save({"params_ema": {"a": torch.zeros(2)}}, path)
    with pytest.raises(UnsupportedWeights, match="parameters missing"):
        gfpgan_network.load_network(str(path), "clean", 2, "cpu")
