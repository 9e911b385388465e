"""Which files a list of inputs means, in which order, and where their outputs would go."""

from __future__ import annotations

from pathlib import Path

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.images import FoundPicture, find_pictures, read_picture

TREE = [
    "b.JPG",
    "a.png",
    "notes.txt",
    ".hidden.png",
    "sub/c.tif",
    "sub/deep/d.webp",
    ".cache/e.png",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in TREE:
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "tree"


def relatives(found: list[FoundPicture]) -> list[str]:
    return [item.relative.as_posix() for item in found]


@pytest.mark.parametrize(
    ("inputs", "recursive", "expected"),
    [
        (["."], True, ["a.png", "b.JPG", "sub/c.tif", "sub/deep/d.webp"]),
        (["."], False, ["a.png", "b.JPG"]),
        (["sub"], True, ["c.tif", "deep/d.webp"]),
        (["sub", "."], True, ["c.tif", "deep/d.webp", "a.png", "b.JPG"]),
        (["b.JPG", "."], True, ["b.JPG", "a.png", "sub/c.tif", "sub/deep/d.webp"]),
        (["notes.txt"], True, ["notes.txt"]),
        ([".hidden.png"], True, [".hidden.png"]),
        (["a.png", "a.png", "sub/../a.png"], True, ["a.png"]),
        (["sub/c.tif"], True, ["c.tif"]),
        (["nowhere", "a.png"], True, ["nowhere", "a.png"]),
        (["nowhere", "nowhere"], True, ["nowhere"]),
        ([], True, []),
    ],
)
def test_inputs_are_expanded(tree, inputs, recursive, expected):
    found = find_pictures([tree / name for name in inputs], recursive=recursive)
    assert relatives(found) == expected
    assert all(str(item.path).endswith(str(item.relative)) for item in found)


def test_a_folder_given_relatively(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert relatives(find_pictures([Path(), Path("sub")])) == [
        "a.png", "b.JPG", "sub/c.tif", "sub/deep/d.webp",
    ]  # fmt: skip


def test_loops_of_linked_folders_end(tree):
    (tree / "sub" / "up").symlink_to(tree, target_is_directory=True)
    (tree / "sub" / "self").symlink_to(tree / "sub" / "self")
    (tree / "again").symlink_to(tree / "sub", target_is_directory=True)
    found = find_pictures([tree])
    assert sorted(item.path.name for item in found) == ["a.png", "b.JPG", "c.tif", "d.webp"]


def test_a_linked_folder_is_entered(tree, tmp_path):
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "linked").symlink_to(tree / "sub", target_is_directory=True)
    assert relatives(find_pictures([tmp_path / "list"])) == ["linked/c.tif", "linked/deep/d.webp"]


def test_a_linked_file_is_the_same_file(tree):
    (tree / "0.png").symlink_to(tree / "a.png")
    assert relatives(find_pictures([tree], recursive=False)) == ["0.png", "b.JPG"]


def test_what_cannot_be_read_stays_in_the_list_and_is_named(tree, hostile):
    paths = [hostile.missing(), hostile.pipe(), hostile.broken_link(), hostile.linked_to_itself()]
    found = find_pictures([*paths, hostile.null_in_name()])
    assert len(found) == 5
    for item in found:
        with pytest.raises(InvalidInput, match=r"nowhere|pipe|gone|ouroboros|a\\x00b"):
            read_picture(item.path)


def test_a_broken_link_in_a_folder_stays_in_the_list(tree):
    (tree / "broken.png").symlink_to(tree / "not-there")
    assert relatives(find_pictures([tree], recursive=False)) == ["a.png", "b.JPG", "broken.png"]


def test_a_folder_that_cannot_be_listed_stays_in_the_list_and_is_named(tree, as_ordinary_user):
    (tree / "sub").chmod(0)
    try:
        with as_ordinary_user():
            found = find_pictures([tree])
            assert relatives(found) == ["a.png", "b.JPG", "sub"]
            with pytest.raises(InvalidInput, match=r"got a folder: .*sub"):
                read_picture(found[-1].path)
            assert relatives(find_pictures([tree / "sub"])) == ["sub"]
    finally:
        (tree / "sub").chmod(0o700)


def test_a_folder_named_like_a_picture_is_a_folder(tree):
    (tree / "album.jpg").mkdir()
    (tree / "album.jpg" / "x.png").write_bytes(b"x")
    assert "album.jpg/x.png" in relatives(find_pictures([tree]))


def test_a_name_that_is_not_utf8_is_found(hostile):
    hostile.put(b"caf\xe9.png", b"x")
    assert relatives(find_pictures([hostile.folder])) == ["caf\udce9.png"]
