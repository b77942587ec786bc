"""Long texts in the composer: shown as a label, sent and saved whole."""

from __future__ import annotations

import pytest
from textual import events

from chatgrid_tui.ui.widgets.composer import Composer
from chatgrid_tui.ui.widgets.folded_texts import Folds
from chatgrid_tui.ui.widgets.message_field import MessageField
from ui.widgets.frame_app import FrameApp

LINES = "a line of a log, as long as many are\n" * 30_000
WORD = "x" * 1_000_000
LONG = {"lines": LINES, "one line": WORD, "CJK": "漢字" * 3_000, "short lines": "a\n" * 3_000}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
async def test_a_long_paste_is_one_label_and_whole_in_the_message(text: str) -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 30), message_hook=app.hear) as pilot:
        composer.focus()
        await pilot.press("a")
        composer.field.post_message(events.Paste(text))
        await pilot.press("b")
        assert composer.text == f"a{text}b"
        assert len(composer.field.text) < 60, "what the text area wraps and draws stays short"
        assert any("[Long text 1: " in line for line in app.lines())
        await pilot.press("enter")
        await pilot.pause()
        assert [told.text for told in app.heard_of(Composer.Submitted)] == [f"a{text}b"]


async def test_a_label_moves_and_is_deleted_as_one_character() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 30)) as pilot:
        composer.focus()
        await pilot.press("a")
        composer.field.post_message(events.Paste(WORD))
        await pilot.press("left", "left", "right", "b", "ctrl+left", "ctrl+right", "backspace")
        assert composer.text == "a" + WORD
        await pilot.press("right", "backspace")
        assert composer.text == "a"
        await pilot.press("ctrl+z")
        assert composer.text == "a" + WORD
        await pilot.press("end", "shift+left", "x")
        assert composer.text == "ax"


async def test_what_is_copied_or_cut_is_whole_for_other_programs() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 30), message_hook=app.hear) as pilot:
        composer.focus()
        composer.field.post_message(events.Paste(WORD))
        await pilot.press("f7", "ctrl+c", "ctrl+x")
        assert composer.text == ""
        await pilot.press("ctrl+v", "ctrl+v")
        assert composer.text == WORD * 2
        await pilot.pause()
        assert [message.text for message in app.heard_of(MessageField.Copied)] == [WORD, WORD]


async def test_a_long_draft_is_whole_and_what_is_typed_behind_a_message_stays() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 30)) as pilot:
        composer.load(LINES)
        composer.focus()
        assert composer.text == LINES
        await pilot.press(*"more")
        assert composer.take(LINES)
        assert composer.text == "more"
        composer.field.post_message(events.Paste(WORD))
        await pilot.press("z")
        whole, shown = composer.text, composer.field.text
        assert not composer.take("something else")
        assert composer.take(whole)
        assert composer.text == ""
        composer.load(whole)
        assert composer.field.text == shown, "a message that comes back looks as it did"


async def test_many_pastes_are_no_longer_than_one() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 30)) as pilot:
        composer.focus()
        piece = "0123456789" * 1_000
        for _ in range(20):
            composer.field.post_message(events.Paste(piece))
        await pilot.pause()
        assert composer.text == piece * 20
        assert len(composer.field.text) < 25_000


async def test_a_label_names_the_size_and_its_text_is_found_by_key_and_click() -> None:
    composer = Composer()
    app = FrameApp(composer)
    async with app.run_test(size=(80, 30), message_hook=app.hear) as pilot:
        composer.focus()
        await pilot.press("a")
        assert composer.field.long_text == ""
        composer.field.post_message(events.Paste(LINES))
        await pilot.press("b", "ctrl+j")
        composer.field.post_message(events.Paste("漢字" * 3_000))
        await pilot.pause()
        assert composer.field.text == "a[Long text 1: 30,001 lines, 1.1 MB]b\n[Long text 2: 1 line, 18 kB]"
        assert composer.field.long_text == "漢字" * 3_000, "the one before the cursor"
        await pilot.press("left", "left")
        assert composer.field.long_text == LINES, "the first, if none is at the cursor"
        for cell in (0, 1, 10, 36, 37):
            await pilot.click(MessageField, offset=(cell, 0))
        await pilot.pause()
        pressed = [message.text for message in app.heard_of(MessageField.LongTextPressed)]
        assert pressed == [LINES] * 2, "not beside the label"


def test_what_stands_for_the_beginning_of_a_text() -> None:
    folds = Folds()
    label = folds.fold(WORD)
    assert folds.fold(WORD) == label
    assert folds.fold("short") == "short"
    shown = f"a {label} b {label}"
    assert folds.unfold(shown) == f"a {WORD} b {WORD}"
    assert folds.length(shown, f"a {WORD} ") == len(f"a {label} ")
    assert folds.length(shown, "a") == 1
    assert folds.length(shown, "") == 0
    assert folds.length(shown, f"a {WORD[:5]}") is None, "a part of a label stands for nothing"
    assert folds.length(shown, "b") is None
    assert folds.unfold("[Long text 9: 1 lines]") == "[Long text 9: 1 lines]"
