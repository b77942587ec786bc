"""The options that only one kind of service has, and where they are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatgrid_tui.config.settings import load
from chatgrid_tui.errors import ConfigProblem

Write = Callable[[str], Path]

TABLE = """\
[providers.acme]
kind = "{kind}"
base_url = "https://bots.example"
{line}
"""


def test_what_a_widget_takes(write: Write) -> None:
    lines = 'key_header = "x-widget-api-key"\npath = "/chat"\nnew_conversation = "same session"'
    provider = load(write(TABLE.format(kind="widget", line=lines))).providers["acme"]
    assert (provider.key_header, provider.option("path"), provider.same_session) == (
        "x-widget-api-key",
        "/chat",
        True,
    )
    assert provider.extra == ()


def test_what_chatiq_takes(write: Write) -> None:
    provider = load(write(TABLE.format(kind="chatiq", line="private_mode = true"))).providers["acme"]
    assert provider.private
    assert provider.extra == ()


@pytest.mark.parametrize("kind", ["chatiq", "widget"])
def test_omitted_options_have_their_defaults(kind: str, write: Write) -> None:
    provider = load(write(TABLE.format(kind=kind, line=""))).providers["acme"]
    assert (provider.key_header, provider.options, provider.same_session, provider.private) == ("", (), False, False)


@pytest.mark.parametrize(
    ("kind", "line", "only"),
    [
        ("chatgrid", 'key_header = "x-api-key"', 'widget" or "openai'),
        ("openai", 'path = "/chat"', "widget"),
        ("chatiq", 'new_conversation = "new user"', "widget"),
        ("widget", "private_mode = true", "chatiq"),
        ("openai", "private_mode = false", "chatiq"),
        ("chatgrid", 'system = "Be brief."', "openai"),
        ("widget", "parameters = { seed = 1 }", "openai"),
    ],
)
def test_other_kinds_refuse_it(kind: str, line: str, only: str, write: Write) -> None:
    with pytest.raises(ConfigProblem) as caught:
        load(write(TABLE.format(kind=kind, line=line)))
    key = line.partition(" ")[0]
    assert str(caught.value).endswith(f'`{key}` in [providers.acme] is for kind = "{only}" alone.')
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("kind", "line", "words"),
    [
        ("widget", 'key_header = "Authorization"', 'takes "x-api-key" or "x-widget-api-key"'),
        ("widget", "key_header = 7", 'takes "x-api-key" or "x-widget-api-key"'),
        ("widget", 'path = "/v2/chat"', 'takes "/v1/chat/stream" or "/chat"'),
        ("widget", 'new_conversation = "another"', 'takes "new user" or "same session"'),
        ("chatiq", 'private_mode = "yes"', "must be true or false"),
    ],
)
def test_other_values_are_refused(kind: str, line: str, words: str, write: Write) -> None:
    with pytest.raises(ConfigProblem) as caught:
        load(write(TABLE.format(kind=kind, line=line)))
    assert words in str(caught.value)
    assert caught.value.line == 4
