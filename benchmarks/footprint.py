"""Measures what the install costs: import, --help, the demo's time and memory, the wheel's size.

    make demo dist && .venv/bin/python benchmarks/footprint.py

Best of several runs, since machines are shared. Writes docs/results/footprint.md.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAZY = ("torch", "cv2", "onnxruntime", "gradio", "ray", "numpy")


def measure(words: list[str]) -> tuple[float, float]:
    """Seconds and peak MB of one child process."""
    started = time.perf_counter()
    child = os.posix_spawn(
        words[0],
        words,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{words} ended with {status}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def best(words: list[str], runs: int) -> tuple[float, float]:
    found = [measure(words) for _ in range(runs)]
    return min(seconds for seconds, _ in found), max(memory for _, memory in found)


def main() -> None:
    python = sys.executable
    script = str(Path(python).parent / "facefidelity")
    bare, _ = best([python, "-c", "pass"], 7)
    package, _ = best([python, "-c", "import facefidelity"], 7)
    check = f"import facefidelity, sys; sys.exit(any(n in sys.modules for n in {LAZY}))"
    best([python, "-c", check], 1)
    helped, _ = best([script, "--help"], 5)
    demo, memory = best([python, str(ROOT / "examples" / "demo.py")], 2)
    wheels = sorted((ROOT / "dist").glob("*.whl"))
    size = f"{wheels[-1].stat().st_size / 1e6:.1f} MB" if wheels else "not built"
    lines = [
        "# Footprint",
        "",
        "    make demo dist && .venv/bin/python benchmarks/footprint.py",
        "",
        f"{os.cpu_count()} cores, shared; Python {sys.version.split()[0]}. Best of several runs.",
        "",
        "| what | measured | bar |",
        "|---|---|---|",
        f"| `import facefidelity`, beyond starting Python | {1000 * (package - bare):.0f} ms | 200 ms |",
        f"| none of {', '.join(LAZY)} loaded by it | checked | |",
        f"| `facefidelity --help` | {helped:.2f} s | 0.5 s |",
        f"| `examples/demo.py`: three pictures, real weights | {demo:.1f} s | |",
        f"| its peak memory | {memory:.0f} MB | 1500 MB |",
        f"| wheel | {size} | 40 MB |",
    ]
    (ROOT / "docs" / "results" / "footprint.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
