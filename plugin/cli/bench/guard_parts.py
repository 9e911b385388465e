"""Does what ``bench guard`` asks: opens tables, gallery and guard, and examines pair after pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ....assessor.benchmark.evaluation.datasets import RowProblem
from ....core.errors import FaceFidelityError, InvalidInput
from ....core.images import printable_path
from ....core.protocols import Embedder
from ....guards.judgement import FaceJudge
from ....guards.policy import Policy, load_policy
from ...batch.plan import require_output_folder
from ...benchmark.columns import Columns
from ...benchmark.examination import ExaminedPair, GuardExaminer
from ...benchmark.gallery import ENOUGH_PEOPLE, Gallery, Vector, require_independent
from ...benchmark.pairs import PairTable, draw_pairs, gallery_folder, read_face, read_pairs
from ...benchmark.report import GuardReport, GuardSubject, make_report
from ...benchmark.report_files import report_paths, write_report
from ...parts import default_judge
from ..options import complain, tracked
from .evaluation_parts import open_recogniser, split_words

__all__ = ["GuardRequest", "examine_guard", "write"]

_REPORT = "guard.md"


@dataclass(frozen=True, slots=True)
class GuardRequest:
    """The options; see ``bench guard --help``."""

    data: Path
    recogniser: str
    gallery: Path | None
    policy: str
    tune: Path | None
    limit: int | None
    resamples: int
    threads: int
    output: Path | None

    def policies(self) -> list[Policy]:
        """The policies, each once.

        Raises:
            NotRegistered, InvalidInput: If one is no policy.
        """
        return [load_policy(name) for name in dict.fromkeys(split_words(self.policy))]


def examine_guard(request: GuardRequest) -> GuardReport:
    """Examine the guard.

    Raises:
        InvalidInput: If tables, gallery or policies cannot be used, the recogniser is the guard's
            own embedder, or no pair could be judged.
        NotRegistered: If there is no policy or recogniser of a name.
    """
    policies = request.policies()
    table = read_pairs(request.data)
    known = None if request.tune is None else read_pairs(request.tune)
    _require_place(request, table)
    judge = default_judge(request.threads)
    recogniser = open_recogniser(request.recogniser, request.threads)
    people, problems = _embed_people(request, table, known, recogniser, judge)
    if len(people) < ENOUGH_PEOPLE:
        complain(
            "gallery",
            f"{len(people)} people; with fewer than {ENOUGH_PEOPLE} being ranked first says little",
        )
    examiner = GuardExaminer(judge, recogniser, people, policies)
    examined, failed = _examine(examiner, table, request.limit, "judging")
    tuned: Columns | None = None
    untuned: list[RowProblem] = []
    if known is not None:
        first = GuardExaminer(judge, recogniser, people, policies[:1])
        tuning, untuned = _examine(first, known, request.limit, "tuning")
        tuned = Columns(tuning)
    subject = GuardSubject(
        assessor=judge.assessor.name,
        embedder=judge.embedder.name,
        recogniser=recogniser.name,
        gallery=len(people),
        policies=tuple(policy.name for policy in policies),
        data=(table.path.name,),
        tuned_on=None if known is None else known.path.name,
    )
    left_out = [*problems, *table.problems, *failed, *(known.problems if known else ()), *untuned]
    return make_report(subject, Columns(examined), tuned, left_out, request.resamples)


def write(report: GuardReport, request: GuardRequest) -> list[Path]:
    """Write the report where one was asked for.

    Raises:
        WriteFailed: If the disk refuses.
    """
    return [] if request.output is None else write_report(report, request.output / _REPORT)


def _require_place(request: GuardRequest, table: PairTable) -> None:
    if request.output is None:
        return
    require_output_folder(request.output)
    paths = report_paths(request.output / _REPORT)
    if table.path.resolve() in {path.resolve() for path in paths}:
        raise InvalidInput(
            f"expected another place for the report, got one in which it would replace the table "
            f"{table.path}; choose another -o"
        )


def _examine(
    examiner: GuardExaminer, table: PairTable, limit: int | None, label: str
) -> tuple[list[ExaminedPair], list[RowProblem]]:
    """Judge the pairs; one that fails is left out with its reason."""
    pairs = draw_pairs(table.pairs, limit)
    examined, problems = [], []
    for pair in tracked(pairs, pairs, label):
        try:
            examined.append(examiner.examine(pair))
        except FaceFidelityError as error:  # noqa: PERF203 - the others go on
            problems.append(RowProblem(pair.line, pair.name, str(error)))
    if not examined:
        raise InvalidInput(
            f"expected pairs that can be judged in {printable_path(table.path)}, got none: "
            f"{problems[0].reason}"
        )
    return examined, problems


def _embed_people(
    request: GuardRequest,
    table: PairTable,
    known: PairTable | None,
    recogniser: Embedder,
    judge: FaceJudge,
) -> tuple[Gallery, list[RowProblem]]:
    """Everybody's pristine face, seen by the recogniser."""
    tables = [table] if known is None else [known, table]
    faces: dict[str, Path] = {}
    sexes: dict[str, str] = {}
    for one in tables:
        faces |= one.references
        sexes |= one.sexes
    if request.gallery is not None:
        faces |= gallery_folder(request.gallery)
    if not faces:
        raise InvalidInput(
            "expected a pristine face of every person, got none; name their folder with --gallery "
            "(file stem = person), or their pictures in a column reference"
        )
    vectors: dict[str, Vector] = {}
    problems: list[RowProblem] = []
    for person in tracked(faces, faces, "gallery"):
        try:
            face = read_face(faces[person])
        except InvalidInput as error:
            problems.append(RowProblem(0, printable_path(faces[person]), str(error)))
            continue
        if not vectors:
            require_independent(recogniser, judge.embedder, face)
        vectors[person] = recogniser.embed(face).vector
    return Gallery(vectors, _of_some(sexes)), problems


def _of_some(sexes: Mapping[str, str]) -> dict[str, str]:
    return {person: sex for person, sex in sexes.items() if sex}
