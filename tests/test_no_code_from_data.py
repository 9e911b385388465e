"""Nothing that comes from outside is run: no pickle, no eval, no shell, no archive unpacked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("assessor", "core", "guards", "plugin", "restorers", "ui", "benchmarks", "examples")
REFUSED_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system",
    "os.popen", "os.execv", "os.execve", "os.spawnv", "pickle.load",
    "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open",
    "yaml.unsafe_load", "yaml.full_load", "joblib.load", "shutil.unpack_archive", "tempfile.mktemp",
}  # fmt: skip
REFUSED_IMPORTS = {
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "tarfile",
    "zipfile",
    "telnetlib",
}
YAML_LOADERS = {"_PlainLoader"}


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def problems(source: str, where: str) -> list[str]:
    """What a file does that it must not."""
    tree, found = ast.parse(source), []
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        found += [f"{where} imports {n}" for n in names if n.split(".")[0] in REFUSED_IMPORTS]
    for call, name in calls(tree):
        given = {word.arg: word.value for word in call.keywords}
        line = f"{where}:{call.lineno} {name}"
        if name in REFUSED_CALLS:
            found.append(line)
        if name == "torch.load" and ast.unparse(given.get("weights_only", call)) != "True":
            found.append(f"{line} without weights_only=True")
        if "shell" in given and ast.unparse(given["shell"]) != "False":
            found.append(f"{line} with a shell")
        if name.endswith("np.load") and ast.unparse(given.get("allow_pickle", call)) == "True":
            found.append(f"{line} with pickles")
        if name == "yaml.load" and ast.unparse(call.args[-1]) not in YAML_LOADERS:
            found.append(f"{line} with another loader")
    return found


def test_nothing_from_outside_is_run() -> None:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            found += problems(path.read_text(encoding="utf-8"), where)
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "eval('1')",
        "import os; os.system('x')",
        "import pickle; pickle.loads(b'')",
        "import torch; torch.load('x')",
        "torch.load('x', weights_only=False)",
        "subprocess.run('x', shell=True)",
        "np.load('x', allow_pickle=True)",
        "yaml.load('x', yaml.Loader)",
        "import tarfile",
        "from zipfile import ZipFile",
    ],
)
def test_each_of_them_would_be_found(line: str) -> None:
    assert problems(line, "x.py")
