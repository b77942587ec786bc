"""Where the cursor starts in a conversation, and how keys reach folded lines and distant targets."""

from __future__ import annotations

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.transcript.targets import FoldedTarget
from chatgrid_tui.ui.transcript.transcript_messages import (
    ButtonPressed,
    LinkOpened,
    SourceCopied,
    SuggestionPressed,
    TaskRequested,
)
from ui.transcript.support import Shown, reply, talk, turn


def thoughtful(*texts: str) -> Reply:
    """A reply with a line of reasoning."""
    answer = reply(*texts)
    answer.reasoning = {0: Bubble("The question is short, and so is the answer.")}
    return answer


async def test_tab_reaches_a_folded_line_and_enter_opens_the_menu() -> None:
    app = Shown([*talk(1), turn("Go", thoughtful("Yes."))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "enter")
        await pilot.pause()
        assert app.heard(TaskRequested) == [TaskRequested("menu")]
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert app.heard(ButtonPressed) == [ButtonPressed(app.turns[1], "reasoning")]


async def test_tab_goes_on_from_the_bubble_with_the_cursor() -> None:
    first, second = ("See [it](https://a.example/1).", "And [that](https://a.example/2).")
    app = Shown([turn("Go", reply(first, second))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "tab", "enter")
        await pilot.press("shift+tab", "enter")
        await pilot.pause()
        links = [told.url for told in app.heard(LinkOpened) if isinstance(told, LinkOpened)]
        assert links == ["https://a.example/2", "https://a.example/1"]


async def test_the_cursor_goes_to_the_bubble_of_a_link() -> None:
    app = Shown([turn("Go", reply("One.", "See [it](https://a.example/1).", suggestions=[{"label": "More"}]))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "up", "up", "tab")
        await pilot.pause()
        assert [line.strip() for line in app.lines() if "▌" in line] == ["▌ See it (a.example)."]
        await pilot.press("tab")
        await pilot.pause()
        assert not any("▌" in line for line in app.lines()), "a button has the focus"


async def test_tab_scrolls_to_its_target() -> None:
    far = "See [it](https://a.example/1).\n\n" + "\n\n".join(f"Paragraph {number}." for number in range(60))
    app = Shown([turn("Go", reply(far))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab")
        assert not any("See it" in line for line in app.lines())
        await pilot.press("tab")
        await pilot.pause()
        assert any("See it" in line for line in app.lines())


async def test_focus_selects_a_bubble() -> None:
    app = Shown(talk(3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "ctrl+c")
        await pilot.pause()
        assert app.heard(SourceCopied) == [SourceCopied("Answer 2.\n\n- one\n- two", "the reply (22 characters)")]


async def test_focus_moves_a_cursor_that_is_out_of_view() -> None:
    app = Shown(talk(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", *["up"] * 20)
        await pilot.pause()
        assert not any("Answer 39." in line for line in app.lines())
        await pilot.press("tab")
        app.pane.viewport.go_to_end()
        await pilot.pause()
        before = app.lines()
        await pilot.press("shift+tab", "shift+down")
        await pilot.pause()
        assert any("Answer 39." in line for line in app.lines())
        assert app.lines()[0] == before[0]
        await pilot.press("up", "tab", "shift+tab", "ctrl+c")
        await pilot.pause()
        told = app.heard(SourceCopied)[-1]
        assert told == SourceCopied("Question 39", "your message (11 characters)"), "one that is in view stays"


async def test_selecting_after_end_begins_at_the_end() -> None:
    app = Shown(talk(40))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", *["up"] * 20, "end")
        await pilot.pause()
        before = app.lines()
        await pilot.press("shift+down")
        await pilot.pause()
        assert app.lines()[0] == before[0]


async def test_letters_copy_nothing() -> None:
    app = Shown([turn("Go", reply("So:\n\n```\nx = 1\n```"))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", *"cCyY", "ctrl+c", "ctrl+y")
        await pilot.pause()
        assert [told.what for told in app.heard(SourceCopied) if isinstance(told, SourceCopied)] == [
            "the reply (18 characters)",
            "the code block (1 line)",
        ]


async def test_digits_press_only_suggestions_that_show_them() -> None:
    offers = [{"label": "Menu"}, {"label": "Table"}]
    app = Shown([turn("Go", reply("One.", suggestions=offers)), turn("On", reply("Two.", suggestions=offers))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "up", "up", "tab", "right", "1")
        await pilot.pause()
        assert not app.heard(SuggestionPressed)
        words = [app.pane.presses.word]
        await pilot.press("enter")
        await pilot.pause()
        assert app.heard(SuggestionPressed) == [SuggestionPressed(app.turns[0], 1)]
        app.pane.focus_suggestions()
        words.append(app.pane.presses.word)
        app.turns[1].replies[0].chosen = (0,)
        app.pane.turn_changed(app.turns[1])
        await pilot.press("2")
        await pilot.pause()
        assert len(app.heard(SuggestionPressed)) == 1, "one was sent, so that none shows a digit"
        assert [*words, app.pane.presses.word] == ["Send as new", "Send", "Send as new"]


async def test_the_word_for_enter_follows_the_cursor() -> None:
    text = "See [it](https://a.example/1).\n\n```\nx = 1\n```"
    app = Shown([turn("Go", reply(text, suggestions=[{"label": "More"}] * 60))])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab")
        words = [app.pane.presses.word]
        for key in ("tab", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            words.append(app.pane.presses.word)
        assert words == ["Open", "Open", "Copy", "Send", "Copy"]
        app.pane.cursor.target = FoldedTarget(0, "next_variant")
        words = [app.pane.presses.word]
        app.pane.cursor.target = app.pane.cursor.offers(0)[-1]
        assert [*words, app.pane.presses.word] == ["Show", "Show more"]
