"""What a reply contains besides its text: several bubbles, suggestions, files, links, code to copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.window import Window, opened


async def restaurant(window: Window) -> None:
    await window.meets(1)
    await window.says("Hello")
    await window.sees("4 Opening hours")


async def test_each_entry_of_a_reply_is_a_bubble_of_its_own(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.sees("Welcome to The Terrace.", "What would you like to do?", "2 bubbles")
        answer = window.conversation.turns[0].reply
        assert answer is not None
        assert len(answer.bubbles) == 2


async def test_a_suggestion_sends_its_payload_and_shows_its_label(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.sees("1 See the menu", "2 Book a table")
        await window.press("tab", "2")
        await window.until(lambda: len(window.conversation.turns) == 2)
        await window.settled()
        newest = window.conversation.turns[1]
        assert (newest.shown, newest.sent) == ("Book a table", "__item__:booking:book-a-table")
        await window.sees("How many people will you be?", "Book a table · sent")
        assert "__item__" not in window.text
        assert window.app.focused is window.app.chat.composer.field


async def test_suggestions_are_pressed_with_arrows_and_with_the_mouse_and_stay_spent(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.press("tab", "right", "right", "right", "enter")
        await window.until(lambda: len(window.conversation.turns) == 2)
        await window.settled()
        assert window.conversation.turns[1].shown == "Opening hours"
        await window.clicks("How to find us")
        await window.until(lambda: len(window.conversation.turns) == 3)
        await window.settled()
        assert window.conversation.turns[2].shown == "How to find us"
    async with opened(tmp_path) as window:
        await window.sees("How to find us · sent")


async def test_digits_typed_into_a_message_press_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.press("4", "space", "p")
        assert window.typed == "4 p"
        assert len(window.conversation.turns) == 1


async def test_a_file_is_listed_with_its_host_and_opened_and_copied_by_key(
    tmp_path: Path, browser: list[str], clipboard: list[str]
) -> None:
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.sees("PNG", "terrace.png", "127.0.0.1")
        await window.press("tab", "shift+tab")
        await window.press("ctrl+c")
        await window.until(lambda: bool(clipboard))
        await window.press("enter")
        await window.until(lambda: bool(browser))
        await window.sees("Opened in the browser.")
    assert clipboard == browser
    assert browser[0].startswith("http://127.0.0.1:")
    assert browser[0].endswith("/files/terrace.png")


async def test_a_file_is_opened_with_the_mouse(tmp_path: Path, browser: list[str]) -> None:
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.clicks("terrace.png")
        await window.until(lambda: bool(browser))
        assert window.app.focused is window.app.chat.composer.field


async def test_without_a_browser_the_address_is_copied(
    tmp_path: Path, clipboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    async with opened(tmp_path) as window:
        await restaurant(window)
        await window.clicks("terrace.png")
        await window.sees("No browser found. Copied the address.")
        assert clipboard[0].endswith("/files/terrace.png")
        monkeypatch.setenv("SSH_TTY", "/dev/pts/0")
        await window.clicks("terrace.png")
        await window.sees("No browser found. Asked the terminal to copy the address.")


async def test_links_in_the_text_open_and_code_is_copied(
    tmp_path: Path, browser: list[str], clipboard: list[str]
) -> None:
    async with opened(tmp_path, size=(120, 100)) as window:
        await window.meets(2)
        await window.says("Show me")
        await window.clicks("https://example.com")
        await window.until(lambda: bool(browser))
        x, y = window.find("      text")  # in place of the language, which is not named
        await window.pilot.click(offset=(x + 8, y))
        await window.until(lambda: bool(clipboard))
    assert browser == ["https://example.com"]
    assert clipboard == ["Four spaces make a block, too."]


async def test_a_link_that_names_another_address_asks_first(tmp_path: Path, browser: list[str]) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("[https://bank.example](https://evil.example/)")
        question = "It says https://bank.example, but leads to https://evil.example/."
        await window.clicks("https://bank.example (")
        await window.sees("Open this link?", question)
        await window.press("enter")  # the answer that opens nothing is chosen at first
        await window.sees_no("Open this link?")
        assert not browser
        await window.press("tab", "tab", "enter")
        await window.sees(question)
        await window.press("left", "enter")
        await window.until(lambda: bool(browser), "the browser")
    assert browser == ["https://evil.example/"]


async def test_code_is_copied_from_the_message_unless_there_is_something_to_redo(
    tmp_path: Path, clipboard: list[str]
) -> None:
    async with opened(tmp_path) as window:
        await window.says("/echo ```\nprint(1)\n```")
        await window.settled()
        await window.press("m", "ctrl+z", "ctrl+y")
        assert (window.typed, clipboard) == ("m", [])
        await window.press("ctrl+y")
        await window.until(lambda: bool(clipboard))
        assert (window.typed, clipboard) == ("m", ["print(1)"])
        await window.press("ctrl+n", "ctrl+y")
        await window.sees("There is no code block in view.")


async def test_a_bubble_copies_as_its_source(tmp_path: Path, clipboard: list[str]) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("Some **bold** text and a\n\n- list")
        await window.clicks("bold")
        await window.until(lambda: window.app.focused is window.app.chat.transcript)
        await window.press("ctrl+c")
        await window.until(lambda: bool(clipboard))
        await window.sees("Copied the reply (")
    assert clipboard == ["Some **bold** text and a\n\n- list"]


async def test_selected_text_is_copied_and_ctrl_c_alone_says_how_to_quit(
    tmp_path: Path, clipboard: list[str]
) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("selectable")
        await window.press("ctrl+c")
        await window.sees("Nothing is selected. Ctrl+Q quits.")
        x, y = window.find("selectable")
        await window.pilot.mouse_down(offset=(x, y))
        await window.pilot.hover(offset=(x + 4, y))
        await window.pilot.hover(offset=(x + 9, y))
        await window.pilot.mouse_up(offset=(x + 9, y))
        await window.press("ctrl+c")
        await window.until(lambda: bool(clipboard))
        await window.press("escape", "h", "i", "shift+left", "ctrl+c")
        await window.sees("Copied the selection (1 character).")
    assert clipboard[0].strip() in "selectable"
    assert len(clipboard[0].strip()) > 3
    assert clipboard[1:] == ["i"]


@pytest.mark.parametrize("bubbles", ["filled", "compact", "plain"])
async def test_how_bubbles_are_drawn_is_a_setting(tmp_path: Path, bubbles: str) -> None:
    async with opened(tmp_path, size=(120, 40), config=f'bubbles = "{bubbles}"\n') as window:
        await window.meets(4)
        await window.says("word")
        transcript = window.app.chat.transcript

        def has_row(part: str) -> bool:
            return any(part in transcript.render_line(y).text for y in range(transcript.size.height))

        await window.until(lambda: has_row("▀") == (bubbles == "filled"), "edges, or none")
        await window.until(lambda: has_row("  │ word") == (bubbles == "plain"), "a rule, or none")
