"""Writes packed sets of build_simset.py as pictures and one CSV, for `facefidelity bench evaluate`.

python benchmarks/export_simset.py runs/test_unseen runs/test_lfw -o runs/unseen_folder
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import cv2
from simset import load

from facefidelity.core.scores import HEADS

FACTS = ("file", "person", "sex", "ethnicity", "camera", "restoration", "source")
NOT_PRISTINE = ("sharpness", "colorfulness", "overall")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="rows whose restoration starts with this")
    parser.add_argument("--restored", action="store_true", help="no captures in the table")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = []
    for folder in arguments.sets:
        data = load(folder)
        real = folder.name.endswith("_lfw")
        (arguments.out / folder.name).mkdir(exist_ok=True)
        for i, row in enumerate(data.rows):
            file = f"{folder.name}/{i:05d}.png"
            cv2.imwrite(str(arguments.out / file), data.images[i][..., ::-1])
            kind = row["restoration"]
            if not kind.startswith(arguments.only) or (arguments.restored and kind == "none"):
                continue
            labels = dict(zip(HEADS, data.labels[i], strict=True))
            kept = {h: "" if real and h in NOT_PRISTINE else f"{labels[h]:.3f}" for h in HEADS}
            camera = "untouched" if "pristine" in json.loads(row["provenance"]) else "random"
            facts = (
                file,
                f"{'real-' if real else ''}{row['person']}",
                row["sex"],
                row["ethnicity"],
                f"real people, {camera}" if real else camera,
                row["restoration"],
                f"{folder.name}/{data.source[i]:05d}.png",
            )
            table.append({**dict(zip(FACTS, facts, strict=True)), **kept})
    with (arguments.out / "sfiqa_sim.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, [*FACTS, *HEADS])
        writer.writeheader()
        writer.writerows(table)
    print(f"{len(table)} pictures -> {arguments.out}")


if __name__ == "__main__":
    main()
