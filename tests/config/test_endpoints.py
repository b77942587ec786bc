"""Addresses as users paste them: the base is found, and unusable parts are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.endpoints import base_address, kind_of_endpoint
from chatgrid_tui.config.providers import read_provider
from chatgrid_tui.config.tables import Table
from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.demo.catalogue import KINDS, Kind


def table(**values: object) -> Table:
    """Return the table of a provider."""
    return Table(TomlFile(Path(), ""), ("providers", "p"), values)


@pytest.mark.parametrize(
    ("kind", "typed", "base"),
    [
        ("chatgrid", "api.chatgrid.ai", "https://api.chatgrid.ai/v1"),
        ("chatgrid", "https://api.chatgrid.ai/v1/", "https://api.chatgrid.ai/v1"),
        ("chatgrid", "https://api.chatgrid.ai/v1/boards", "https://api.chatgrid.ai/v1"),
        ("chatgrid", "https://api.chatgrid.ai/v1/v1/boards/7/chats/8/messages?limit=5", "https://api.chatgrid.ai/v1"),
        ("chatgrid", "  https://api.chatgrid.ai/v1/me/usage ", "https://api.chatgrid.ai/v1"),
        ("chatiq", "chatiq.io", "https://www.chatiq.io/api"),
        ("chatiq", "https://www.chatiq.io/api/chat", "https://www.chatiq.io/api"),
        ("chatiq", "https://www.chatiq.io/api/v1/bots/shop-bot", "https://www.chatiq.io/api"),
        ("chatiq", "localhost:3000/api/v1", "http://localhost:3000/api"),
        ("widget", "127.0.0.1:4000/v1/chat/stream", "http://127.0.0.1:4000"),
        ("widget", "https://bots.example/site/chat", "https://bots.example/site"),
        ("widget", "[::1]:4000/health", "http://[::1]:4000"),
        ("openai", "localhost:11434", "http://localhost:11434/v1"),
        ("openai", "http://localhost:11434/api/chat", "http://localhost:11434/v1"),
        ("openai", "http://10.0.0.7:8000/v1/chat/completions", "http://10.0.0.7:8000/v1"),
        ("openai", "https://api.openai.com/v1/models/gpt-x", "https://api.openai.com/v1"),
        ("openai", "openrouter.ai", "https://openrouter.ai/api/v1"),
        ("openai", "https://openrouter.ai/api", "https://openrouter.ai/api/v1"),
        ("openai", "https://api.perplexity.ai", "https://api.perplexity.ai"),
        ("openai", "https://host.example/my-assistant/", "https://host.example/my-assistant"),
        ("openai", "https://host.example/v1beta/openai/", "https://host.example/v1beta/openai"),
        ("openai", "HTTPS://host.example", "https://host.example/v1"),
        ("chatiq", "http://127.0.0.1:8791/openai/v1/chat/completions", "http://127.0.0.1:8791/openai/api"),
        ("widget", "https://host.example/v1/chat/completions", "https://host.example"),
        ("openai", "https://host.example/v1/boards/7/chats/8/messages", "https://host.example/v1"),
        ("chatgrid", "https://host.example/v1/chat/stream", "https://host.example/v1"),
    ],
)
def test_the_base_of_what_was_pasted(kind: Kind, typed: str, base: str) -> None:
    assert base_address(kind, typed) == (base, "")


def test_a_whole_endpoint_that_has_no_base_stays_as_it_is() -> None:
    for endpoint in (
        "https://api.perplexity.ai/chat/completions",
        "https://models.github.ai/inference/chat/completions",
        "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "https://dbc-1.cloud.databricks.com/serving-endpoints/llama/invocations",
        "https://host.example/my/Assistant/chat/completions?tenant=a/b&x=%C3%A4",
        "https://host.example/v1/chat/completions?from=https://x.example",
    ):
        assert base_address("openai", endpoint) == (endpoint, "")
        assert base_address("openai", f" HTTPS{endpoint.removeprefix('https')}#top") == (endpoint, "")
        assert read_provider("p", table(kind="openai", base_url=endpoint)).base_url == endpoint


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "The address is missing."),
        ("https://$HOST/v1", "$HOST is a variable."),
        ("https://", "must name a host"),
        ("ftp://host.example", "must begin with https:// or http://"),
        ("https://host.example:99999/v1", "The port must be between 1 and 65535."),
        ("https://host.example:0", "The port must be between 1 and 65535."),
        ("https://my host.example", "must not contain spaces"),
        ("https://me:secret@host.example", "must not contain a user name or a password"),
        ("https://host.example/v1?key=secret", "must not contain ?"),
        ("http://bücher.example", "Write this host as xn--bcher-kva.example."),
        ("http://[::1", "is not valid"),
        ("https://api.chatgrid.ai/v1http://127.0.0.1:8791/v1", "This contains two addresses."),
        ("https://a.examplehttps://b.example", "This contains two addresses."),
        ("a.example/https://b.example", "This contains two addresses."),
        ("https://" + "x" * 3000, "too long"),
    ],
)
def test_a_wrong_address_repeats_no_secret(typed: str, told: str) -> None:
    for kind in KINDS:
        address, sentence = base_address(kind, typed)
        assert address == ""
        assert told in sentence
        assert "secret" not in sentence


@pytest.mark.parametrize(
    ("kind", "typed", "other"),
    [
        ("chatiq", "http://127.0.0.1:8791/openai/v1/chat/completions", "openai"),
        ("openai", "https://x.example/v1/chat/completions", None),
        ("openai", "https://api.chatgrid.ai/v1/boards/7/chats", "chatgrid"),
        ("chatgrid", "www.chatiq.io/api/v1/bots/shop", "chatiq"),
        ("openai", "https://x.example/v1/chat/stream/", "widget"),
        ("chatgrid", "https://x.example/chat", None),
        ("chatgrid", "http://[::1", None),
    ],
)
def test_an_endpoint_of_another_kind_is_recognized(kind: Kind, typed: str, other: Kind | None) -> None:
    assert kind_of_endpoint(kind, typed) == other


@given(
    st.sampled_from(KINDS),
    st.one_of(
        st.text(max_size=60),
        st.from_regex(
            r"(https?://)?[a-z0-9.]{1,12}(:[0-9]{1,5})?(/(v1|api|chat|boards|models|x)){0,4}/?", fullmatch=True
        ),
    ),
)
def test_a_base_stays_itself_and_other_addresses_are_reported(kind: Kind, typed: str) -> None:
    address, sentence = base_address(kind, typed)
    assert bool(address) != bool(sentence)
    if address:
        assert base_address(kind, address) == (address, "")
