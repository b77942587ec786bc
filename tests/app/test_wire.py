"""The wire pane in the app: live and stored replies of each kind, its keys, and its place on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment

from app.scripted import held_bot, provider
from app.window import Window, opened
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.ui.transcript.transcript import Transcript

BOTS = {"chatgrid": 4, "widget": 5}


async def test_a_stored_reply_is_shown_row_by_row(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("Hello wire")
        await window.press("f2")
        await window.sees("Wire reply of", "TTFB", "TTFT", "E2EL", "post", "response", "200", "closed")
        await window.sees("characters", "Effect", "Raw", "Headers")
    async with opened(tmp_path) as window:
        await window.press("f2")
        await window.sees("Wire reply of", "E2EL", "post", "closed", "Finished")


async def test_a_live_reply_is_followed_and_can_be_held(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.press("f2")
        await window.sees("no reply yet")
        await window.press("tab")
        await window.sends("Hello")
        bot.says("One", " two")
        await window.sees("+3 characters", "+4 characters", "Writing")
        await window.press("f2", "space")
        await window.sees("Held")
        bot.says(" three more")
        await window.sees("Held, 1 more", "One two three more")
        assert "+11 characters" not in window.text
        await window.press("space")
        await window.sees("+11 characters")
        bot.ends()
        await window.sees("end mark", "closed", "Finished")


async def test_each_view_of_a_row(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("One")
        bot.ends()
        await window.settled()
        await window.press("f2")
        await window.sees("closed")
        await window.press("down", "down")
        await window.sees("Record 1", 'data: {"choices"', "in one read of")
        await window.press("right")
        await window.sees('"choices": [')
        await window.press("right")
        await window.sees("Bubble 1, characters 1 to 3")
        await window.press("right")
        await window.sees("POST http://127.0.0.1")
        await window.press("v")
        await window.sees("Record 1, headers", "content-type: text/event-stream")
        await window.press("escape", "right", "ctrl+c")
        await window.until(lambda: '"content": "One"' in window.app.clipboard, "the bytes in the clipboard")


async def test_filters_by_pattern_and_by_type(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("One", "Three")
        bot.ends()
        await window.settled()
        await window.press("f2")
        await window.sees("closed")
        await window.press("slash", *"thr.e", "enter")
        await window.until(lambda: "+3 characters" not in window.text and "+5 characters" in window.text)
        await window.sees("Record 2")
        await window.press("escape")
        await window.sees("+3 characters", "closed")
        await window.press("t")
        await window.until(lambda: "closed" not in window.text and "+3 characters" in window.text)
        await window.clicks("All")
        await window.sees("closed")


async def test_from_one_oddity_to_the_next(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.meets(4)
        await window.says("/badjson")
        await window.press("f2")
        await window.sees("closed", "could not be read")
        await window.press("home", "right_square_bracket")
        await window.sees("not JSON", "Record")
        await window.press("end", "left_square_bracket")
        await window.sees("Record")


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        ((170, 48), ["Conversations", "Message", "Wire reply of"]),
        ((120, 40), ["Message", "Wire reply of"]),
        ((80, 24), ["Wire reply of"]),
    ],
)
async def test_its_place_on_the_screen(size: tuple[int, int], parts: list[str], tmp_path: Path) -> None:
    async with opened(tmp_path, size=size) as window:
        await window.meets(4)
        await window.says("Hello")
        await window.press("f2")
        await window.sees("Wire reply of", "closed")
        shown = [part for part in ("Conversations", "Message", "Wire reply of") if part in window.text]
        assert shown == parts
        await window.press("f2")
        await window.sees_no("Wire reply of")
        await window.until(lambda: window.app.focused is window.app.chat.composer.field)


async def test_all_figures_have_room_on_a_small_screen(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(3)
        await window.says("20 at 200")
        await window.press("f2")
        await window.sees("TTFB", "TTFT", "ICL", "E2EL", "reads", "24 events", "Effect")
        await window.clicks("Text ")
        await window.sees_no("closed")


async def test_a_refused_try_can_be_shown(tmp_path: Path, demo: DemoServer) -> None:
    async with opened(tmp_path, config=provider(demo.base_url("openai"), board="trouble")) as window:
        await window.says("/429 1")
        await window.sees("Finished")
        await window.press("f2")
        await window.sees("Wire try 2/2 of", "200 SSE")
        await window.press("e")
        await window.sees("Wire try 1/2 of", "429 JSON")
        await window.clicks("Wire try")
        await window.sees("Wire try 2/2 of", "200 SSE")


async def test_a_key_for_views_opens_the_details_on_a_small_screen(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        await window.says("Hello")
        await window.press("f2")
        await window.sees("closed", "Enter Show   ] Next note   ← → View")
        await window.sees_no("Decoded")
        await window.press("right")
        await window.sees("Raw   Decoded", "POST http")


async def test_its_keys_come_first_on_the_key_page(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.press("f2", "f1")
        await window.sees("In the wire pane", "Show row in the reply")


async def test_what_leads_to_the_message_closes_a_pane_that_hides_it(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        await window.says("Hello")

        def is_at_message() -> bool:
            composer = window.app.chat.composer
            return composer.field.has_focus and bool(composer.region)

        for keys in (("ctrl+n",), ("f6", "enter"), ("ctrl+r", "enter"), ("ctrl+backslash",)):
            await window.press("f2")
            await window.sees("Wire")
            await window.until(lambda: window.app.chat.wire.has_focus, "the focus in the pane")
            await window.press(*keys)
            await window.until(is_at_message, "the message")


async def test_escape_leaves_a_pane_that_hides_the_conversation(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24)) as window:
        await window.meets(4)
        await window.says("Hello")
        await window.press("f2")
        await window.sees("closed")
        await window.press("escape")
        await window.sees("Message Echo")
        await window.sees_no("Wire reply of")


def lit(window: Window) -> list[str]:
    """Return the texts of the conversation that are lit up."""
    transcript = window.app.chat.transcript
    background = window.app.look.colour("link_tint").upper()
    rows = [transcript.render_line(y) for y in range(transcript.size.height)]
    texts = ["".join(segment.text for segment in row if _background(segment) == background) for row in rows]
    return [text for text in texts if text]


def _background(segment: Segment) -> str:
    colour = segment.style.bgcolor if segment.style is not None else None
    return "" if colour is None else colour.name.upper()


async def test_rows_and_characters_lead_to_each_other(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("Some **good", " words** for", " you and me.")
        bot.ends()
        await window.settled()
        await window.press("f2")
        await window.sees("closed")
        await window.press("down", "down")
        await window.until(lambda: lit(window) == ["Some good"], "the characters of the first record")
        await window.press("down")
        await window.until(lambda: lit(window) == ["words for"], "the characters of the second record")
        await window.clicks("you and me")
        await window.sees("Record 3")
        await window.until(lambda: lit(window) == ["you and me."], "the characters of the third record")
        await window.press("f2", "f2")
        await window.sees_no("Wire reply of")
        assert lit(window) == []


async def test_a_click_leads_to_a_character_also_if_its_bubble_had_no_cursor(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        await window.sends("Hello")
        bot.says("Some words", " for you and me.")
        bot.ends()
        await window.settled()
        await window.press("f2")
        await window.sees("closed")
        window.app.chat.transcript.focus()
        await window.clicks("you and me")
        window.app.chat.wire.update()  # as the clock does
        await window.settled()
        await window.sees("Record 2")


async def test_a_click_before_the_pane_hides_the_conversation_leads_to_a_character(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url), size=(80, 24)) as window:
        await window.sends("Hello")
        bot.says("Some words", " for you and me.")
        bot.ends()
        await window.settled()
        await window.clicks("you and me")
        await window.press("f2")
        await window.sees("Wire reply of")
        await window.press("right")
        await window.sees("Record 2")


async def test_the_cursor_of_the_conversation_leads_to_the_reply_and_its_bubble(tmp_path: Path) -> None:
    async with held_bot() as bot, opened(tmp_path, config=provider(bot.url)) as window:
        for text in ("First answer", "Second answer"):
            await window.sends("Hello")
            bot.says(text)
            bot.ends()
            await window.settled()
        await window.press("f2")
        await window.sees("+13 characters")
        await window.press("tab", "tab", "up", "up")
        await window.sees("+12 characters", "Record 1")
        await window.sees_no("+13 characters")


async def test_the_conversation_fits_beside_the_pane_without_a_resize_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual sends none if it draws new widgets before it lays them out."""
    async with opened(tmp_path, size=(120, 40)) as window:
        await window.sees("suggestions, several bubbles")
        transcript = window.app.chat.transcript
        with monkeypatch.context() as patched:
            patched.setattr(Transcript, "on_resize", lambda *_: None)
            await window.press("f2")
            await window.until(lambda: transcript.region.width == 61, "the narrow conversation")
        transcript.refresh()
        await window.sees("pictures, files, sugges…")
