"""What the service says of pictures: labels in what it delivers, and logs that can be redacted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facefidelity.core.errors import UntrustedWeights
from facefidelity.plugin.provenance import verify_picture


def test_a_delivered_picture_is_labelled(make_service, client_of, small_png, tmp_path) -> None:
    pytest.importorskip("fastapi", reason="needs the serve extra")
    from facefidelity.plugin.service.engine import Engine

    answer = client_of(make_service(Engine)).post(
        "/v1/restore", files={"picture": ("ann.png", small_png)}, headers={"accept": "image/png"}
    )
    assert answer.status_code == 200
    (tmp_path / "x.png").write_bytes(answer.content)
    label = verify_picture(tmp_path / "x.png").label
    assert (label.state, label.face_count) == ("unchanged", 0)


def test_a_redacted_job_log_holds_neither_keys_nor_verdicts(
    make_service, client_of, small_png, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text("erika:0123456789abcdef0123")
    keys.chmod(0o600)
    for redact in (False, True):
        service = make_service(api_keys=keys, redact=redact)
        client = client_of(service)
        answer = client.post(
            "/v1/restore",
            files={"picture": ("ann.png", small_png)},
            headers={"Authorization": "Bearer 0123456789abcdef0123"},
        )
        assert answer.status_code == 200
        text = service.settings.job_log.read_text("utf-8")
        ended = json.loads(text.splitlines()[-1])
        assert ("erika" in text) is not redact
        assert ended["faces"] == (0 if redact else [])
        assert "0123456789abcdef0123" not in text


def test_an_unknown_network_is_not_served_without_trust(make_service, tmp_path: Path) -> None:
    network = tmp_path / "mine.onnx"
    network.write_bytes(b"no network")
    given = {"restorers": ("onnx",), "restorer_settings": {"path": str(network)}}
    with pytest.raises(UntrustedWeights, match="--trust"):
        make_service(**given)
    assert make_service(**given, trust=True).offer.settings["path"] == str(network)
