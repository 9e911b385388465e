"""The file of keys: what is refused, and that no message holds a key."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the serve extra")

from facefidelity.core.errors import InvalidInput
from facefidelity.plugin.service.keys import ApiKeys, read_api_keys

KEY = "0123456789abcdef"


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_key_names_its_holder(tmp_path: Path) -> None:
    keys = read_api_keys(write(tmp_path / "k", f"# a comment\n\nann:{KEY}\nbob:{KEY}:2\n"))
    assert keys.holder(KEY) == "ann"
    assert keys.holder(f"{KEY}:2") == "bob"
    assert keys.holder("") is None
    assert keys.holder("\udce9") is None  # bytes that are no text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one"),
        ("ann\n", "line 1"),
        (f":{KEY}\n", "line 1"),
        ("ann:short\n", "16"),
        (f"ann:{KEY} {KEY}\n", "line 1"),
        (f"ann:{KEY}\nann:{KEY}x\n", "once"),
    ],
)
def test_what_is_no_file_of_keys_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        read_api_keys(write(tmp_path / "k", text))
    assert KEY not in str(caught.value)
    assert "short" not in str(caught.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="chmod 600"):
        read_api_keys(write(tmp_path / "k", f"ann:{KEY}\n", 0o644))
    with pytest.raises(InvalidInput, match="No such file"):
        read_api_keys(tmp_path / "none")


def test_every_hash_is_compared_in_constant_time(monkeypatch) -> None:
    import hmac

    compared = []
    true_compare = hmac.compare_digest
    monkeypatch.setattr(
        hmac, "compare_digest", lambda a, b: (compared.append(1), true_compare(a, b))[1]
    )
    keys = ApiKeys([("a", KEY), ("b", KEY + "b"), ("c", KEY + "c")])
    assert keys.holder(KEY) == "a"
    assert len(compared) == 3
