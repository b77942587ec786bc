"""What is pasted into the provider form, and what the form says about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.forms import form_is_open, form_of
from app.scripted import provider
from app.window import opened
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.ui.providers import form_model

URL = "http://127.0.0.1:8791/v1"


async def test_typing_replaces_a_prefilled_address(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.at("title")
        await window.press("tab", *"own.example")
        assert form.screen.filled.address == "own.example"
        await window.press("shift+tab", "tab", *"/x")
        assert form.screen.filled.address == "own.example/x", "what somebody typed is typed on"


async def test_a_pasted_address_replaces_the_whole_field(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.at("base_url")
        await window.press("end")
        await form.pastes(f"  {URL}\n")
        assert form.screen.filled.address == URL
        await window.press("home")
        await form.pastes("https://b.example")
        assert form.screen.filled.address == "https://b.example"
        await form.pastes("/v1")
        assert form.screen.filled.address == "https://b.example/v1", "a part is put in at the cursor"


async def test_an_address_that_is_pasted_elsewhere_goes_into_its_field(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.at("kind")
        await form.pastes(URL)
        assert form.screen.filled.address == URL
        assert window.app.focused is form.screen.rows["kind"].field
        form.screen.query_one("#save").focus()
        await form.pastes("https://b.example/v1")
        assert form.screen.filled.address == "https://b.example/v1"
        await form.pastes("not an address")
        assert form.screen.filled.address == "https://b.example/v1"
        await form.at("title")
        await form.pastes(URL)
        assert form.screen.filled.address == URL, "an address is no name"
        assert not form.screen.form_model.fields.title
        await form.at("boards")
        await form.pastes(URL)
        assert form.screen.rows["boards"].field.value == URL, "where something else can be typed it stays"


async def test_two_addresses_in_one_field_are_reported(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.at("base_url")
        await window.press("end", *URL, "tab")
        await window.sees("! This contains two addresses. Keep one.")


async def test_an_endpoint_brings_its_kind_along_unless_one_was_chosen(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.types("base_url", "http://127.0.0.1:8791/widget/v1/chat/stream")
        await window.until(lambda: form.screen.filled.kind == "widget", "the kind")
        await window.sees("Saved as http://127.0.0.1:8791/widget")
        await window.sees_no("This looks like")


async def test_an_address_of_another_kind_is_noticed(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "chatiq")
        await form.types("base_url", "http://127.0.0.1:8791/openai/v1/chat/completions")
        await window.sees("This looks like an OpenAI-compatible address.")
        await form.chooses("kind", "openai")
        await window.sees("Saved as http://127.0.0.1:8791/openai/v1")
        await window.sees_no("This looks like")


async def test_a_command_brings_the_system_prompt_and_the_parameters_along(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        form.screen.form_model.fields.options["parameters"] = "top_k = 5\nseed = 1"
        await form.pastes(
            f"""curl {URL}/chat/completions -d '{{"model":"m","temperature":0.2,"max_tokens":50,"seed":7,"""
            """"tools":[],"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}'"""
        )
        await window.sees("Taken from the command", "The address, the model m, the system prompt, temperature")
        await window.sees("1 message, tools.")
        typed = form.screen.filled.options
        assert (typed["system"], typed["temperature"], typed["max_tokens"]) == ("Be brief.", "0.2", "50")
        assert typed["parameters"] == "top_k = 5\nseed = 7"


async def test_the_form_explains_a_missing_keyring_if_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_model, "keyring_usable", lambda: False)
    words = "The keyring needs one more package: chatgrid-tui[keyring]."
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await window.sees_no(words)
        await form.at("key_from")
        await window.sees(words)
        await form.at("title")
        await window.sees_no(words)


async def test_text_beside_the_buttons_is_not_cut(tmp_path: Path) -> None:
    sizes = ((120, 40), (80, 40), (80, 24), (60, 20))
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        form = await form_of(window, "acme")
        await form.tests()
        for size in sizes:
            await window.resizes(*size)
            await window.sees("Remove", "The test found a problem.")
        await form.types("base_url", "https://h.example:99999")
        await window.press("ctrl+s")
        for size in sizes:
            await window.resizes(*size)
            await window.sees("Remove", "One field needs a change.")


async def test_a_new_provider_without_boards_does_not_block_typing(tmp_path: Path) -> None:
    async with DemoServer(pace=0) as demo, opened(tmp_path, size=(80, 24)) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.types("title", "Shop")
        await form.types("base_url", f"{demo.base_url('openai')}/nowhere")
        await form.chooses("key_from", "none")
        await form.saves()
        await window.sees("Shop lists no boards. F9 in Ctrl+K edits it.")
        await window.press("h", "i")
        await window.until(lambda: window.typed == "hi", "what was typed")
        assert not form_is_open(window)
        assert len(window.app.screen_stack) == 1


async def test_a_key_that_is_pasted_as_soon_as_a_provider_is_edited_goes_nowhere(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        form = await form_of(window, "acme")
        before = form.screen.filled
        await form.pastes("sk-proj-Ab3dE5fG7hJ9")
        assert not form.screen.filled.differs(before)


async def test_a_key_that_is_pasted_into_the_name_is_refused_with_the_reason(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.at("title")
        await form.pastes("sk-proj-Ab3dE5fG7hJ9")
        await window.sees("! This looks like a key.")
        await form.pastes("Acme")
        await window.sees_no("This looks like a key.")
        assert form.screen.filled.title == "Acme"
