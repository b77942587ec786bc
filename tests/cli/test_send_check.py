"""`send --check`: whether the service stored what it streamed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest import mock

import pytest

from chatgrid_tui.cli.outcome import TRUTH_FIGURES
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.session.truth import asking
from cli.running import Ran, run, write_config


@pytest.fixture
def config(demo: DemoServer, tmp_path: Path) -> str:
    return str(write_config(tmp_path, demo))


async def send(config: str, kind: str, *arguments: str) -> Ran:
    with mock.patch.object(asking, "ASK_AFTER", (0.0, 0.01)):
        return await run("send", "--config", config, "--provider", kind, "--check", *arguments)


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq"])
async def test_what_is_stored_is_compared_with_what_came(kind: str, config: str) -> None:
    ran = await send(config, kind, "--json", "Hello")
    truth = ran.json["truth"]
    assert isinstance(truth, dict)
    assert set(truth) == set(re.findall(r"\w+", " ".join(re.findall(r"^  (\w+(?:, \w+)*)  ", TRUTH_FIGURES, re.M))))
    assert (ran.code, truth["verdict"], truth["streamed"], truth["stored"]) == (0, "same", 5, 5)
    conversation = str(ran.json["conversation"])
    again = await send(config, kind, "--json", "--conversation", conversation, "Hello")
    assert (again.code, json.loads(again.stdout)["truth"]["verdict"]) == (0, "same"), "the first one does not count"


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq"])
async def test_another_verdict_has_an_exit_code(kind: str, config: str) -> None:
    ran = await send(config, kind, "/stored nothing")
    assert ran.code == 8
    assert ran.out.startswith("The service stores neither")
    assert "Truth check: sent 1 · stored 0 · streamed" in ran.err
    assert ran.err.endswith("stored none: not stored\n")


async def test_a_service_that_cannot_be_asked(config: str) -> None:
    ran = await send(config, "openai", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "do not show what they stored. Nothing was sent." in ran.err
    refused = await send(config, "chatgrid", "--json", "/429")
    assert (refused.code, json.loads(refused.stdout)["truth"]["verdict"]) == (3, None)
    assert "did not accept the message" in json.loads(refused.stdout)["truth"]["problem"]
