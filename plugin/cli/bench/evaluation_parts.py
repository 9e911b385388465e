"""Opens what ``bench evaluate`` needs from its options: assessors, peers, recogniser, detector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ....core.errors import InvalidInput, MissingExtra, NotRegistered

if TYPE_CHECKING:
    from ....assessor.benchmark.evaluation.datasets import RatedSet
    from ....assessor.benchmark.evaluation.evaluation import Subject
    from ....assessor.benchmark.evaluation.examination import Examiner
    from ....assessor.benchmark.evaluation.learned_peers import OpenPeers
    from ....core.protocols import Embedder

__all__ = [
    "OpenedParts",
    "open_parts",
    "open_recogniser",
    "parse_overrides",
    "require_free_output",
    "require_groups",
    "require_people",
    "require_statistics",
    "split_words",
]


@dataclass(frozen=True, slots=True)
class OpenedParts:
    """What scores the pictures.

    Attributes:
        examiner: Assessor, baseline, peers, recogniser and detector, ready.
        peers: The peers, and why others are absent.
        baseline: Name of the baseline, if there is one.
        recogniser: Name of the recogniser, if there is one.
    """

    examiner: Examiner
    peers: OpenPeers
    baseline: str | None
    recogniser: str | None

    def subject(self, rated: RatedSet, layout: str) -> Subject:
        """What is evaluated, for the report."""
        from ....assessor.benchmark.evaluation.evaluation import Subject
        from ....core.images import printable_path

        return Subject(
            assessor=self.examiner.assessor.name,
            table=printable_path(rated.path),
            layout=layout,
            heads=rated.heads,
            peers=self.peers.ready,
            unavailable=self.peers.unavailable,
            baseline=self.baseline,
            recogniser=self.recogniser,
        )


def require_statistics() -> None:
    """Refuse to start where the extra is not installed.

    Raises:
        MissingExtra: If scipy or matplotlib is absent.
    """
    if find_spec("scipy") is None or find_spec("matplotlib") is None:
        raise MissingExtra("bench evaluate", "bench")


def split_words(text: str) -> tuple[str, ...]:
    """The words of a comma-separated option."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def parse_overrides(
    columns: str, scale: str, lower_is_better: str
) -> tuple[dict[str, str], tuple[float, float] | None, frozenset[str] | None]:
    """Read ``--columns``, ``--scale`` and ``--lower-is-better``.

    Raises:
        InvalidInput: If one of them has not its form.
    """
    names = {}
    for word in split_words(columns):
        key, sign, column = word.partition("=")
        if not (key.strip() and sign and column.strip()):
            raise InvalidInput(f"expected --columns key=name,key=name, got {word!r}")
        names[key.strip()] = column.strip()
    heads = split_words(lower_is_better)
    return names, _parse_scale(scale), frozenset(heads) if heads else None


def _parse_scale(scale: str) -> tuple[float, float] | None:
    if not scale:
        return None
    low, _, high = scale.partition(":")
    try:
        return float(low), float(high)
    except ValueError as error:
        raise InvalidInput(f"expected --scale low:high, as 1:5, got {scale!r}") from error


def require_groups(names: list[str] | None) -> tuple[str, ...]:
    """What to group by; everything the table says where nothing was asked for.

    Raises:
        NotRegistered: If a table cannot be grouped by one of them.
    """
    from ....assessor.benchmark.evaluation.agreement import GROUPABLE

    for name in names or ():
        if name not in GROUPABLE:
            raise NotRegistered("group", name, GROUPABLE)
    return tuple(dict.fromkeys(names)) if names else GROUPABLE


def require_free_output(output: Path | None, table: Path) -> None:
    """Make the folder of the report; refuse to write over the table itself.

    Raises:
        InvalidInput: If the folder cannot be had, or a file of the report would be the table.
    """
    if output is None:
        return
    from ....assessor.benchmark.evaluation.report import REPORT_FILES
    from ...batch.plan import require_output_folder

    require_output_folder(output)
    if any((output / name).resolve() == table.resolve() for name in REPORT_FILES):
        raise InvalidInput(
            f"expected another place for the report, got one in which it would replace the table "
            f"{table}; choose another -o"
        )


def require_people(rated: RatedSet, recogniser: str | None) -> None:
    """Refuse a recogniser, before anything is scored, where persons are unknown.

    Raises:
        InvalidInput: If a recogniser is named and some row names no person.
    """
    if recogniser is not None and not all("person" in one.facts for one in rated.pictures):
        raise InvalidInput(
            "expected a table that names the person of every picture beside --recogniser, got one "
            "that does not; name the column with --columns person=..."
        )


def open_parts(
    *,
    weights: Path | None,
    baseline: str | None,
    peers: bool,
    pyiqa: tuple[str, ...],
    recogniser: str | None,
    aligned: bool,
    threads: int,
) -> OpenedParts:
    """Open everything.

    Raises:
        WeightsMissing, UnsupportedWeights: If an ONNX file cannot be used.
        NotRegistered: If the baseline is neither a file nor a peer that works here.
    """
    from ....assessor.benchmark.evaluation.examination import Examiner
    from ....assessor.benchmark.evaluation.learned_peers import OpenPeers, open_peers
    from ....assessor.runtime import SHIPPED_WEIGHTS, Assessor
    from ....restorers.compat import prepare
    from ...parts import default_detector

    opened = open_peers(pyiqa, prepare) if peers or pyiqa else OpenPeers((), {})
    other, baseline_name = None, baseline
    if baseline is not None and baseline not in {peer.name for peer in opened.ready}:
        if not (Path(baseline).is_file() or baseline.endswith(".onnx")):
            known = (*(peer.name for peer in opened.ready), "an ONNX file")
            raise NotRegistered("baseline", baseline, known)
        other = Assessor(Path(baseline), threads=threads)
        baseline_name = f"{other.name} ({Path(baseline).name})"
    embedder = None if recogniser is None else open_recogniser(recogniser, threads)
    examiner = Examiner(
        assessor=Assessor(weights or SHIPPED_WEIGHTS, threads=threads),
        baseline=other,
        peers=opened.ready,
        embedder=embedder,
        detector=None if aligned else default_detector(),
    )
    return OpenedParts(examiner, opened, baseline_name, embedder.name if embedder else None)


def open_recogniser(name: str, threads: int) -> Embedder:
    """A registered embedder, or any 112 px network on ArcFace's five points."""
    from ....guards.identity import OnnxEmbedder, create_embedder, embedder_names
    from ....guards.identity.registry import embedder_spec

    if name in embedder_names():
        return create_embedder(name, threads)
    path = Path(name)
    if not (path.is_file() or path.suffix == ".onnx"):
        raise NotRegistered("recogniser", name, (*embedder_names(), "an ONNX file"))
    spec = replace(embedder_spec("arcface"), name=path.stem, weights=path.name)
    return OnnxEmbedder(spec, path, threads)
