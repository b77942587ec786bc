"""The fields of a provider form: mistakes are reported at their field, valid input becomes a short table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.provider_fields import (
    EditContext,
    KeyPlace,
    Problems,
    ProviderFields,
    ValidProvider,
    changes_of,
    fields_of,
    name_for,
    stored_for_another,
    validate,
)
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import load
from chatgrid_tui.config.writing import change
from chatgrid_tui.model.provider import Provider
from form_entries import filled

PLAIN = filled(kind="openai", title="Local", base_url="http://localhost:11434/v1", key_from="none")
FULL = filled(
    kind="openai",
    title="Acme live",
    base_url="https://bots.example/v1",
    key_from="command",
    command="op read 'op://work/acme live/key'",
    boards="small, large\nsmall",
    production=True,
    silence_timeout="90",
    headers="Origin: https://acme.example\nX-Team: blue",
    system="Be brief.\n",
    temperature="0,7",
    max_tokens="200",
    parameters='top_p = 0.9\nstop = ["a", "b"]\nuser = bob\nseed = 7',
)

NO_CONTEXT = EditContext()


def good(form: ProviderFields, context: EditContext = NO_CONTEXT) -> ValidProvider:
    valid = validate(form, context)
    assert isinstance(valid, ValidProvider), valid
    return valid


def wrong(form: ProviderFields, context: EditContext = NO_CONTEXT) -> Problems:
    problems = validate(form, context)
    assert not isinstance(problems, ValidProvider)
    return problems


def test_only_what_differs_is_written() -> None:
    assert good(PLAIN).table == {"kind": "openai", "base_url": "http://localhost:11434/v1", "title": "Local"}
    assert good(PLAIN).provider.name == "local"
    assert "title" not in good(filled(PLAIN, title="local")).table


def test_the_file_looks_handwritten(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    valid = good(FULL)
    change(file, {"default_provider": "acme-live", "providers": {"acme-live": changes_of(valid, {})}})
    assert (
        file.read_text()
        == """\
default_provider = "acme-live"

[providers.acme-live]
kind = "openai"
base_url = "https://bots.example/v1"
title = "Acme live"
api_key_cmd = ["op", "read", "op://work/acme live/key"]
boards = ["small", "large"]
production = true
silence_timeout = 90
system = "Be brief."

[providers.acme-live.headers]
Origin = "https://acme.example"
X-Team = "blue"

