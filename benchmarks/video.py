"""Clips: memory by length, flicker, resuming after a kill -9, speed; writes docs/results/video.md.

    OMP_NUM_THREADS=1 python benchmarks/video.py --faces FOLDER -o docs/results/video.md

Two people cross before a simulated camera (benchmarks/video_clip.py); FOLDER holds pristine aligned
faces, of which the first two are taken; without it the astronaut and her mirror image. What was
measured lies in --work and is not measured again; `--only long` measures the long clip alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from video_clip import people, write_clip
from video_machinery import write_blocks

from facefidelity.core.faces import DetectedFace, LandmarkScheme, estimate_affine

SHORT, LONG = 300, 1500
DETECT_EVERY = 3
OPTIONS = [
    *("--restorer", "classical", "--set", "strength=0", "--set", "sharpen=2"),
    *("--detect-every", str(DETECT_EVERY), "--format", "json"),
]
COMMAND = [sys.executable, "-c", "from facefidelity.plugin.cli.main import main; main()"]
RUN_OF = {"balanced": "short", "strict": "strict"}
"""Which stage shows the flicker of which policy."""


def start(clip: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    words = [*COMMAND, "restore", str(clip), "-o", str(out), *OPTIONS, *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL)


def measured_run(clip: Path, out: Path, frames: int, *more: str) -> dict[str, float]:
    """Peak memory and speed of one whole run in a process of its own."""
    begun = time.perf_counter()
    process = start(clip, out, *more)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.returncode
    seconds = time.perf_counter() - begun
    return {
        "frames": frames,
        "peak_mib": usage.ru_maxrss / 1024,
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }


def machinery_run(work: Path, frames: int) -> dict[str, float]:
    """Peak memory of everything but restorer and judge: a process in which these cost nothing."""
    clip = work / f"blocks{frames}.mp4"
    write_blocks(clip, frames)
    script = Path(__file__).with_name("video_machinery.py")
    words = [sys.executable, str(script), str(clip), str(work / "machinery" / clip.name)]
    process = subprocess.Popen(words)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.returncode
    return {"frames": frames, "peak_mib": usage.ru_maxrss / 1024}


def killed_run(clip: Path, out: Path) -> dict[str, Any]:
    """Kill -9 once a segment is finished, go on, and say which segments were left alone."""
    work = out / f".{clip.stem}.mp4.work"
    process = start(clip, out)
    while not (work / "000000.json").exists():
        assert process.poll() is None
        time.sleep(0.2)
    time.sleep(3)
    process.kill()
    process.wait()
    before = {file.name: file.stat().st_mtime_ns for file in work.glob("*.nut")}
    words = [*COMMAND, "restore", str(clip), "-o", str(out), *OPTIONS]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    line = json.loads(told.splitlines()[0])
    return {"finished_before": len(before), "resumed_segments": line["resumed_segments"]}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def faces_of(decisions: Path) -> list[dict[str, Any]]:
    with decisions.open(encoding="utf-8") as lines:
        return [line for line in map(json.loads, lines) if line["kind"] == "face"]


def flicker(faces: list[dict[str, Any]], field: str) -> float:
    """Mean absolute change of a share between neighbouring frames of one run."""
    changes, last = [], {}
    for face in faces:
        key = (face["track"], face["run"])
        if key in last and face["frame"] == last[key][0] + 1:
            changes.append(abs(face[field] - last[key][1]))
        last[key] = (face["frame"], face[field])
    return float(np.mean(changes))


def alignment_jitter(work: Path, clip: Path) -> dict[str, float]:
    """Second difference of the crop's corner over frames, in px of the 512 px crop."""
    from facefidelity.plugin.assessment import FaceAssessment
    from facefidelity.plugin.parts import default_judge
    from facefidelity.plugin.video.analysis import analyse_clip
    from facefidelity.plugin.video.decoding import ClipReader
    from facefidelity.plugin.video.placing import place_faces

    folder = work / "analysis"
    folder.mkdir(exist_ok=True)
    judge = default_judge(1)
    found = analyse_clip(ClipReader(clip), FaceAssessment(judge.assessor), judge, folder)
    raw: dict[int, list[np.ndarray]] = {}
    for seen in found.seen_faces():
        raw.setdefault(seen.run, []).append(eye_line(seen.face))
    smooth: dict[int, list[np.ndarray]] = {}
    placed = place_faces(found.seen_faces(), found.frames, found.most_missed, found.frame_rate)
    for faces in placed:
        for one in faces:
            smooth.setdefault(one.run, []).append(eye_line(one.face))
    return {"raw": jitter(raw), "smoothed": jitter(smooth), "tracks": len(found.tracks)}


