"""What the docs say of the code is compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

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
        assert told == [
            f"{value:g}" if not isinstance(value, bool) else str(value) for value in values
        ]


def test_every_option_is_in_the_commands_page() -> None:
    page = read("docs/commands.md")
    group = typer.main.get_command(app)
    for command in ("restore", "assess", "compare"):
        for parameter in group.commands[command].params:
            flags = [word for word in parameter.opts if word.startswith("--")]
            assert all(flag in page for flag in flags if flag not in {"--output", "--help"}), flags


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
