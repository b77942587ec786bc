"""The options that kinds declare: each can be typed, written, read and shown again."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from chatgrid_tui.config.option_values import Typed, described, value_at
from chatgrid_tui.config.provider_fields import EditContext, ProviderFields, ValidProvider, fields_of, validate
from chatgrid_tui.config.settings import load
from chatgrid_tui.config.writing import change
from chatgrid_tui.dialects.options import ALLOW_HTTP, BASE_URL, Option
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.provider import Provider
from form_entries import filled

ADDRESS = "http://far.example/v1/chat"
TEXTS: dict[str, Typed] = {
    "text": "A text",
    "lines": "Two\nlines",
    "flag": True,
    "number": "7",
    "texts": "one, two",
    "headers": "X-Team: blue",
    "parameters": "top_p = 0.9",
}


def typed_for(option: Option) -> Typed:
    """Return something else than the default of an option."""
    return option.choices[-1] if option.type == "choice" else TEXTS[option.type]


def all_set(kind: str) -> ProviderFields:
    options = {option.name: typed_for(option) for option in DIALECTS[kind].all_options if option != BASE_URL}
    return filled(filled(kind=kind, name="acme", base_url=ADDRESS, key_from="none").with_options(**options))


@pytest.mark.parametrize("kind", DIALECTS)
def test_every_option_comes_back_as_it_was_typed(kind: str, tmp_path: Path) -> None:
    form = all_set(kind)
    valid = validate(form, EditContext())
    assert isinstance(valid, ValidProvider), valid
    change(tmp_path / "config.toml", {"providers": {"acme": valid.table}})
    provider = load(tmp_path / "config.toml").providers["acme"]
    assert provider == valid.provider
    assert provider.extra == ()
    shown = fields_of(provider, valid.source, "none")
    for option in DIALECTS[kind].all_options:
        if option != BASE_URL:
            assert shown.typed(option) == form.typed(option), option.name
            assert value_at(provider, option) != option.default, option.name


@pytest.mark.parametrize("kind", DIALECTS)
def test_nothing_is_written_for_an_option_that_is_left_alone(kind: str) -> None:
    valid = validate(filled(kind=kind, title="acme", base_url="https://x.example", key_from="none"), EditContext())
    assert isinstance(valid, ValidProvider)
    assert set(valid.table) == {"kind", "base_url"}
    for option in DIALECTS[kind].all_options:
        if option not in (BASE_URL, ALLOW_HTTP):
            assert value_at(valid.provider, option) == option.default, option.name


def test_a_report_shows_no_value_that_may_be_secret() -> None:
    valid = validate(all_set("openai"), EditContext())
    assert isinstance(valid, ValidProvider)
    told = [described(value_at(valid.provider, option), option) for option in DIALECTS["openai"].all_options]
    assert {"headers X-Team", "system", "silence_timeout 7 seconds", "boards: 2"} <= set(told)
    assert not any("blue" in text or "lines" in text for text in told)


def test_an_option_that_several_kinds_have_is_declared_alike() -> None:
    types: dict[str, str] = {}
    own_fields = {field.name for field in fields(Provider)} - {"system", "parameters", "key_header"}
    for dialect in DIALECTS.values():
        for option in dialect.options:
            assert types.setdefault(option.name, option.type) == option.type
            assert option.name not in own_fields
            assert len(option.choice_labels) in (0, len(option.choices))