def eye_line(face: DetectedFace) -> np.ndarray:
    """Scale and roll of the crop, as the vector that one px right in the picture becomes."""
    scheme: LandmarkScheme = face.scheme
    return estimate_affine(face.landmarks, scheme)[:, 0]


def jitter(runs: dict[int, list[np.ndarray]]) -> float:
    """How much the crop's border shakes: 256 px from its centre, root mean square."""
    shakes = []
    for turns in runs.values():
        if len(turns) > 5:
            steps = np.stack(turns)
            relative = np.diff(steps, n=2, axis=0) / np.linalg.norm(steps[1:-1], axis=1)[:, None]
            shakes.append(256 * np.linalg.norm(relative, axis=1))
    return float(np.sqrt(np.mean(np.concatenate(shakes) ** 2)))


def stage(work: Path, name: str, measure: Any) -> Any:
    """What was measured before, or what is measured now."""
    place = work / f"{name}.json"
    if not place.exists():
        place.write_text(json.dumps(measure()), encoding="utf-8")
    return json.loads(place.read_text(encoding="utf-8"))


def clip_of(work: Path, faces: Path | None, frames: int) -> Path:
    clip = work / f"clip{frames}.mp4"
    if not clip.exists():
        part = work / f"part{frames}.mp4"
        write_clip(part, people(faces), frames)
        part.rename(clip)
    return clip


def memory_rows(known: dict[str, Any]) -> list[str]:
    """Peak memory of the short clip, and of what was run of the long one."""
    pairs = {
        "whole run": ("short", "long"),
        "the same with a restorer and judge that cost nothing": ("machinery300", "machinery1500"),
    }
    rows = []
    for what, (brief, much) in pairs.items():
        if much not in known:
            continue
        low, high = known[brief]["peak_mib"], known[much]["peak_mib"]
        rows.append(
            f"| peak memory, {SHORT} / {LONG} frames: {what} | no growth | {low:.0f} / {high:.0f} MiB "
            f"({high / low - 1:+.1%}) |"
        )
    return rows


def flicker_rows(work: Path, policy: str) -> list[str]:
    """Of the short clip: shares from frame to frame, judged each for itself and delivered."""
    faces = faces_of(work / RUN_OF[policy] / f"clip{SHORT}.decisions.jsonl")
    counts = Counter(face["decision"] for face in faces)
    verdicts = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    judged, delivered = flicker(faces, "blend"), flicker(faces, "delivered")
    held = flicker(faces, "allowed")
    times = f" ({judged / delivered:.1f} times less)" if delivered else " (none at all)"
    exceeding = sum(face["delivered"] > face["allowed"] for face in faces)
    beyond = sum(face["delivered"] > face["blend"] for face in faces)
    means = [np.mean([face[field] for face in faces]) for field in ("blend", "delivered")]
    return [
        f"| **{policy}**, verdicts of each frame for itself | | {verdicts} |",
        "| flicker: mean absolute change of the share between frames, each frame judged for itself "
        f"| | {judged:.4f} |",
        f"| the same where a small gain is held on to | | {held:.4f} |",
        f"| the same, delivered | 5 times less | {delivered:.4f}{times} |",
        f"| faces that got more than their frame's evidence allows | 0 | {exceeding} of {len(faces)} |",
        f"| faces held on to: small gain, person safe | said | {beyond} |",
        f"| mean share: verdicts / delivered | | {means[0]:.3f} / {means[1]:.3f} |",
    ]


