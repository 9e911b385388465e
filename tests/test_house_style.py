"""The house style that a machine can read: borders, names and sizes, from the AST."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from .conftest import LAYERS, ROOT, Module, modules

# Where anything at all may be caught, how often, and why.
BORDERS = {
    "plugin/cli/main.py": (1, "the command line ends with one line and an exit code"),
    "plugin/batch/picture.py": (1, "one picture of a batch must not end the others"),
    "plugin/cli/clips.py": (1, "one clip of a batch must not end the others"),
    "plugin/cli/assess.py": (1, "one picture of a batch must not end the others"),
    "plugin/batch/pairs.py": (1, "one pair of a batch must not end the others"),
    "ui/answers.py": (1, "a callback of the page ends with one sentence, not with a traceback"),
    "plugin/timebox.py": (1, "a foreign restorer may raise anything; it becomes RestorerFailed"),
}

VAGUE_NAMES = frozenset(
    ["common", "commons", "helper", "helpers", "misc", "miscellaneous", "util", "utils"]
)
MODULE_LINES = 300
FUNCTION_LINES = 60
FUNCTION_LINES_AIM = 40


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Every function with its length in lines, docstring left out."""
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield f"{module.path}:{node.lineno} {node.name}", lines


def test_modules_are_short() -> None:
    long = {m.path: m.lines for m in modules() if m.lines > MODULE_LINES}
    assert not long, f"no module is longer than {MODULE_LINES} lines; split these"


def test_functions_are_short() -> None:
    lengths = dict(found for module in modules() for found in functions(module))
    long = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}
    above_aim = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_AIM}
    if above_aim:
        warnings.warn(f"functions above {FUNCTION_LINES_AIM} lines: {above_aim}", stacklevel=1)
    assert not long, f"no function is longer than {FUNCTION_LINES} lines; split these"


def test_names_say_what_is_inside() -> None:
    folders = [*LAYERS, "tests", "benchmarks", "examples"]
    paths = [p.relative_to(ROOT) for folder in folders for p in (ROOT / folder).rglob("*")]
    vague = [
        str(path)
        for path in paths
        if (path.suffix == ".py" or (ROOT / path).is_dir())
        and VAGUE_NAMES & set(path.stem.lower().strip("_").split("_"))
    ]
    assert not vague


def test_only_the_command_line_prints() -> None:
    wrong = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if not module.path.startswith("plugin/cli/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "rich.print"}
    ]
    assert not wrong


def test_everything_is_caught_at_borders_only() -> None:
    caught: dict[str, list[int]] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and _catches_anything(node):
                caught.setdefault(module.path, []).append(node.lineno)
    wrong = {path: lines for path, lines in caught.items() if path not in BORDERS}
    assert not wrong, "catch what can be named; the borders are listed in this file"
    too_many = {p: lines for p, lines in caught.items() if len(lines) > BORDERS[p][0]}
    assert not too_many
    stale = set(BORDERS) - set(caught)
    assert not stale, "these borders are gone; take them from the list"


def _catches_anything(node: ast.ExceptHandler) -> bool:
    if node.type is None:
        return True
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds)


def test_every_module_says_what_it_is_for() -> None:
    assert not [m.path for m in modules() if not ast.get_docstring(m.tree)]


def test_errors_are_defined_in_one_place() -> None:
    wrong = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in modules()
        if module.path != "core/errors.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith(("Error", "Exception")) for base in node.bases)
    ]
    assert not wrong, "raise a type of core/errors.py"
