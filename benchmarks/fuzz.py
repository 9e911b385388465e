"""Fuzzes every parser of outside data with Hypothesis, for so many minutes of processor time.

    python benchmarks/fuzz.py --minutes 10 --report docs/results/security.md

Each parser runs in a process of its own, with bounded memory. A finding is an exception that is no
`FaceFidelityError`, an input that takes longer than its limit, or a process that dies. It is made small
and kept in benchmarks/corpus/PARSER/, which every run and the test suite try first. Exits 1 where
there is one. Starting points: fuzz_seeds.py; parsers: fuzz_targets.py.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import random
import resource
import signal
import sys
import time
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from fuzz_seeds import ROOT
from fuzz_targets import Target, make_targets
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from facefidelity.core.errors import FaceFidelityError

CORPUS = ROOT / "benchmarks/corpus"
MOST_MEMORY = 6 << 30
SLICE_SECONDS = 10.0
TOKENS = (
    b"", b"\0", b"\n", b"\r\n", b'"', b"'", b",", b";", b":", b"- ", b"[", b"{", b"}" * 9, b"[" * 99,
    b"nan", b"inf", b"-1", b"1e999", b"9" * 30, b"9" * 5000, b"null", b"~", b"true", b"0x10", b"1_0",
    b"!!python/object/apply:os.system [id]", b"!!binary abc=", b"&a ", b"*a", b"<<: *a", b"---\n", b"%TAG",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u202e\u2028".encode(), b"../" * 9, b"/dev/zero",
    b"<!DOCTYPE a>", b"&lt;", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0" * 64,
    b"2026-99-99", b"{}" * 50, b"NaN", b"\\u0000", b"\\ud800", b"=1+1", b"a" * 70_000,
)  # fmt: skip


class SlowError(Exception):
    """An input took longer than its limit."""


@dataclass
class Tally:
    """What became of one parser."""

    tried: int = 0
    taken: int = 0
    refused: int = 0
    cpu_seconds: float = 0.0
    findings: dict[str, bytes] = field(default_factory=dict)


def inputs_of(target: Target) -> st.SearchStrategy[bytes]:
    """Whole inputs with a few places changed, spliced ones, and sometimes anything at all."""
    seeds = st.sampled_from(target.seeds)
    changes = st.lists(
        st.tuples(
            st.floats(0, 1),
            st.sampled_from(
                ["insert", "overwrite", "delete", "flip", "cut", "repeat", "drop_line"]
            ),
            st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=8)),
            st.integers(0, 255),
        ),
        max_size=6,
    )
    changed = st.builds(_change, seeds, changes)
    spliced = st.builds(
        lambda a, b, x, y: a[: int(len(a) * x)] + b[int(len(b) * y) :],
        seeds, changed, st.floats(0, 1), st.floats(0, 1),
    )  # fmt: skip
    anything = st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(
        changed, changed, spliced, anything if target.text else st.binary(max_size=300)
    )


def _change(data: bytes, changes: list[tuple[float, str, bytes, int]]) -> bytes:
    buffer = bytearray(data)
    for place, kind, token, number in changes:
        at = int(place * len(buffer))
        if kind == "insert":
            buffer[at:at] = token
        elif kind == "overwrite":
            buffer[at : at + len(token)] = token
        elif kind == "delete":
            del buffer[at : at + 1 + number % 32]
        elif kind == "flip" and at < len(buffer):
            buffer[at] ^= 1 << number % 8
        elif kind == "cut":
            del buffer[at:]
        elif kind == "repeat":
            buffer[at:at] = buffer[at : at + 1 + number] * (1 + number % 4)
        elif kind == "drop_line":
            end = buffer.find(b"\n", at)
            del buffer[at : end if end > 0 else len(buffer)]
    return bytes(buffer)


def try_input(target: Target, data: bytes, tally: Tally) -> None:
    """Parse one input; whatever it raises that is not ours is for the caller."""
    tally.tried += 1

    def late(_number: int, _frame: FrameType | None) -> None:
        raise SlowError(f"longer than {target.seconds:g} s")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, target.seconds)
    try:
        target.run(data)
        tally.taken += 1
    except FaceFidelityError as error:
        tally.refused += 1
        str(error)  # a message that cannot be made is a finding, too
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _fuzz(target: Target, number: int, seconds: float, answer: Connection, note: str) -> None:
    """In a process of its own: one slice of one parser."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff and others write there
    warnings.simplefilter("ignore")
    tally, last, end = Tally(), [b""], time.process_time() + seconds

    @seed(number)
    @settings(
        max_examples=1_000_000,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(inputs_of(target))
    def one(data: bytes) -> None:
        if time.process_time() > end:
            raise KeyboardInterrupt
        Path(note).write_bytes(data)
        last[0] = data
        try:
            try_input(target, data, tally)
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            if found[:40] not in {key[:40] for key in tally.findings} or len(data) < 100_000:
                tally.findings = {found[:200]: data}
            raise

    with contextlib.suppress(BaseException):
        one()
    tally.cpu_seconds = time.process_time()
    answer.send(tally)


def fuzz_slice(target: Target, number: int, seconds: float) -> Tally:
    """Fuzz one parser for some seconds of processor time."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    note = f"/dev/shm/fuzz-input-{os.getpid()}"  # noqa: S108 - named by our own number
    child = context.Process(target=_fuzz, args=(target, number, seconds, theirs, note))
    child.start()
    theirs.close()
    answered = mine.poll(seconds * 20 + 120)
    try:
        tally: Tally = mine.recv() if answered else Tally(cpu_seconds=seconds)
    except EOFError:
        tally = Tally(cpu_seconds=seconds)
        answered = False
    if not answered:
        child.terminate()
    child.join()
    if not answered:
        last = Path(note).read_bytes() if Path(note).exists() else b""
        tally.findings[f"the process ended with {child.exitcode}"] = last
    with contextlib.suppress(OSError):
        Path(note).unlink()
    return tally


def replay(target: Target) -> list[str]:
    """Try the corpus of a parser; what is wrong with it, empty where nothing is."""
    wrong = []
    for path in sorted((CORPUS / target.name).glob("*.bin")):
        try:
            try_input(target, path.read_bytes(), Tally())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is named
            wrong.append(f"{target.name}/{path.name}: {type(error).__name__}: {error}")
    return wrong


def keep(target: Target, found: dict[str, bytes]) -> None:
    """Put findings into the corpus; large ones are cut away, since the corpus stays small."""
    for data in found.values():
        if len(data) <= 100_000 and target.name != "certificates":  # those hold keys
            folder = CORPUS / target.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{hashlib.sha256(data).hexdigest()[:12]}.bin").write_bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of processor time, in all")
    parser.add_argument("--seed", type=int, default=None, help="of everything drawn")
    parser.add_argument("--only", help="one parser, or several with commas")
    parser.add_argument("--report", type=Path, help="Markdown table of what was tried")
    words = parser.parse_args()
    chosen = set(words.only.split(",")) if words.only else None
    targets = [one for one in make_targets() if chosen is None or one.name in chosen]
    start = random.SystemRandom().randrange(2**32) if words.seed is None else words.seed
    tallies = {target.name: Tally() for target in targets}
    for target in targets:
        for line in replay(target):
            print(f"corpus: {line}")
            tallies[target.name].findings[line] = b""
    budget, used, turn = words.minutes * 60, 0.0, 0
    length = min(SLICE_SECONDS, budget / len(targets))
    while used < budget:
        target = targets[turn % len(targets)]
        got = fuzz_slice(target, start + turn, length)
        tally = tallies[target.name]
        tally.tried += got.tried
        tally.taken += got.taken
        tally.refused += got.refused
        tally.cpu_seconds += got.cpu_seconds
        tally.findings |= got.findings
        keep(target, got.findings)
        for told in got.findings:
            print(f"{target.name}: {told}", flush=True)
        used, turn = used + got.cpu_seconds, turn + 1
        if words.report:  # also of a run that is stopped
            write_report(words.report, tallies, table_of(tallies), start)
        print(f"\r{used / 60:.1f} of {words.minutes:g} CPU minutes", end="", file=sys.stderr)
    print(file=sys.stderr)
    print("\n".join(table_of(tallies)))
    return 1 if any(tally.findings for tally in tallies.values()) else 0


def table_of(tallies: dict[str, Tally]) -> list[str]:
    """One line a parser, as Markdown."""
    lines = [
        "| parser | inputs | taken | refused | CPU s | findings |",
        "|---|---|---|---|---|---|",
    ]
    for name, tally in tallies.items():
        cells = (
            tally.tried,
            tally.taken,
            tally.refused,
            round(tally.cpu_seconds),
            len(tally.findings),
        )
        lines.append(f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    return lines


def write_report(path: Path, tallies: dict[str, Tally], lines: list[str], start: int) -> None:
    """Put the table between its marks in a page."""
    minutes = sum(tally.cpu_seconds for tally in tallies.values()) / 60
    total = sum(tally.tried for tally in tallies.values())
    found = sum(len(tally.findings) for tally in tallies.values())
    said = (
        f"{total:,} inputs to {len(tallies)} parsers in {minutes:.1f} CPU minutes, seed {start}: "
        f"{found or 'no'} finding{'' if found == 1 else 's'}."
    )
    head, _, rest = path.read_text(encoding="utf-8").partition("<!-- fuzz -->\n")
    tail = rest.partition("<!-- /fuzz -->")[2]
    body = "\n".join([said, "", *lines])
    path.write_text(f"{head}<!-- fuzz -->\n{body}\n<!-- /fuzz -->{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
