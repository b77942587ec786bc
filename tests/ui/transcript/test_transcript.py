"""The transcript on a screen: following and holding still, lazy drawing, keys, mouse, resize."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Offset
from textual.widgets import Input

from chatgrid_tui.model.events import BodyEnded, Finished, SuggestionsArrived, TextDelta
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import Look, Speaker
from chatgrid_tui.ui.transcript import transcript_messages
from chatgrid_tui.ui.transcript.render.welcome import Choice, Welcome
from chatgrid_tui.ui.transcript.transcript import Transcript
from ui.transcript.support import NOON, Shown, reply, settled, talk, theme, turn

MANY = "\n\n".join(f"Paragraph {number}, of a few words." for number in range(30))


def live() -> Reply:
    return Reply(2, "support-bot", NOON)


async def test_opens_at_the_newest_and_draws_only_what_is_near() -> None:
    app = Shown(talk(5_000))
    async with app.run_test(size=(80, 24)) as pilot:
        assert any("Answer 4999." in line for line in app.lines())
        assert app.pane.document.drawn < 10
        await pilot.press("shift+tab", "home")
        await pilot.pause()
        assert "Question 0" in app.lines()[0]
        await pilot.press("pagedown", "pagedown", "end")
        await pilot.pause()
        assert any("Answer 4999." in line for line in app.lines())
        assert app.pane.document.drawn < 60


async def test_pages_up_show_every_row_once() -> None:
    app = Shown(talk(60))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab")
        await pilot.pause()
        seen: list[str] = []
        for _ in range(40):
            top = app.lines()
            seen[:0] = [line for line in top[: app.pane.size.height - 2]]
            if app.pane.scroll_offset.y == 0:
                break
            await pilot.press("pageup")
            await pilot.pause()
        numbers = [int(line.split("Question ")[1].split()[0]) for line in seen if "Question " in line]
        assert sorted(set(numbers)) == list(range(min(numbers), max(numbers) + 1))
        assert min(numbers) == 0


async def test_follows_at_the_bottom_and_holds_still_above() -> None:
    answer = live()
    app = Shown([*talk(10), turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        answer.apply(TextDelta(0, MANY))
        app.pane.turn_changed(app.pane.document.turns[10])
        await settled(pilot)
        assert any("Paragraph 29" in line for line in app.lines())
        await pilot.press("shift+tab", "pageup")
        await pilot.pause()
        assert not app.pane.viewport.following
        before = app.lines()
        for number in range(8):
            answer.apply(TextDelta(0, f"\n\nMore {number}."))
            app.pane.turn_changed(app.pane.document.turns[10])
            await settled(pilot)
        assert app.lines() == before
        told = app.heard(transcript_messages.FollowChanged)[-1]
        assert told == transcript_messages.FollowChanged(False, 16)
        answer.apply(Finished())
        answer.apply(BodyEnded())
        app.pane.turn_changed(app.pane.document.turns[10])
        await settled(pilot)
        assert app.lines() == before, "nothing jumps at the end of a reply"
        await pilot.press("end")
        await pilot.pause()
        assert any("More 7." in line for line in app.lines())
        assert app.heard(transcript_messages.FollowChanged)[-1] == transcript_messages.FollowChanged(True, 0)


async def test_the_last_frame_is_never_dropped() -> None:
    answer = live()
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        for number in range(200):
            answer.apply(TextDelta(0, f"{number} "))
            app.pane.turn_changed(app.pane.document.turns[0])
        await settled(pilot)
        assert any(line.rstrip("▌").rstrip().endswith(" 199") for line in app.lines())


async def test_nothing_is_laid_out_while_a_reply_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = live()
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        answer.apply(TextDelta(0, "x"))
        app.pane.turn_changed(app.pane.document.turns[0])
        await settled(pilot)
        layouts: list[object] = []
        monkeypatch.setattr(app.screen, "_refresh_layout", lambda *given, **named: layouts.append(given))
        for number in range(60):
            answer.apply(TextDelta(0, f"\n\nline {number}"))
            app.pane.turn_changed(app.pane.document.turns[0])
            await settled(pilot)
        await settled(pilot)
        assert any("line 59" in line for line in app.lines())
        assert not layouts


async def test_suggestions_by_keyboard() -> None:
    answer = reply("x", suggestions=[{"label": "Menu"}, {"label": "Book a table"}, {"label": "Route"}])
    app = Shown([*talk(3), turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        assert not app.heard(transcript_messages.SuggestionPressed), "digits are typed where one types"
        assert app.pane.focus_suggestions()
        await pilot.press("right", "enter", "right", "right", "left", "enter", "1")
        await pilot.pause()
        assert app.heard(transcript_messages.SuggestionPressed) == [
            transcript_messages.SuggestionPressed(app.turns[3], 1),
            transcript_messages.SuggestionPressed(app.turns[3], 1),
            transcript_messages.SuggestionPressed(app.turns[3], 0),
        ]
        await pilot.press("tab", "tab")
        await pilot.pause()
        assert isinstance(app.focused, Input), "behind the last button the keyboard leaves"


async def test_no_suggestions_no_focus() -> None:
    app = Shown(talk(2))
    async with app.run_test(size=(80, 24)):
        assert not app.pane.focus_suggestions()
        assert isinstance(app.focused, Input)


async def test_bubbles_and_their_parts_by_keyboard() -> None:
    answer = reply(
        "See [it](https://a.example/x%2F).\n\n```py\nprint(1)\n```",
        attachments=[{"url": "https://f.example/menu.pdf"}],
    )
    app = Shown([turn("Mine", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "ctrl+c", "ctrl+y", "tab", "enter", "ctrl+c", "tab", "tab", "enter", "ctrl+c")
        await pilot.press("up", "ctrl+c")
        await pilot.pause()
        assert [message for message in app.said if not isinstance(message, transcript_messages.FollowChanged)] == [
            transcript_messages.SourceCopied(answer.bubbles[0].text, "the reply (53 characters)"),
            transcript_messages.SourceCopied("print(1)", "the code block (py, 1 line)"),
            transcript_messages.LinkOpened("https://a.example/x%2F"),
            transcript_messages.SourceCopied("https://a.example/x%2F", "the address https://a.example/x%2F"),
            transcript_messages.AttachmentOpened("https://f.example/menu.pdf", "menu.pdf"),
            transcript_messages.SourceCopied("https://f.example/menu.pdf", "the address of menu.pdf"),
            transcript_messages.SourceCopied("Mine", "your message (4 characters)"),
        ]


async def test_the_cursor_shows_where_it_is_and_moves_no_row() -> None:
    app = Shown(talk(2))
    async with app.run_test(size=(80, 24)) as pilot:
        before = app.lines()
        await pilot.press("shift+tab")
        await pilot.pause()
        after = app.lines()
        assert len([line for line in after if line.startswith("  ▌")]) == 4
        tasks = "Ctrl+C Copy   Ctrl+U Quote   F9 Menu"
        assert [line.endswith(tasks) for line in after].count(True) == 1
        assert [line.replace("▌", " ").removesuffix(tasks).rstrip() for line in after] == before


async def test_presses_by_mouse() -> None:
    answer = reply("See [it](https://a.example/x).", suggestions=[{"label": "Menu"}])
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.hover(Transcript, offset=app.row_with("it (a.ex"))
        await pilot.click(Transcript, offset=app.row_with("it (a.ex"))
        await pilot.click(Transcript, offset=app.row_with("1 Menu"))
        await pilot.pause()
        assert app.heard(transcript_messages.LinkOpened) == [transcript_messages.LinkOpened("https://a.example/x")]
        assert app.heard(transcript_messages.SuggestionPressed) == [
            transcript_messages.SuggestionPressed(app.turns[0], 0)
        ]
        assert isinstance(app.focused, Input), "a press takes the keyboard from nowhere"


async def test_clicks_on_growing_text() -> None:
    answer = live()
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(60, 16)) as pilot:
        for number in range(8):
            answer.apply(TextDelta(0, f"word{number} [l](https://a.example/{number})\n\n"))
            app.pane.turn_changed(app.pane.document.turns[0])
            await pilot.click(Transcript, offset=(6, 2 * number % 14))
            await pilot.mouse_down(Transcript, offset=(4, 3))
            await pilot.hover(Transcript, offset=(20, 5))
            await pilot.mouse_up(Transcript, offset=(20, 5))
        answer.apply(SuggestionsArrived(({"label": "Menu"},)))
        answer.apply(BodyEnded())
        app.pane.turn_changed(app.pane.document.turns[0])
        await settled(pilot)
        assert any("Menu" in line for line in app.lines())


async def test_resizing_keeps_the_line_that_is_read() -> None:
    long = "\n\n".join(f"Paragraph {number} " + "of quite a number of words " * 6 for number in range(40))
    app = Shown([turn("Go", reply(long)), *talk(5)])
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.press("shift+tab", "home")
        app.pane.scroll_to(y=42, animate=False)
        await pilot.pause()
        read = app.lines()[0]
        for width in (60, 44, 120, 90):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
        assert app.lines()[0] == read


async def test_another_theme_keeps_the_place() -> None:
    app = Shown(talk(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "pageup")
        await pilot.pause()
        before, strip = app.lines(), app.pane.render_line(3)
        app.look = Look(theme("paper"))
        app.pane.look_changed()
        await pilot.pause()
        assert app.lines() == before
        assert app.pane.render_line(3) != strip


async def test_the_end_is_followed_while_the_pane_grows() -> None:
    """As when a long message is sent, and the composer shrinks to one row."""
    app = Shown(talk(20))
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Input).styles.height = 12
        await settled(pilot)
        app.query_one(Input).styles.height = 1
        await settled(pilot)
        assert app.pane.viewport.following
        assert "Answer 19." in "".join(app.lines()[-6:])


async def test_the_first_screen() -> None:
    app = Shown()
    bots = (
        ("Showcase", "one page with all of Markdown", "ChatGrid"),
        ("Echo", "gives back what you write", "widget"),
    )
    choices = tuple(Choice(Speaker(name, "plum"), detail, kind) for name, detail, kind in bots)
    welcome = Welcome("on this machine", ("Talk **now**.",), choices, ("More.",), ("Add",), chosen=1)
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.viewport.show_welcome(welcome)
        await pilot.pause()
        shown = [line.strip() for line in app.lines()]
        assert shown[0] == "C  chatgrid-tui · on this machine"
        assert [" ".join(line.split()) for line in shown if "Showcase" in line or "Echo" in line] == [
            "1 S Showcase one page with all of Markdown ChatGrid",
            "▌ 2 E Echo gives back what you write widget",
        ]
        assert shown[1].endswith("Talk now.")
        assert "3 Add" in shown
        x, y = app.row_with("3 Add")
        assert app.pane.focus_suggestions()
        await pilot.pause()
        digit = app.screen.get_style_at(x, y)
        assert digit.color is not None, "digits press now"
        assert (digit.bold, digit.color.name) == (True, theme().accent.lower())
        await pilot.press("down", "enter", "down", "enter", "1")
        await pilot.pause()
        assert app.heard(transcript_messages.ChoicePressed) == [
            transcript_messages.ChoicePressed(index) for index in (1, 2, 0)
        ]


async def test_the_digits_of_suggestions_are_strong_while_they_press() -> None:
    app = Shown([turn("Go", reply("Done.", suggestions=[{"label": "Menu"}, {"label": "Book"}]))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        x, y = app.row_with("2 Book")
        for focused in (False, True):
            if focused:
                assert app.pane.focus_suggestions()
            await pilot.pause()
            assert bool(app.screen.get_style_at(x, y).bold) is focused


async def test_show_more_of_a_long_table() -> None:
    app = Shown([turn("Go", reply("|a|\n|-|\n" + "|b|\n" * 500))])
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert any("300 more rows" in line for line in app.lines())
        await pilot.click(Transcript, offset=app.row_with("300 more rows"))
        app.pane.viewport.go_to_end()
        await settled(pilot)
        assert any("100 more rows" in line for line in app.lines())


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 2), (12, 4), (300, 60)])
async def test_any_size(size: tuple[int, int]) -> None:
    answer = reply(MANY + "\n\n```py\nx\n```\n|a|b|\n|-|-|\n|日本|c|", suggestions=[{"label": "Menu"}])
    app = Shown([turn("Hello 日本", answer)])
    async with app.run_test(size=size) as pilot:
        await pilot.resize_terminal(80, 24)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        for y in range(app.pane.size.height):
            assert app.pane.render_line(y).cell_length == app.pane.region.width or app.pane.region.width < 8


async def test_another_conversation_replaces_everything() -> None:
    app = Shown(talk(30))
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.show([turn("Other", reply("quite another"))])
        await pilot.pause()
        assert app.pane.scroll_offset == Offset(0, 0)
        assert not any("Question" in line for line in app.lines())
        assert app.pane.document.drawn == 1


async def test_raised_digits_press_nothing() -> None:
    answer = reply("x", suggestions=[{"label": "Menu"}, {"label": "Book a table"}])
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.pane.focus_suggestions()
        for character in ("²", "٢", "0"):
            app.post_message(events.Key(character, character))
        await pilot.pause()
        assert not app.heard(transcript_messages.SuggestionPressed)


async def test_a_double_click_presses_once() -> None:
    answer = reply("x", suggestions=[{"label": "Menu"}, {"label": "Book a table"}])
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.double_click(Transcript, offset=app.row_with("Menu"))
        await pilot.pause()
        assert app.heard(transcript_messages.SuggestionPressed) == [
            transcript_messages.SuggestionPressed(app.turns[0], 0)
        ]


async def test_removing_a_queued_message_moves_nothing_above() -> None:
    turns = [*talk(20), turn("First", live()), turn("Second", queued=True), turn("Third", queued=True)]
    app = Shown(turns)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "pageup", "pageup")
        await pilot.pause()
        before = app.lines()
        turns.pop()
        app.pane.turns_replaced(21)
        await settled(pilot)
        assert app.lines() == before
        assert not app.pane.viewport.following
        await pilot.press("end")
        await pilot.pause()
        assert any("Second" in line for line in app.lines())
        assert not any("Third" in line for line in app.lines())


async def test_the_cursor_leaves_a_message_that_was_taken_back() -> None:
    turns = [turn("First", live()), turn("Second", queued=True)]
    app = Shown(turns)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "up")
        turns.pop()
        app.pane.turns_replaced(1)
        await pilot.press("ctrl+c", "enter", "up", "ctrl+c")
        await pilot.pause()
        assert all(
            "Second" not in told.text for told in app.said if isinstance(told, transcript_messages.SourceCopied)
        )


async def test_a_long_first_screen_starts_at_its_top() -> None:
    app = Shown()
    async with app.run_test(size=(40, 10)) as pilot:
        app.pane.viewport.show_welcome(Welcome("", ("Word " * 200,), (Choice(Speaker("One"), "the first of them"),)))
        await pilot.pause()
        assert "chatgrid-tui" in app.lines()[0]
        await pilot.press("shift+tab", "end")
        await pilot.pause()
        assert any("One" in line for line in app.lines())
