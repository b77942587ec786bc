"""The provider form in the app: how fields react to what is typed, and every way through the form."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button

from app.forms import Form, form_is_open, form_of, written
from app.scripted import provider
from app.window import Window, opened
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.ui.providers.form_rows import row_specs
from keyrings import fake_keyring, kept_line
from planted import BODY, PLANTED


async def test_a_well_known_server_fills_in_the_rest(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.chooses("server", "ollama")
        assert form.screen.filled.address == "http://localhost:11434/v1"
        assert (form.screen.filled.title, form.screen.filled.key_from) == ("Ollama", "none")
        await form.chooses("server", "openrouter")
        fields = form.screen.filled
        assert (fields.address, fields.title) == ("https://openrouter.ai/api/v1", "OpenRouter")
        assert (fields.key_from, fields.variable) == ("environment", "OPENROUTER_API_KEY")
        await window.sees("Not set.")
        await form.chooses("kind", "chatgrid")
        assert form.screen.filled.address == "https://api.chatgrid.ai/v1"
        await form.types("base_url", "https://own.example")
        await form.chooses("kind", "chatiq")
        assert form.screen.filled.address == "https://own.example", "what was typed stays"
        await window.sees("Saved as https://own.example/api")


@pytest.mark.parametrize("width", [60, 50])
async def test_a_narrow_form_shows_all_text_beside_the_scroll_bar(tmp_path: Path, width: int) -> None:
    async with opened(tmp_path, size=(width, 24)) as window:
        form = await form_of(window)
        await form.at("production")
        await window.sees("customers read this. The", "the composer say so.")
        fields = form.screen.fields
        await window.until(lambda: fields.show_vertical_scrollbar, "a scroll bar")
        for row in form.screen.rows.values():
            if row.display:
                assert row.field.region.right <= fields.region.right - 2


async def test_plain_http_to_another_machine_is_asked_about(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.types("title", "Lab")
        await form.types("base_url", "http://localhost:8000")
        assert "Plain http" not in form.text
        await form.types("base_url", "http://lab.example")
        await form.chooses("key_from", "none")
        await window.sees("Plain http", "Send without encryption.")
        await window.press("ctrl+s")
        await window.sees("! Allow it, or use https")
        assert window.app.focused is form.screen.rows["allow_http"].field
        await window.press("space")
        await form.saves()
        assert "allow_http = true\n" in written(tmp_path)


async def test_tab_reaches_every_field_and_scrolls_it_into_view(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        form.screen.query_one("#fold", Button).press()
        for size in [(120, 40), (80, 24), (40, 15)]:
            await window.resizes(*size)
            await _is_reached_by_tab(window, form)


async def _is_reached_by_tab(window: Window, form: Form) -> None:
    """Press Tab once around the form, and check that every field is reached."""
    seen: set[str] = set()
    await form.at("kind")
    for _ in range(len(row_specs()) + 6):
        seen.add(await _seen_whole(window, form))
        await _tabs_on(window)
    assert seen - {""} == {name for name, row in form.screen.rows.items() if row.display}


async def _seen_whole(window: Window, form: Form) -> str:
    """Wait until what has the focus is in sight; return its row, or nothing for a button."""
    focused = window.app.focused
    assert focused is not None
    row = next((name for name, row in form.screen.rows.items() if row.field is focused), "")
    within = form.screen.fields if row else form.screen
    await window.until(lambda: within.region.contains_region(focused.region), f"{focused} in sight")
    return row


async def _tabs_on(window: Window) -> None:
    before = window.app.focused
    window.hits("tab")
    await window.until(lambda: window.app.focused is not before, f"the focus after {before}")


async def test_everything_works_by_mouse(tmp_path: Path, demo: DemoServer) -> None:
    async with opened(tmp_path) as window:
        await window.clicks("Add a provider")
        await window.until(lambda: form_is_open(window))
        await window.clicks("( ) OpenAI-compatible")
        await window.sees("Server")
        form = await form_of(window)
        await form.types("base_url", demo.base_url("openai"))
        await window.clicks("( ) None")
        await window.clicks("[ ] Real customers")
        await window.sees("[x] Real customers")
        await window.clicks("More settings")
        await window.sees("Short name")
        await window.clicks("Fewer settings")
        await window.clicks(" Test ")
        await window.sees("Reachable     ok")
        await window.clicks(" Save ")
        await window.until(lambda: not form_is_open(window))
        await window.sees("PRODUCTION")
        assert "production = true" in written(tmp_path)


async def test_a_click_beside_the_form_asks_before_anything_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.types("title", "Acme")
        await window.pilot.click(offset=(2, 38))
        await window.sees("Close without saving?")
        await window.press("enter")
        assert window.app.screen is form.screen


async def test_quitting_asks_before_anything_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.types("title", "Acme")
        await window.press("ctrl+q")
        await window.sees("Quit without saving?")
        await window.press("enter")
        assert window.app.screen is form.screen
        await window.press("escape")
        await window.sees("Close without saving?")
        await window.press("left", "enter")
        await window.until(lambda: not form_is_open(window))


async def test_the_commands_lead_to_the_form_and_the_local_bots_have_none(tmp_path: Path) -> None:
    async with opened(tmp_path, config='[keys]\n"provider.add" = "f7"\n') as window:
        await window.press("f7")
        await window.until(lambda: form_is_open(window), "the form, by a key of one's own")
        await window.press("escape", "f1", "end")
        await window.sees("Edit this provider        its address")
        for _ in range(20):  # up to the line with a key of one's own
            if "F7 " in window.text:
                break
            await window.press("pageup")
        await window.sees("F7 ")
        await window.press("escape", "ctrl+p")
        await window.sees("Type what you want to do")
        await window.press(*"edit this p")
        await window.sees("1 of")
        await window.press("enter")
        await window.sees("The local bots need no settings.")


async def test_testing_the_provider_that_is_talked_to(tmp_path: Path, demo: DemoServer) -> None:
    async with opened(tmp_path, config=provider(demo.base_url("openai"), board="echo")) as window:
        window.app.chat.action_provider("test")
        await window.sees("Edit a provider", "Reachable     ok")
        await window.press("escape")
        await window.until(lambda: not form_is_open(window))
        window.app.chat.action_provider("remove")
        await window.sees("Remove acme?")
        await window.press("left", "enter")
        await window.sees("acme is removed. No provider is left", "Read only: its provider is not configured")


async def test_a_stored_key_shows_its_end_and_can_be_replaced(tmp_path: Path, demo: DemoServer) -> None:
    (tmp_path / "keys.toml").write_text(f'acme = "{PLANTED}"\n')
    async with opened(tmp_path, config=provider(demo.base_url("openai"))) as window:
        form = await form_of(window, "acme")
        await window.sees("…9f3a is stored", "Leave it empty to keep the stored key.")
        assert BODY not in window.app.export_screenshot()
        await form.types("key", "another-key-0123456789")
        await form.saves()
        assert (tmp_path / "keys.toml").read_text() == kept_line(
            "acme", "another-key-0123456789", demo.base_url("openai")
        )
        form = await form_of(window, "acme")
        await form.chooses("key_from", "none")
        await window.sees("in keys.toml is removed when you save.")
        await form.saves()
        assert not (tmp_path / "keys.toml").exists()


async def test_a_refusing_keyring_is_reported_and_the_file_takes_the_key(
    tmp_path: Path, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = fake_keyring(monkeypatch)
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.types("title", "broken")
        await form.types("base_url", demo.base_url("openai"))
        await form.chooses("key_from", "keyring")
        await form.types("key", PLANTED)
        await window.press("ctrl+s")
        await window.sees(
            "! The keyring of this system refused the key", "It can be stored in keys.toml instead.", "Not saved."
        )
        assert window.app.focused is form.screen.rows["key"].field
        assert (written(tmp_path), keyring) == ("", {})
        await form.chooses("key_from", "file")
        await form.saves()
        assert PLANTED in (tmp_path / "keys.toml").read_text()


async def test_two_providers_of_one_name_and_of_one_short_name(tmp_path: Path) -> None:
    config = provider("http://127.0.0.1:9/v1", more='title = "Acme staging"')
    async with opened(tmp_path, config=config) as window:
        form = await form_of(window)
        await form.chooses("key_from", "none")
        await form.types("title", "acme STAGING")
        await window.press("ctrl+s")
        await window.sees("! Another provider has this name.")
        await form.types("title", "Acme!")
        await window.press("ctrl+s")
        await window.sees("! Another provider is called acme in the file.")
        await form.types("title", "Acme live")
        await form.saves()
        assert "[providers.acme-live]" in written(tmp_path)


async def test_a_key_stored_for_another_address_must_be_retyped(tmp_path: Path, demo: DemoServer) -> None:
    (tmp_path / "keys.toml").write_text(f'acme = "{PLANTED}"\n')
    async with opened(tmp_path) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.types("base_url", demo.base_url("openai"))
        await form.types("title", "Acme")
        await form.chooses("key_from", "file")
        await window.sees("A key of another provider is stored under this name. Type the key of this one.")
        for key in ("ctrl+t", "ctrl+s"):
            await window.press(key)
            await window.sees("! A key of another provider is stored under this name.")
        await form.types("key", "another-key-0123456789")
        await form.saves()
        assert (tmp_path / "keys.toml").read_text() == kept_line(
            "acme", "another-key-0123456789", demo.base_url("openai")
        )
        form = await form_of(window, "acme")
        await window.sees("Leave it empty to keep the stored key.", "…6789 is stored")
        await form.types("base_url", "https://elsewhere.example/v1")
        await window.sees("The stored key is for the old address. Type the key for this one.")
        assert "is stored " not in form.text
        await window.press("ctrl+s")
        await window.sees("! The stored key is for the old address.")
        await form.types("base_url", demo.base_url("openai"))
        await window.sees("Leave it empty to keep the stored key.")
        await form.saves()


async def test_the_name_is_what_is_typed_first(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        form = await form_of(window)
        assert window.app.focused is form.screen.rows["title"].field
        await window.press("escape")
        await window.until(lambda: not form_is_open(window), "the form closed")
        form = await form_of(window, "acme")
        assert window.app.focused is form.screen.rows["title"].field


async def test_help_and_results_can_be_copied_with_the_mouse(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        form = await form_of(window, "acme")
        await form.tests()
        await window.sees("Nothing answers at 127.0.0.1:9.")
        await copies(window, "Nothing answers at")
        await copies(window, "Requests are sent")
        assert form_is_open(window)


async def copies(window: Window, text: str) -> None:
    """Drag the mouse over some text, and copy it."""
    x, y = window.find(text)
    await window.pilot.mouse_down(offset=(x, y))
    await window.pilot.hover(offset=(x + 3, y))
    await window.pilot.mouse_up(offset=(x + len(text) - 1, y))
    await window.press("ctrl+c")
    await window.until(lambda: window.app.clipboard == text, f"{text} on the clipboard")


async def test_a_provider_is_removed_by_the_button_of_its_form(tmp_path: Path) -> None:
    async with opened(tmp_path, config=provider("http://127.0.0.1:9/v1")) as window:
        await form_of(window, "acme")
        await window.clicks("Remove")
        await window.sees("Remove acme?")
        await window.press("left", "enter")
        await window.until(lambda: not form_is_open(window), "the form closed")
        assert "acme" not in written(tmp_path)
