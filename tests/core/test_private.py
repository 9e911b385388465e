"""Files with keys: owner only, comments left out, and no message that holds a line."""

from __future__ import annotations

import pytest

from facefidelity.core.errors import InvalidInput
from facefidelity.core.private import read_private_lines


def written(folder, text: bytes, mode: int = 0o600):
    path = folder / "keys.txt"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def test_lines_keep_their_numbers(tmp_path):
    path = written(tmp_path, b"# who\n\na:one\n   # not this\n b:two \n")
    assert read_private_lines(path, "name:key", "keys") == [(3, "a:one"), (5, " b:two ")]


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_what_others_may_read_is_refused(tmp_path, mode):
    with pytest.raises(InvalidInput, match="chmod 600 keys") as caught:
        read_private_lines(written(tmp_path, b"a:secret\n", mode), "name:key", "keys")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", [b"", b"\n# a:secret\n"])
def test_an_empty_file_is_refused(tmp_path, text):
    with pytest.raises(InvalidInput, match="at least one name:key line in keys, found none"):
        read_private_lines(written(tmp_path, text), "name:key", "keys")


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="got keys: No such file"):
        read_private_lines(tmp_path / "none", "name:key", "keys")
    with pytest.raises(InvalidInput, match="got keys: not UTF-8"):
        read_private_lines(written(tmp_path, b"a:\xff\xfe"), "name:key", "keys")
