"""What keys copy: bubbles, errors, files and code blocks; and the reason if they copy nothing."""

from __future__ import annotations

import pytest

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.transcript_messages import (
    AttachmentOpened,
    ButtonPressed,
    ErrorCopied,
    NothingDone,
    SourceCopied,
    TaskRequested,
)
from ui.transcript.support import Shown, reply, talk, turn

PARAGRAPHS = "\n\n".join(f"Paragraph {number}." for number in range(15))
THREE = f"```python\none = 1\n```\n\n{PARAGRAPHS}\n\n```sh\ntwo\n2\n```\n\n{PARAGRAPHS}\n\n    three"
LONG = "\n".join(f"line {number}" for number in range(60))
PICTURE = {"type": "image", "url": "https://files.acme.example/terrace.png", "name": "The terrace"}


async def copied(turns: list[Turn], *keys: str) -> list[str]:
    """Press keys, and return the name of each text that is copied, or the reason why nothing is."""
    app = Shown(turns)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", *keys)
        await pilot.pause()
        named: list[str] = []
        for told in app.said:
            match told:
                case SourceCopied(text, what):
                    named.append(f"{what}: {text}")
                case NothingDone(reason):
                    named.append(reason)
                case ErrorCopied(held):
                    named.append(f"error {turns.index(held)}")
                case ButtonPressed(_, button):
                    named.append(button)
                case TaskRequested():
                    named.append("menu")
                case AttachmentOpened(url):
                    named.append(f"open {url}")
                case _:
                    pass
        return named


FIRST = "code block 1 of 3 (python, 1 line): one = 1"
SECOND = "code block 2 of 3 (sh, 2 lines): two\n2"
THIRD = "code block 3 of 3 (1 line): three"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ctrl+y"], [THIRD]),  # the pane stands at the end
        (["ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y"], [THIRD, FIRST, SECOND, THIRD]),
        (["home", "ctrl+y"], [FIRST]),
        (["home", "ctrl+y", "ctrl+y"], [FIRST, SECOND]),
        (["pageup", "ctrl+y"], [SECOND]),
        (["pageup", "ctrl+y", "end", "ctrl+y"], [SECOND, THIRD]),
        (["tab", "tab", "ctrl+y"], [SECOND]),  # by Tab from block to block
        (["tab", "enter", "tab", "ctrl+c"], [FIRST, SECOND]),
    ],
)
async def test_the_block_of_code_in_view_is_copied_and_then_the_next(keys: list[str], expected: list[str]) -> None:
    assert await copied([turn("Go", reply(THREE))], *keys) == expected


async def test_the_block_of_the_chosen_bubble_comes_first() -> None:
    held = turn("Go", reply("```\none\n```", "```\ntwo\n```", "None here."))
    assert await copied([held], "up", "ctrl+y") == ["the code block (1 line): two"]
    assert await copied([held], "up", "up", "ctrl+y") == ["the code block (1 line): one"]
    assert await copied([held], "ctrl+y") == ["the code block (1 line): one"], "none in the bubble, so one in view"


async def test_a_block_that_is_taller_than_the_view_is_in_view() -> None:
    held = turn("Go", reply(f"```\nfirst\n```\n\n{PARAGRAPHS}\n\n```\n{LONG}\n```\n\nEnd."))
    (told,) = await copied([held], "pageup", "ctrl+y")
    assert told.startswith("code block 2 of 2 (60 lines): line 0")


async def test_a_key_that_does_nothing_says_why() -> None:
    assert await copied(talk(1), "ctrl+y") == ["There is no code block in view."]
    assert await copied([], "ctrl+a") == ["There is nothing to select yet."]
    assert await copied(talk(1), "left") == ["There is no button beside this."]
    assert await copied([turn("Go", reply(state="waiting"))], "down", "ctrl+c") == ["There is no text to copy yet."]


@pytest.mark.parametrize("text", ["", "Half an answer"])
async def test_the_bubble_of_an_error_is_copied_as_an_error(text: str) -> None:
    broken = reply(*filter(None, [text]), state="failed", failure=Failure("stream", code="overloaded"))
    assert await copied([turn("Go", broken)], "ctrl+c") == ["error 0"]
    if text:
        told = await copied([turn("Go", broken)], "up", "ctrl+c")
        assert told == ["the reply (14 characters): Half an answer"]


async def test_a_reply_of_files_only_gives_their_addresses() -> None:
    held = turn("Show me", reply(attachments=[PICTURE]))
    url = PICTURE["url"]
    assert await copied([held], "ctrl+c") == [f"the address of The terrace: {url}"]
    assert await copied([held], "tab", "ctrl+c") == [f"the address of The terrace: {url}"]
    two = turn("Show me", reply(attachments=[PICTURE, {**PICTURE, "url": "https://b.example/2"}]))
    assert await copied([two], "ctrl+c") == [f"2 addresses: {url}\nhttps://b.example/2"]
    bad = turn("Show me", reply(attachments=[{"url": "javascript:x", "name": "bad"}]))
    assert await copied([bad], "ctrl+c") == ["error 0"], "what is said of it can be copied all the same"


@pytest.mark.parametrize("keys", [[], ["up"]])
async def test_enter_on_a_bubble_asks_for_its_menu(keys: list[str]) -> None:
    assert await copied([turn("Show me", reply("Here.", attachments=[PICTURE]))], *keys, "enter") == ["menu"]


async def test_copy_on_a_suggestion_copies_its_bubble() -> None:
    held = turn("Go", reply("Choose.", suggestions=[{"label": "One"}, {"label": "Two"}]))
    app = Shown([held])
    async with app.run_test(size=(80, 24)) as pilot:
        app.pane.focus_suggestions()
        await pilot.press("right", "ctrl+c")
        await pilot.pause()
        assert app.heard(SourceCopied) == [SourceCopied("Choose.", "the reply (7 characters)")]


async def test_everything_that_is_shown_is_copied_with_everything() -> None:
    failed = reply(state="failed", failure=Failure("http", status=500))
    held = [turn("One", reply("Yes", attachments=[PICTURE])), turn("Two", failed)]
    (told,) = await copied(held, "ctrl+a", "ctrl+a", "ctrl+c")
    assert told.startswith("the selection (")
    assert told.endswith(
        "One\n\nYes\n\nThe terrace: https://files.acme.example/terrace.png\n\n"
        "Two\n\nThe service answered with an error (500). Your message is kept."
    )


async def test_focus_after_another_reply_starts_at_the_newest() -> None:
    turns = talk(1)
    app = Shown(turns)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "tab")
        turns.append(turn("Another", reply("The newest answer.")))
        app.pane.turn_added(1)
        await pilot.pause()
        await pilot.press("shift+tab", "ctrl+c")
        await pilot.pause()
        (told,) = app.heard(SourceCopied)
        assert isinstance(told, SourceCopied)
        assert told.text == "The newest answer."


async def test_another_reply_leaves_the_cursor_where_it_is() -> None:
    turns = talk(1)
    app = Shown(turns)
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("shift+tab")
        turns.append(turn("Another", reply("The newest answer.")))
        app.pane.turn_added(1)
        await pilot.press("ctrl+c")
        await pilot.pause()
        (told,) = app.heard(SourceCopied)
        assert isinstance(told, SourceCopied)
        assert told.text.startswith("Answer 0.")
