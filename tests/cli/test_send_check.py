"""`send --check`: whether the service stored what it streamed."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from unittest import mock

import pytest

from chatgrid_tui.cli.outcome import TRUTH_FIGURES
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.client import Client
from chatgrid_tui.errors import ServiceProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.truth import asking
from chatgrid_tui.session.truth.sent_check import SentCheck
from cli.running import Ran, controls_in, run, write_config


@pytest.fixture
def config(demo: DemoServer, tmp_path: Path) -> str:
    return str(write_config(tmp_path, demo))


async def send(config: str, kind: str, *arguments: str) -> Ran:
    with mock.patch.object(asking, "ASK_AFTER", (0.0, 0.01)):
        return await run("send", "--config", config, "--provider", kind, "--check", *arguments)


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq"])
async def test_the_stored_text_is_compared_with_the_streamed_text(kind: str, config: str) -> None:
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


async def test_a_service_that_fails_when_it_is_asked(config: str) -> None:
    failing = ServiceProblem("It is \x1b[31mdown.\nFor now.", Failure("http", status=500))
    with mock.patch.object(Client, "messages", side_effect=failing):
        ran = await send(config, "chatgrid", "Hello")
        in_json = await send(config, "chatgrid", "--json", "Hello")
    assert (ran.code, ran.out, ran.err.count("\n")) == (8, "Hello\n", 1)
    assert not controls_in(ran.stderr)
    truth = json.loads(in_json.stdout)["truth"]
    assert (in_json.code, truth["verdict"]) == (8, None)
    assert truth["problem"].endswith("For now.")


async def test_stopping_the_check_keeps_the_reply(config: str) -> None:
    async def stopped(self: SentCheck, conversation: str, reply: Reply) -> None:
        raise asyncio.CancelledError

    with mock.patch.object(SentCheck, "run", stopped):
        ran = await send(config, "chatgrid", "--json", "Hello")
    assert ran.json["bubbles"] == ["Hello"]
    assert "Stopped before" in json.loads(ran.stdout)["truth"]["problem"]
