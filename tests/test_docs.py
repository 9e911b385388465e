"""What the docs say of the code is compared with the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import typer
import yaml

from facefidelity.assessor.benchmark.simulate.analogue import AnalogueLine
from facefidelity.assessor.benchmark.simulate.codecs import CODECS
from facefidelity.assessor.benchmark.simulate.named import NamedCamera, camera_names, named_camera
from facefidelity.assessor.benchmark.simulate.random_camera import RandomCamera
from facefidelity.assessor.benchmark.simulate.sensor import DEMOSAIC, NOISE_KINDS, PROCESSING
from facefidelity.core.scores import HEADS
from facefidelity.guards.policy import Policy, load_policy
from facefidelity.plugin.cli.main import app
from facefidelity.plugin.cli.restore import _RESTORERS
from facefidelity.restorers.registry import restorer_names

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ("observe", "lenient", "balanced", "strict")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_policy_table_is_the_policies() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \| [^|]+ \|$", read("docs/guards.md"), re.M))
    policies = [load_policy(name) for name in POLICIES]
    numbers = [name for name in Policy.model_fields if name not in {"name", "summary"}]
    for field in numbers:
        told = [cell.strip() for cell in rows[field].split("|")]
        values = [getattr(policy, field) for policy in policies]
        assert told == [shown(value) for value in values]


def shown(value: float | bool | None) -> str:
    if value is None:
        return "none"
    return str(value) if isinstance(value, bool) else f"{value:g}"


def test_every_option_is_in_the_commands_page() -> None:
    page = read("docs/commands.md")
    group = typer.main.get_command(app)
    for command in ("restore", "assess", "compare"):
        for parameter in group.commands[command].params:
            flags = [word for word in parameter.opts if word.startswith("--")]
            assert all(flag in page for flag in flags if flag not in {"--output", "--help"}), flags


def test_every_option_of_bench_build_is_in_its_section_and_its_page_uses_no_other() -> None:
    section = read("docs/commands.md").split("## bench build\n")[1].split("\n## ")[0]
    command = typer.main.get_command(app).commands["bench"].commands["build"]
    flags = {word for one in command.params for word in one.opts if word.startswith("--")}
    assert [
        flag for flag in flags - {"--output", "--format", "--help"} if flag not in section
    ] == []
    lines = re.findall(r"facefidelity bench build .*", read("docs/benchmark.md"))
    assert len(lines) == 3
    assert set(re.findall(r"--[\w-]+", " ".join(lines))) <= flags


def test_every_option_of_bench_guard_is_in_its_section_and_its_page_uses_no_other() -> None:
    section = read("docs/commands.md").split("## bench guard\n")[1].split("\n## ")[0]
    command = typer.main.get_command(app).commands["bench"].commands["guard"]
    flags = {word for one in command.params for word in one.opts if word.startswith("--")}
    told = flags - {"--output", "--format", "--help"}
    assert [flag for flag in told if flag not in section] == []
    (line,) = re.findall(r"facefidelity bench guard .*", read("docs/evaluation.md"))
    assert set(re.findall(r"--[\w-]+", line)) <= flags


def test_camera_table_is_the_cameras() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", read("docs/benchmark.md"), re.M))
    cameras = [*map(named_camera, camera_names()), RandomCamera()]
    assert {camera.name: camera.summary for camera in cameras} == rows


def test_the_example_camera_is_one_and_shows_every_key(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.+?)```", read("docs/benchmark.md"), re.S)
    (tmp_path / "lobby.yaml").write_text(example, encoding="utf-8")
    assert named_camera(str(tmp_path / "lobby.yaml")).name == "lobby"
    told = yaml.safe_load(example)
    assert set(told) == set(NamedCamera.model_fields)
    assert set(told["line"]) == {field.name for field in fields(AnalogueLine)}
    every = [*CODECS, *NOISE_KINDS, *DEMOSAIC, *PROCESSING]
    assert [kind for kind in every if kind not in example] == []


@pytest.mark.parametrize("name", ["train", "export"])
def test_every_option_of_training_is_in_its_section_and_its_page_uses_no_other(name: str) -> None:
    section = read("docs/commands.md").split(f"## bench {name}\n")[1].split("\n## ")[0]
    command = typer.main.get_command(app).commands["bench"].commands[name]
    flags = {word for one in command.params for word in one.opts if word.startswith("--")}
    told = flags - {"--output", "--format", "--help"}
    assert [flag for flag in told if flag not in section] == []
    page = read("docs/training.md").replace("\\\n", " ")
    lines = re.findall(rf"facefidelity bench {name} .*", page)
    assert lines
    assert {flag for line in lines for flag in re.findall(r"--[a-z-]+", line)} <= flags


def test_the_config_table_is_the_training_plan() -> None:
    pytest.importorskip("torch", reason="needs torch (the train extra)")
    from facefidelity.assessor.training.plan import TrainingPlan

    page = read("docs/training.md").split("### The config")[1].split("\n### ")[0]
    tables = [table for table in page.split("\n\n") if table.startswith("| key")]
    plan = TrainingPlan()
    for table, part in zip(tables, (plan, plan.network), strict=True):
        told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.M))
        values = {name: getattr(part, name) for name in type(part).model_fields}
        shown = {
            name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            for name, value in values.items()
        }
        assert told == shown | ({"network": "below"} if part is plan else {})


def test_every_restorer_is_in_its_page() -> None:
    page = read("docs/restorers.md")
    assert [name for name in restorer_names() if f"`{name}`" not in page] == []


def test_restore_help_names_every_restorer_for_users() -> None:
    told = {word.strip() for word in _RESTORERS.split(",")}
    assert told == set(restorer_names()) - {"identity"}


def test_readme_names_every_head() -> None:
    assert all(head in read("README.md") for head in HEADS)


PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/**/*_CARD.md")]
    if ".venv" not in path.parts and "build" not in path.parts
)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", read(page))
    assert [link for link in links if not (folder / link).exists()] == []