[providers.acme-live.parameters]
temperature = 0.7
max_tokens = 200
top_p = 0.9
stop = ["a", "b"]
user = "bob"
seed = 7
"""
    )
    assert load(file).providers["acme-live"] == valid.provider


def test_what_is_written_comes_back_into_the_form() -> None:
    valid = good(FULL)
    again = fields_of(valid.provider, valid.source, "none")
    assert good(again, EditContext({"acme-live": valid.provider}, "acme-live")).table == valid.table


def test_editing_keeps_unknown_settings_and_drops_defaults() -> None:
    before = {
        "kind": "openai",
        "note": "mine",
        "base_url": "https://old.example/v1",
        "boards": ["x"],
        "headers": {"A": "1", "B": "2"},
        "api_key": "as plain text",
    }
    changes = changes_of(good(filled(PLAIN, headers="B: 3")), before)
    assert changes == {
        "kind": "openai",
        "base_url": "http://localhost:11434/v1",
        "title": "Local",
        "boards": None,
        "api_key": None,
        "headers": {"A": None, "B": "3"},
    }
    kept = changes_of(good(filled(PLAIN, key_from="config")), before)
    assert "api_key" not in kept


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"title": ""}, "title", "The name is missing."),
        ({"title": "Taken"}, "title", "Another provider has this name."),
        ({"title": "TAKEN one"}, "title", "Another provider has this name."),
        ({"title": "x" * 61}, "title", "60 characters"),
        ({"title": "sk-proj-Ab3dE5"}, "title", "looks like a key"),
        ({"title": "My 0123456789abcdef0123456789abcdef"}, "title", "looks like a key"),
        ({"title": "Mine", "name": "cgk_live_0123456789"}, "name", "looks like a key"),
        ({"title": "日本"}, "name", "letters from a to z"),
        ({"title": "Mine", "name": "two words"}, "name", "letters, digits"),
        ({"title": "Mine", "name": "taken"}, "name", "is called taken"),
        ({"base_url": "https://x:99999"}, "base_url", "The port must be"),
        ({"base_url": "http://far.example/v1"}, "allow_http", "Allow it, or use https"),
        ({"key_from": "environment"}, "variable", "missing"),
        ({"key_from": "environment", "variable": "A-B"}, "variable", "letters, digits and underscores"),
        ({"key_from": "environment", "variable": "sk_live_0123456789"}, "variable", "looks like a key"),
        ({"key_from": "command"}, "command", "missing"),
        ({"key_from": "command", "command": 'op "read'}, "command", "quotation mark"),
        ({"key_from": "file"}, "key", "missing"),
        ({"key_from": "file", "key": Secret("schlüssel-0123")}, "key", "keys cannot have"),
        ({"key_from": "file", "key": Secret("two words")}, "key", "keys cannot have"),
        ({"silence_timeout": "soon"}, "silence_timeout", "must be a number"),
        ({"silence_timeout": "0"}, "silence_timeout", "above 0"),
        ({"temperature": "-1"}, "temperature", "0 or more"),
        ({"temperature": "nan"}, "temperature", "must be a number"),
        ({"max_tokens": "1.5"}, "max_tokens", "whole number"),
        ({"headers": "Origin https://x"}, "headers", "Line 1 must look like"),
        ({"headers": "A: 1\na: 2"}, "headers", "twice"),
        ({"headers": "Accept: x"}, "headers", "set by the program"),
        ({"headers": "A: ü"}, "headers", "ASCII"),
        ({"parameters": "top_p"}, "parameters", "Line 1 must look like"),
        ({"parameters": "stream = true"}, "parameters", "set by the program"),
        ({"parameters": "temperature = 1", "temperature": "1"}, "parameters", "set above"),
        ({"parameters": "temperature = hot"}, "parameters", "Line 1: temperature must be a number."),
        ({"parameters": "x = 0.2 hot"}, "parameters", "cannot be read"),
        ({"parameters": 'x = 0.2{"temperature": hot}'}, "parameters", "cannot be read"),
        ({"parameters": "x = null"}, "parameters", "must be a number, a text"),
        ({"parameters": "x = " + "[" * 5000}, "parameters", "Line 1"),
        ({"parameters": "x = [1, 2"}, "parameters", "cannot be read"),
        ({"parameters": "x = 1e999"}, "parameters", "must be a number, a text"),
    ],
)
def test_a_mistake_is_reported_at_its_field(changed: dict[str, object], field: str, told: str) -> None:
    context = EditContext({"taken": Provider("taken", "openai", "https://x", "TAKEN one")})
    form = filled(PLAIN, **changed)
    assert told in wrong(form, context)[field]


@pytest.mark.parametrize("shown", ["key-management", "prod-eu-central-1-support-bot-2", "Verantwortungsbewusstsein"])
def test_a_long_name_is_no_key(shown: str) -> None:
    assert good(filled(PLAIN, title=shown)).provider.shown == shown


def test_what_was_typed_for_another_kind_does_no_harm() -> None:
    form = filled(FULL, kind="chatgrid", base_url="https://api.chatgrid.ai/v1", temperature="hot", parameters="?")
    assert set(good(form).table) == {
        "kind", "base_url", "title", "api_key_cmd", "boards", "production", "silence_timeout", "headers",
    }  # fmt: skip


def test_what_a_widget_and_chatiq_alone_take() -> None:
    widget = filled(
        kind="widget",
        title="Site",
        base_url="localhost:4000",
        key_from="none",
        path="/chat",
        new_conversation="same session",
    )
    assert good(filled(widget, key_header="x-widget-api-key")).table == {
        "kind": "widget",
        "base_url": "http://localhost:4000",
        "title": "Site",
        "key_header": "x-widget-api-key",
        "path": "/chat",
        "new_conversation": "same session",
    }
    chatiq = filled(
        kind="chatiq",
        title="Shop",
        base_url="chatiq.io",
        key_from="environment",
        variable="$SHOP_KEY",
        private_mode=True,
    )
    assert good(chatiq).table == {
        "kind": "chatiq",
        "base_url": "https://www.chatiq.io/api",
        "title": "Shop",
        "api_key_env": "SHOP_KEY",
        "private_mode": True,
    }


def test_a_stored_key_need_not_be_retyped() -> None:
    form = filled(PLAIN, key_from="file")
    provider = good(PLAIN).provider
    assert good(form, EditContext({"local": provider}, "local", "file")).source == KeySource()
    assert good(form, EditContext({"local": provider}, "local", stored_names={"local"})).source == KeySource()
    assert "key" in wrong(filled(form, key_from="keyring"), EditContext(stored_names={"local"}))


def test_a_key_stored_under_the_old_name_must_be_retyped() -> None:
    form = filled(PLAIN, key_from="file")
    sentence = "A key of another provider is stored under this name. Type the key of this one."
    assert wrong(form, EditContext(stored_names={"local"})) == {"key": sentence}
    assert wrong(form, EditContext(stored_names={"other"}))["key"].startswith("The key is missing.")
    assert good(filled(form, key=Secret("a-key-of-local")), EditContext(stored_names={"local"})).source == KeySource()
    assert stored_for_another(PLAIN, EditContext(stored_names={"local"})) == "", "none is taken"


@pytest.mark.parametrize(
    ("address", "moved"),
    [
        ("http://localhost:9/v1", True),
        ("https://elsewhere.example", True),
        ("https://localhost:11434/v1", True),
        ("http://LOCALHOST:11434/other", False),
        ("", False),
    ],
)
@pytest.mark.parametrize(("kept", "names"), [("keyring", ()), ("file", ("local",)), ("none", ("local",))])
def test_a_key_stays_at_its_address(address: str, moved: bool, kept: KeyPlace, names: tuple[str, ...]) -> None:
    context = EditContext({"local": good(PLAIN).provider}, "local", kept, names)
    form = filled(PLAIN, key_from="file", base_url=address)
    sentence = "The stored key is for the old address. Type the key for this one."
    assert stored_for_another(form, context) == (sentence if moved else "")
    if address:
        assert isinstance(validate(form, context), ValidProvider) != moved
        assert isinstance(validate(filled(form, key=Secret("a-new-key")), context), ValidProvider)


def test_a_key_in_the_configuration_does_not_move_to_another_address() -> None:
    context = EditContext({"local": good(PLAIN).provider}, "local", "config")
    form = filled(PLAIN, key_from="config", base_url="https://elsewhere.example")
    assert wrong(form, context) == {
        "base_url": "The key in config.toml is for the old address. Choose another place."
    }
    assert "key" in wrong(filled(form, key_from="file"), context)
    assert isinstance(validate(filled(form, key_from="file", key=Secret("a-new-key")), context), ValidProvider)
    assert isinstance(validate(filled(form, key_from="none"), context), ValidProvider)


def test_printing_a_form_shows_no_key() -> None:
    form = filled(PLAIN, key_from="file", key=Secret("planted-key-0123456789"))
    assert "planted" not in f"{form!r}{good(form)!r}{good(form).table}"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.chatgrid.ai/v1", "chatgrid"),
        ("https://www.chatiq.io", "chatiq-2"),
        ("http://localhost:11434", "local"),
        ("http://10.0.0.3:8000/v1", "local"),
        ("http://[::1]:80", "local"),
        ("", "provider-2"),
        ("https://[", "provider-2"),
    ],
)
def test_a_unique_name_is_made_from_the_host(address: str, name: str) -> None:
    assert name_for(address, {"chatiq"}) == name


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200), st.text(max_size=200))
def test_no_text_makes_it_fail(shown: str, address: str, headers: str, parameters: str) -> None:
    form = filled(PLAIN, title=shown, base_url=address, headers=headers, parameters=parameters, boards=headers)
    valid = validate(form, EditContext())
    if isinstance(valid, ValidProvider):
        assert valid.provider.base_url == valid.table["base_url"]
