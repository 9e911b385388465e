"""The table of registered files is well formed, and the page about it says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from facefidelity.core.errors import InvalidInput, NotRegistered
from facefidelity.core.weights import WeightsFile, registered_weights, weights_file

PAGE = Path(__file__).parents[2] / "docs" / "weights.md"
FACTS = {
    "name": "net.onnx",
    "url": "https://example.org/net.onnx",
    "size_bytes": 5,
    "sha256": "0" * 64,
    "licence": "MIT",
    "commercial_use": "yes",
    "used_by": ("test",),
}


def markdown_row(file: WeightsFile) -> str:
    note = f" ({file.note})" if file.note else ""
    cells = [
        f"[{file.name}]({file.url})",
        f"{file.size_bytes:,}",
        f"`{file.sha256}`",
        ", ".join(file.used_by),
        file.commercial_use,
        f"{file.licence}{note}",
    ]
    return f"| {' | '.join(cells)} |"


def test_names_and_hashes_are_unique() -> None:
    files = registered_weights()
    assert len({file.name for file in files}) == len(files) == 15
    assert len({file.sha256 for file in files}) == len(files)


@pytest.mark.parametrize("file", registered_weights(), ids=lambda file: file.name)
def test_every_entry_is_whole(file: WeightsFile) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
    assert file.size_bytes > 100_000
    assert all(address.startswith("https://") for address in file.addresses)
    assert all(address.endswith(f"/{file.name}") for address in file.addresses)
    assert len(set(file.addresses)) == len(file.addresses)
    assert file.commercial_use in {"yes", "no", "unclear"}
    assert file.licence
    assert file.used_by


def test_non_commercial_licences_are_not_called_free() -> None:
    for file in registered_weights():
        if "non-commercial" in file.licence:
            assert file.commercial_use != "yes", file.name


def test_a_misspelt_name_is_answered_with_close_matches() -> None:
    assert weights_file("GFPGANv1.4.pth").size_bytes == 348_632_874
    with pytest.raises(NotRegistered, match=r"did you mean .*GFPGANv1\.4\.pth"):
        weights_file("GFPGANv14.pth")


def test_the_file_without_an_agreed_hash_is_not_registered() -> None:
    with pytest.raises(NotRegistered):
        weights_file("restoreformer_plus_plus.onnx")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../net.onnx"},
        {"name": ""},
        {"url": "file:///etc/passwd"},
        {"url": "https://"},
        {"mirrors": ("ftp://example.org/net.onnx",)},
        {"size_bytes": 0},
        {"sha256": "0" * 63},
        {"sha256": "A" * 64},
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_checked_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        WeightsFile(**{**FACTS, **change})


def test_the_page_shows_the_table_of_the_registry() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| [")]
    assert rows == [markdown_row(file) for file in registered_weights()]
