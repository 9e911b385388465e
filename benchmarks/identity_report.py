"""Render what identity_calibration.py measured as Markdown."""

from __future__ import annotations

from typing import Any

_HEAD = """# Identity embedders, measured

Written by `python benchmarks/identity_calibration.py --data FOLDER --embedder NAME`; do not edit.
Faces are found and aligned as the product does it. Accuracy: 10 folds, threshold from the other
nine, mean of ten shuffles, ± its binomial standard error. Cosines of different embedders do not
compare; `P(same)` does. "with dlib's chips": the same faces and landmarks, the chips cut by dlib.

| embedder | accuracy | EER | AUC | genuine | impostor | P(same) = 0.5 at | pairs |
|---|---|---|---|---|---|---|---|
"""


def render(results: dict[str, Any]) -> str:
    """Render every measured embedder."""
    parts = [_HEAD]
    for name, entry in results.items():
        parts.append(_row(name, entry))
        if "with_dlib_chips" in entry:
            parts.append(_row(f"{name} with dlib's chips", entry["with_dlib_chips"]))
    for name, entry in results.items():
        parts.append(_populations(name, entry))
        if "parity" in entry:
            parts.extend([_parity(entry["parity"]), _speed(entry["speed_ms"])])
    return "".join(parts)


def _spread(values: dict[str, Any]) -> str:
    return f"{values['mean']:.3f} ± {values['deviation']:.3f}"


def _row(name: str, e: dict[str, Any]) -> str:
    pairs = f"{e['genuine']['pairs']} + {e['impostor']['pairs']}"
    even = -e["intercept"] / e["slope"]
    return (
        f"| {name} | {e['accuracy']:.4f} ± {e['accuracy_standard_error']:.4f} "
        f"| {e['equal_error_rate']:.4f} | {e['area_under_curve']:.4f} | {_spread(e['genuine'])} "
        f"| {_spread(e['impostor'])} | {even:.3f} | {pairs} |\n"
    )


def _populations(name: str, e: dict[str, Any]) -> str:
    found = ", ".join(f"{key} {a} of {b}" for key, (a, b) in e["found"].items())
    lines = [
        f"\n## {name}\n\n{e['source']}. Faces found: {found}. "
        "Impostors of other populations (information, never a threshold):\n\n",
        "| population | cosine of two persons | pairs | which |\n|---|---|---|---|\n",
    ]
    lines.extend(
        f"| {p['name']} | {_spread(p)} | {p['pairs']} | {p['source']} |\n" for p in e["populations"]
    )
    return "".join(lines)


def _parity(p: dict[str, Any]) -> str:
    return (
        f"\nParity with dlib on {p['faces']} faces, same chips: largest difference "
        f"{p['descriptor_max_difference']:.1e} in a descriptor, "
        f"{p['unit_max_difference']:.1e} in a unit vector. "
        "Chips sampled from the FFHQ frame against dlib's own chips of the picture: "
        f"cosine {p['chip_cosine_mean']:.4f} on average, {p['chip_cosine_p1']:.4f} at the lowest "
        f"percent, {p['chip_cosine_min']:.4f} at worst.\n"
    )


def _speed(ms: dict[str, float]) -> str:
    lines = [
        "\nMilliseconds a face on a shared two-core machine (medians, run in turns; the ratios "
        f"count). Sampling the chip takes {ms['chip']:.1f} ms besides.\n\n",
        "| | batch 1 | batch 16 | times dlib's speed |\n|---|---|---|---|\n",
        f"| dlib | {ms['dlib_batch1']:.1f} | {ms['dlib_batch16']:.1f} | 1 |\n",
    ]
    for threads in (1, 2):
        one, many = ms[f"onnx_{threads}threads_batch1"], ms[f"onnx_{threads}threads_batch16"]
        ratios = f"{ms['dlib_batch1'] / one:.1f} / {ms['dlib_batch16'] / many:.1f}"
        lines.append(f"| ONNX, threads={threads} | {one:.1f} | {many:.1f} | {ratios} |\n")
    return "".join(lines)