def other_rows(known: dict[str, Any]) -> list[str]:
    """Of the stages that were run."""
    rows, short = [], known["short"]
    if "jitter" in known:
        one = known["jitter"]
        rows += [
            "| shake of the crop's border, px of 512: detections / smoothed | less "
            f"| {one['raw']:.2f} / {one['smoothed']:.2f} |",
            f"| people found | 2 | {one['tracks']} |",
        ]
    if "hashes" in known:
        same = known["hashes"]["whole"] == known["hashes"]["killed"]
        rows.append(
            "| kill -9 in the middle, the same command again | same bytes | "
            f"{'same bytes' if same else 'DIFFERENT'}; {known['killed']['resumed_segments']} of "
            f"{-(-SHORT // 100)} segments not redone |"
        )
    speed = short["frames"] / short["seconds"], short["frames"] / short["cpu_seconds"]
    rows.append(
        f"| frames a second, wall / of one core's time | | {speed[0]:.2f} / {speed[1]:.2f} |"
    )
    return rows


def report(work: Path, out: Path) -> None:
    known = {file.stem: json.loads(file.read_text()) for file in work.glob("*.json")}
    flickers = [row for name in RUN_OF if RUN_OF[name] in known for row in flicker_rows(work, name)]
    lines = [
        "# Clips",
        "",
        f"`OMP_NUM_THREADS=1 python benchmarks/video.py`, {platform.machine()}, {os.cpu_count()} cores shared",
        "with other work. Two people walk past each other before a simulated camera (640 x 360, faces 76 px",
        "wide, sensor noise anew in each frame, focus that breathes, H.264), with sound. Restorer: classical",
        f"(strength 0, sharpen 2), policy balanced and once strict, `--detect-every {DETECT_EVERY}`, {SHORT} frames.",
        "",
        "| what | bar | measured |",
        "|---|---|---|",
        *memory_rows(known),
        *flickers,
        *other_rows(known),
        "",
    ]
    out.write_text("\n".join(lines), encoding="utf-8")
    print(out.read_text(encoding="utf-8"))


def run_stage(name: str, work: Path, faces: Path | None, output: Path) -> None:
    brief = clip_of(work, faces, SHORT)
    if name == "long":
        clip = clip_of(work, faces, LONG)
        stage(work, "long", lambda: measured_run(clip, work / "long", LONG))
    elif name == "short":
        stage(work, "short", lambda: measured_run(brief, work / "short", SHORT))
    elif name == "strict":
        stage(work, name, lambda: measured_run(brief, work / name, SHORT, "--policy", name))
    elif name == "killed":
        stage(work, "killed", lambda: killed_run(brief, work / "killed"))
    elif name == "jitter":
        stage(work, "jitter", lambda: alignment_jitter(work, brief))
    elif name == "machinery":
        for frames in (SHORT, LONG):
            stage(work, f"machinery{frames}", partial(machinery_run, work, frames))
    else:
        names = {"whole": work / "short", "killed": work / "killed"}
        if (work / "killed.json").exists():
            stage(work, "hashes", lambda: {k: sha256(v / brief.name) for k, v in names.items()})
        report(work, output)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--work", type=Path, default=Path("video-work"))
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/results/video.md"))
    stages = ("short", "strict", "long", "killed", "jitter", "machinery", "report")
    parser.add_argument("--only", choices=stages)
    chosen = parser.parse_args()
    work = chosen.work
    work.mkdir(parents=True, exist_ok=True)

    for name in stages if chosen.only is None else [chosen.only]:
        run_stage(name, work, chosen.faces, chosen.output)


if __name__ == "__main__":
    main()
