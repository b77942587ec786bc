"""What is typed into a provider's form: what is wrong is told at its field, what is right becomes a short table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.drafts import (
    Checked,
    Draft,
    FieldName,
    KeyPlace,
    Known,
    Problems,
    changes_of,
    check,
    draft_of,
    kept_for_another,
    name_for,
)
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import load
from chatgrid_tui.config.writing import change
from chatgrid_tui.model.provider import Provider

PLAIN = Draft(kind="openai", shown="Local", address="http://localhost:11434/v1", key_from="none")
FULL = Draft(
    kind="openai",
    shown="Acme live",
    address="https://bots.example/v1",
    key_from="command",
    command="op read 'op://work/acme live/key'",
    boards="small, large\nsmall",
    production=True,
    silence="90",
    headers="Origin: https://acme.example\nX-Team: blue",
    system="Be brief.\n",
    temperature="0,7",
    max_tokens="200",
    parameters='top_p = 0.9\nstop = ["a", "b"]\nuser = bob\nseed = 7',
)

NOTHING = Known()


def good(draft: Draft, known: Known = NOTHING) -> Checked:
    checked = check(draft, known)
    assert isinstance(checked, Checked), checked
    return checked


def wrong(draft: Draft, known: Known = NOTHING) -> Problems:
    problems = check(draft, known)
    assert not isinstance(problems, Checked)
    return problems


def test_only_what_differs_is_written() -> None:
    assert good(PLAIN).table == {"kind": "openai", "base_url": "http://localhost:11434/v1", "title": "Local"}
    assert good(PLAIN).provider.name == "local"
    assert "title" not in good(replace(PLAIN, shown="local")).table


def test_the_file_is_one_that_a_person_would_have_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    checked = good(FULL)
    change(file, {"default_provider": "acme-live", "providers": {"acme-live": changes_of(checked, {})}})
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
    assert load(file).providers["acme-live"] == checked.provider


def test_what_is_written_comes_back_into_the_form() -> None:
    checked = good(FULL)
    again = draft_of(checked.provider, checked.source, "none")
    assert good(again, Known({"acme-live": checked.provider}, "acme-live")).table == checked.table


def test_editing_keeps_what_the_form_does_not_know_and_takes_away_what_is_usual_again() -> None:
    before = {
        "kind": "openai",
        "note": "mine",
        "base_url": "https://old.example/v1",
        "boards": ["x"],
        "headers": {"A": "1", "B": "2"},
        "api_key": "in the open",
    }
    changes = changes_of(good(replace(PLAIN, headers="B: 3")), before)
    assert changes == {
        "kind": "openai",
        "base_url": "http://localhost:11434/v1",
        "title": "Local",
        "boards": None,
        "api_key": None,
        "headers": {"A": None, "B": "3"},
    }
    kept = changes_of(good(replace(PLAIN, key_from="config")), before)
    assert "api_key" not in kept


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"shown": ""}, "shown", "A name is missing."),
        ({"shown": "Taken"}, "shown", "Another provider has this name."),
        ({"shown": "TAKEN one"}, "shown", "Another provider has this name."),
        ({"shown": "x" * 61}, "shown", "60 characters"),
        ({"shown": "sk-proj-Ab3dE5"}, "shown", "looks like a key"),
        ({"shown": "My 0123456789abcdef0123456789abcdef"}, "shown", "looks like a key"),
        ({"shown": "Mine", "name": "cgk_live_0123456789"}, "name", "looks like a key"),
        ({"shown": "日本"}, "name", "letters from a to z"),
        ({"shown": "Mine", "name": "two words"}, "name", "Letters, digits"),
        ({"shown": "Mine", "name": "taken"}, "name", "is called taken"),
        ({"address": "https://x:99999"}, "address", "The port must be"),
        ({"address": "http://far.example/v1"}, "allow_http", "Allow it, or write https"),
        ({"key_from": "environment"}, "variable", "missing"),
        ({"key_from": "environment", "variable": "A-B"}, "variable", "Letters, digits and underscores"),
        ({"key_from": "environment", "variable": "sk_live_0123456789"}, "variable", "looks like a key"),
        ({"key_from": "command"}, "command", "missing"),
        ({"key_from": "command", "command": 'op "read'}, "command", "quotation mark"),
        ({"key_from": "file"}, "key", "missing"),
        ({"key_from": "file", "key": Secret("schlüssel-0123")}, "key", "no key has"),
        ({"key_from": "file", "key": Secret("two words")}, "key", "no key has"),
        ({"silence": "soon"}, "silence", "takes a number"),
        ({"silence": "0"}, "silence", "above 0"),
        ({"temperature": "-1"}, "temperature", "0 or more"),
        ({"temperature": "nan"}, "temperature", "takes a number"),
        ({"max_tokens": "1.5"}, "max_tokens", "whole number"),
        ({"headers": "Origin https://x"}, "headers", "Line 1 is not like"),
        ({"headers": "A: 1\na: 2"}, "headers", "twice"),
        ({"headers": "Accept: x"}, "headers", "set by the program"),
        ({"headers": "A: ü"}, "headers", "ASCII"),
        ({"parameters": "top_p"}, "parameters", "Line 1 is not like"),
        ({"parameters": "stream = true"}, "parameters", "set by the program"),
        ({"parameters": "temperature = 1", "temperature": "1"}, "parameters", "set above"),
        ({"parameters": "temperature = hot"}, "parameters", "Line 1: temperature takes a number."),
        ({"parameters": "x = 0.2 hot"}, "parameters", "cannot be read"),
        ({"parameters": 'x = 0.2{"temperature": hot}'}, "parameters", "cannot be read"),
        ({"parameters": "x = null"}, "parameters", "takes a number, a text"),
        ({"parameters": "x = " + "[" * 5000}, "parameters", "Line 1"),
        ({"parameters": "x = [1, 2"}, "parameters", "cannot be read"),
        ({"parameters": "x = 1e999"}, "parameters", "takes a number, a text"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(changed: dict[str, object], field: FieldName, told: str) -> None:
    known = Known({"taken": Provider("taken", "openai", "https://x", "TAKEN one")})
    draft = replace(PLAIN, **changed)  # type: ignore[arg-type]
    assert told in wrong(draft, known)[field]


@pytest.mark.parametrize("shown", ["key-management", "prod-eu-central-1-support-bot-2", "Verantwortungsbewusstsein"])
def test_a_long_name_is_no_key(shown: str) -> None:
    assert good(replace(PLAIN, shown=shown)).provider.shown == shown


def test_what_was_typed_for_another_kind_does_no_harm() -> None:
    draft = replace(FULL, kind="chatgrid", address="https://api.chatgrid.ai/v1", temperature="hot", parameters="?")
    assert set(good(draft).table) == {
        "kind", "base_url", "title", "api_key_cmd", "boards", "production", "silence_timeout", "headers",
    }  # fmt: skip


def test_what_a_widget_and_chatiq_alone_take() -> None:
    widget = Draft("widget", "Site", address="localhost:4000", key_from="none", path="/chat", same_session=True)
    assert good(replace(widget, key_header="x-widget-api-key")).table == {
        "kind": "widget",
        "base_url": "http://localhost:4000",
        "title": "Site",
        "key_header": "x-widget-api-key",
        "path": "/chat",
        "new_conversation": "same session",
    }
    chatiq = Draft("chatiq", "Shop", address="chatiq.io", key_from="environment", variable="$SHOP_KEY", private=True)
    assert good(chatiq).table == {
        "kind": "chatiq",
        "base_url": "https://www.chatiq.io/api",
        "title": "Shop",
        "api_key_env": "SHOP_KEY",
        "private_mode": True,
    }


def test_a_key_that_is_kept_need_not_be_typed_again() -> None:
    draft = replace(PLAIN, key_from="file")
    provider = good(PLAIN).provider
    assert good(draft, Known({"local": provider}, "local", "file")).source == KeySource()
    assert good(draft, Known({"local": provider}, "local", kept_names={"local"})).source == KeySource()
    assert "key" in wrong(replace(draft, key_from="keyring"), Known(kept_names={"local"}))


def test_a_key_that_was_kept_under_the_name_before_is_typed_anew() -> None:
    draft = replace(PLAIN, key_from="file")
    sentence = "A key of another provider is kept under this name. Type the key of this one."
    assert wrong(draft, Known(kept_names={"local"})) == {"key": sentence}
    assert wrong(draft, Known(kept_names={"other"}))["key"].startswith("The key is missing.")
    assert good(replace(draft, key=Secret("a-key-of-local")), Known(kept_names={"local"})).source == KeySource()
    assert kept_for_another(PLAIN, Known(kept_names={"local"})) == "", "none is taken"


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
def test_a_key_does_not_move_to_another_address(
    address: str, moved: bool, kept: KeyPlace, names: tuple[str, ...]
) -> None:
    known = Known({"local": good(PLAIN).provider}, "local", kept, names)
    draft = replace(PLAIN, key_from="file", address=address)
    sentence = "The key that is kept is for the address before. Type the key for this one."
    assert kept_for_another(draft, known) == (sentence if moved else "")
    if address:
        assert isinstance(check(draft, known), Checked) != moved
        assert isinstance(check(replace(draft, key=Secret("a-new-key")), known), Checked)


def test_a_key_in_the_configuration_does_not_move_to_another_address() -> None:
    known = Known({"local": good(PLAIN).provider}, "local", "config")
    draft = replace(PLAIN, key_from="config", address="https://elsewhere.example")
    assert wrong(draft, known) == {
        "address": "The key in config.toml is for the address before. Choose another place."
    }
    assert "key" in wrong(replace(draft, key_from="file"), known)
    assert isinstance(check(replace(draft, key_from="file", key=Secret("a-new-key")), known), Checked)
    assert isinstance(check(replace(draft, key_from="none"), known), Checked)


def test_no_key_stands_in_what_is_printed_of_a_draft() -> None:
    draft = replace(PLAIN, key_from="file", key=Secret("planted-key-0123456789"))
    assert "planted" not in f"{draft!r}{good(draft)!r}{good(draft).table}"


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
def test_a_name_from_the_host_that_no_other_has(address: str, name: str) -> None:
    assert name_for(address, {"chatiq"}) == name


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200), st.text(max_size=200))
def test_no_text_makes_the_check_fail(shown: str, address: str, headers: str, parameters: str) -> None:
    draft = replace(PLAIN, shown=shown, address=address, headers=headers, parameters=parameters, boards=headers)
    checked = check(draft, Known())
    if isinstance(checked, Checked):
        assert checked.provider.base_url == checked.table["base_url"]
