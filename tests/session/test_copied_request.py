"""A copied request contains no key, and a long body goes into a private file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.copied_request import copied_request
from planted import PLANTED

PROVIDER = Provider("acme", "openai", "https://bots.example/v1", headers=(("X-Route", PLANTED),))
LONG = Recording(Request("POST", "https://bots.example/v1", {"text": "a" * 200_000}), redacted=("authorization",))


def test_a_long_body_is_in_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    copied = copied_request(LONG, PROVIDER, KeySource("MY_KEY"), "curl")
    assert copied.body_file is not None
    assert f"--data-binary '@{copied.body_file}'" in copied.text
    assert copied.body_file.stat().st_mode & 0o777 == 0o600
    assert copied.body_file.stat().st_size == 200_000 + len('{"text":""}')
    assert copied.variables == ("MY_KEY",)
    assert copied_request(LONG, PROVIDER, None, "httpx").body_file is None
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(UsageProblem, match="cannot be written to a file: No such file"):
        copied_request(LONG, PROVIDER, None, "curl")


def test_a_known_key_is_masked_wherever_it_is() -> None:
    assert Secret(PLANTED).reveal() == PLANTED
    recording = Recording(
        Request("POST", "https://bots.example/v1", {"text": f"My key: {PLANTED}"}), "", None, ("x-route",)
    )
    for form in ("curl", "httpx"):
        text = copied_request(recording, PROVIDER, None, form).text
        assert PLANTED not in text
        assert text.count("[key ...9f3a]") == 1
        assert "X_ROUTE" in text
