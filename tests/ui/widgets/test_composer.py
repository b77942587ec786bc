"""The composer: keys, growth, paste, the count, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from textual import events
from textual.binding import Binding

from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.widgets.composer import Addressee, Composer
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

HINT = "Enter sends · Ctrl+J new line"
SUPPORT = Addressee(Speaker("support-bot", "indigo"), "Acme live", "ChatGrid", production=True)


def submitted(app: FrameApp) -> list[str]:
    return [told.text for told in app.heard_of(Composer.Submitted)]


async def test_enter_sends_and_keeps_the_text() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(message_hook=app.hear) as pilot:
        composer.focus()
        await pilot.press(*"hello", "enter")
        assert submitted(app) == ["hello"]
        assert composer.text == "hello"
        composer.clear()
        await pilot.pause()
        assert composer.text == ""
        await pilot.press("ctrl+z")
        assert composer.text == "hello"


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter"])
async def test_a_new_line(key: str) -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(message_hook=app.hear) as pilot:
        composer.focus()
        await pilot.press("a", key, "b")
        assert composer.text == "a\nb"
        assert not submitted(app)
        assert composer.size.height == 2


async def test_it_grows_to_a_third_of_the_screen_and_then_scrolls() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        composer.load("\n".join(f"line {number}" for number in range(20)))
        await pilot.pause()
        assert composer.size.height == 8
        assert app.lines()[7].strip(" ▐") == "▌ line 19"
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        assert composer.size.height == 4
        await pilot.resize_terminal(80, 40)
        await pilot.pause()
        # Two edges, thirteen rows of text, and the foot.
        assert composer.size.height == 16
        composer.load("short")
        await pilot.pause()
        assert composer.size.height == 4
        assert [line.strip() for line in app.lines()[:4]] == ["▀" * 76, "▌ short", "▌", "▀" * 76]


async def test_a_line_typed_while_growing_stays_in_view() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(40, 24)) as pilot:
        composer.focus()
        await pilot.press("a", "ctrl+j", "b", "ctrl+j", "c")
        await pilot.pause()
        assert [line.strip() for line in app.lines()[:3]] == ["▌ a", "▌ b", "▌ c"]
        await pilot.press("backspace", "backspace")
        await pilot.pause()
        assert composer.size.height == 2
        assert [line.strip() for line in app.lines()[:2]] == ["▌ a", "▌ b"]


async def test_long_words_wrap_and_other_widths_wrap_again() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        composer.load("word " * 20)
        await pilot.pause()
        assert composer.size.height == 2
        await pilot.resize_terminal(30, 24)
        await pilot.pause()
        await pilot.pause()
        assert composer.size.height == 5


async def test_a_tall_one_names_bot_and_provider_and_how_to_send() -> None:
    composer = Composer()
    composer.limit = 20
    app = FrameApp(composer)
    async with app.run_test(size=(80, 40)) as pilot:
        composer.address(SUPPORT)
        composer.hint = HINT
        await pilot.pause()
        assert app.lines()[1] == "  ▌ Message support-bot on Acme live, which is production"
        foot = "  ▌ ▲ PRODUCTION  support-bot · Acme live, ChatGrid"
        assert app.lines()[2] == foot + " " * 14 + "Enter sends"
        await app.resized(pilot, 120, 40)
        assert app.lines()[2].endswith(HINT)
        await app.resized(pilot, 80, 40)
        composer.load("😀" * 8)
        await pilot.pause()
        assert app.lines()[2] == foot + " " * 6 + "16 of 20 characters"
        assert composer.is_over_limit is False
        composer.load("x" * 1_021)
        await pilot.pause()
        over: bool = composer.is_over_limit
        assert over
        assert "1,021 of 20 characters" in "\n".join(app.lines())
        composer.load("")
        await app.resized(pilot, 44, 40)
        assert app.lines()[2] == " ▌ ▲ PRODUCTION  support-bot · Acme live…"


async def test_a_low_one_has_the_hint_at_its_right_while_it_is_empty() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        composer.hint = HINT
        composer.focus()
        await pilot.pause()
        assert app.lines()[0] == "  ▌ " + " " * 43 + HINT
        await app.resized(pilot, 30, 24)
        assert app.lines()[0] == " ▌ " + " " * 13 + "Enter sends"
        await pilot.press("a")
        await pilot.pause()
        assert app.lines()[0] == " ▌ a"
        composer.load("")
        await app.resized(pilot, 14, 24)
        assert app.lines()[0] == " ▌"


async def test_on_a_low_screen_the_count_has_a_row_of_its_own() -> None:
    composer = Composer()
    composer.limit = 10
    app = FrameApp(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        composer.load("x" * 7)
        await pilot.pause()
        assert composer.size.height == 1
        composer.load("x" * 8)
        await pilot.pause()
        assert composer.size.height == 2
        assert app.lines()[1].endswith("8 of 10 characters")


async def test_up_and_down_recall_only_at_the_ends_of_an_empty_or_recalled_text() -> None:
    composer = Composer()
    steps: list[int] = []
    composer.field.recall = steps.append
    app = FrameApp(composer)
    async with app.run_test() as pilot:
        composer.focus()
        await pilot.press("a", "up", "down")
        assert steps == []
        await pilot.press("ctrl+u", "up")
        assert steps == [-1]
        composer.recall("one\ntwo", "", at_end=True)
        await pilot.press("up")
        assert steps == [-1], "the cursor moves within the text first"
        await pilot.press("up", "down")
        assert steps == [-1, -1]
        await pilot.press("down")
        assert steps == [-1, -1, 1]


async def test_a_recalled_text_leaves_what_was_typed_as_the_draft() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test() as pilot:
        composer.load("a draft")
        composer.recall("said\x1b[2J before", "a draft", at_end=True)
        composer.focus()
        assert not controls_in(composer.text)
        assert composer.draft == "a draft"
        await pilot.press("!")
        assert composer.draft == f"{composer.text}\na draft", "an edited text is kept as well"
        composer.end_recall("a draft")
        assert (composer.text, composer.draft) == ("a draft", "a draft")
        await pilot.press("ctrl+z")
        assert composer.text.endswith("before!")


async def test_typing_is_reported_and_loading_is_not() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(message_hook=app.hear) as pilot:
        composer.load("a draft")
        composer.focus()
        await pilot.pause()
        assert not app.heard_of(Composer.Changed)
        await pilot.press("!")
        assert [told.text for told in app.heard_of(Composer.Changed)] == ["a draft!"]


class KeysOfTheApp(FrameApp):
    """An app with keys that Textual's text area would take for itself, or that move its transcript."""

    BINDINGS = [  # noqa: RUF012 (Textual's way)
        *(Binding(key, f"note('{key}')", priority=True) for key in ("ctrl+k", "ctrl+f", "ctrl+n", "f6", "escape")),
        *(Binding(key, f"note('{key}')") for key in ("pageup", "pagedown", "end", "home")),
    ]

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self.noted: list[str] = []

    def action_note(self, key: str) -> None:
        self.noted.append(key)


async def test_keys_of_the_app_arrive() -> None:
    composer = Composer()
    app = KeysOfTheApp(composer)
    async with app.run_test() as pilot:
        composer.focus()
        await pilot.press("pageup", "pagedown", "end", "home")
        assert app.noted == ["pageup", "pagedown", "end", "home"]
        app.noted.clear()
        await pilot.press("a", "b", "home", "end", "ctrl+k", "ctrl+f", "ctrl+n", "f6", "escape")
        assert app.noted == ["ctrl+k", "ctrl+f", "ctrl+n", "f6", "escape"]
        assert composer.text == "ab"


async def test_tab_leaves_and_inserts_nothing() -> None:
    one, two = Composer(), Composer()
    app = FrameApp(one, two)
    async with app.run_test() as pilot:
        one.focus()
        await pilot.press("a", "tab")
        assert app.focused is two.field
        assert one.text == "a"


async def test_a_paste_of_several_lines_stays_several_lines() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(message_hook=app.hear) as pilot:
        composer.focus()
        await pilot.press("a", "b", "left")
        composer.field.post_message(events.Paste("one\r\ntwo\rthree\tend\n"))
        await pilot.pause()
        assert composer.text == "aone\ntwo\nthree\tend\nb"
        assert not submitted(app)
        assert composer.field.cursor_location == (3, 0)


async def test_hostile_texts_are_only_text() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test() as pilot:
        composer.focus()
        for text in HOSTILE.values():
            composer.load("")
            composer.address(Addressee(Speaker(text), text, text, production=True))
            await pilot.pause()
            assert not controls_in(app.lines())
            composer.field.post_message(events.Paste(text))
            app._clipboard = text
            await pilot.press("ctrl+v")
            assert not controls_in(app.lines())
            assert not controls_in([composer.text.replace("\n", "").replace("\t", "")])
            composer.text.encode("utf-8")


async def test_where_there_is_little_room_production_comes_first() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(40, 15)) as pilot:
        composer.address(SUPPORT)
        await pilot.pause()
        assert app.lines()[0].endswith("Production: Message support-bot")


def colour_at(app: FrameApp, x: int, y: int) -> str:
    style = app.screen.get_style_at(x, y)
    assert style.color is not None
    return style.color.name


async def test_in_production_it_says_so() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        composer.address(SUPPORT)
        composer.focus()
        await pilot.pause()
        assert app.lines()[0] == "  ▌ Message support-bot on Acme live, which is production"
        warn = app.look.theme.warn.lower()
        assert colour_at(app, 2, 0) == warn
        cursor = app.screen.get_style_at(4, 0)
        assert cursor.bgcolor is not None
        assert cursor.bgcolor.name == warn


async def test_the_bar_tells_the_focus() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert colour_at(app, 2, 0) == app.look.theme.edge.lower()
        await pilot.click(Composer, offset=(2, 0))
        await pilot.pause()
        assert app.focused is composer.field
        assert colour_at(app, 2, 0) == app.look.theme.accent.lower()


async def test_without_surfaces_it_has_hairlines() -> None:
    composer = Composer()
    app = FrameApp(composer, theme="flat", ascii_signs=True)
    async with app.run_test(size=(60, 30)) as pilot:
        composer.address(Addressee(Speaker("bot"), "Acme"))
        composer.hint = HINT
        composer.focus()
        await pilot.pause()
        assert app.lines()[0] == app.lines()[3] == "  " + "-" * 56
        assert app.lines()[1] == "  | Message bot"
        assert app.lines()[2] == "  | bot - Acme" + " " * 13 + "Enter sends - Ctrl+J new line"
