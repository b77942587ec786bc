"""Replies with many bubbles, files, suggestions or calls: some are shown, and the others on request."""

from __future__ import annotations

from collections.abc import Sequence

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.session.reply import Reply, ToolCall
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.turn_layout import TurnLayout
from chatgrid_tui.ui.transcript.render.turn_parts import AT_ONCE, Showing
from chatgrid_tui.ui.transcript.targets import (
    FoldedTarget,
    MoreItemsTarget,
    MoreTarget,
    SuggestionTarget,
    Target,
)
from chatgrid_tui.ui.transcript.transcript_messages import SuggestionPressed
from ui.transcript.layout.test_long_blocks import Work
from ui.transcript.support import Shown, frame, reply, turn

FEW, MANY = 3 * AT_ONCE, 20_000


def suggestions(count: int) -> list[JsonObject]:
    return [{"label": f"Choice {number}"} for number in range(count)]


def files(count: int) -> list[JsonObject]:
    return [{"name": f"file{number}.pdf", "url": f"https://f.example/{number}"} for number in range(count)]


DRAWING = frame(80)


def drawn_turn(answer: Reply) -> tuple[TurnLayout, int]:
    """A turn drawn to its end, and the work of the step that took most."""
    layout, shown, worst = TurnLayout(0, RowCache()), turn("go", answer), 0
    for _ in range(100):
        with Work() as work:
            layout.update(shown, DRAWING, Showing("live"))
        worst = max(worst, work.calls)
        if layout.exact:
            return layout, worst
    raise AssertionError("it is drawn in a hundred steps")


def targets(layout: TurnLayout) -> list[Target]:
    return [spot.target for row in layout.rows(0, layout.height) for spot in row.spots]


def texts(layout: TurnLayout) -> Sequence[str]:
    return [row.text for row in layout.rows(0, layout.height)]


def with_calls(count: int) -> Reply:
    made = reply("Done.")
    made.tool_calls = {(0, number): ToolCall(f"c{number}", "look", Bubble("{}")) for number in range(count)}
    return made


def test_the_work_of_a_step_does_not_grow_with_the_number_of_items() -> None:
    def replies(count: int) -> dict[str, Reply]:
        return {
            "suggestions": reply("a", suggestions=suggestions(count)),
            "files": reply("a", attachments=files(count)),
            "calls": with_calls(count),
        }

    drawn_turn(reply("The parser is loaded once."))
    few, many = replies(FEW), replies(MANY)
    for what, answer in many.items():
        assert drawn_turn(answer)[1] < 1.2 * drawn_turn(few[what])[1] + 500, what
    bubbles = drawn_turn(reply(*(f"**Bubble** {number}" for number in range(FEW))))[1]
    one = drawn_turn(reply("word " * 1_000))[1]
    assert bubbles < 3 * one + 20_000


def test_hidden_files_are_counted_and_shown_on_request() -> None:
    layout, _ = drawn_turn(reply("a", attachments=files(2 * AT_ONCE + 7)))
    assert any("57 more files" in text for text in texts(layout))
    layout.show_more_items("files")
    layout.update(turn("go", reply("a", attachments=files(2 * AT_ONCE + 7))), DRAWING, Showing("live"))
    assert any("7 more files" in text for text in texts(layout))
    assert MoreItemsTarget(0, "files") in targets(layout)


def test_hidden_bubbles_are_counted_and_shown_on_request() -> None:
    answer = reply(*(f"Bubble {number}" for number in range(AT_ONCE + 3)))
    layout, _ = drawn_turn(answer)
    assert any("3 more bubbles" in text for text in texts(layout))
    (more,) = [target for target in targets(layout) if isinstance(target, MoreTarget)]
    assert layout.show_more(more.place)
    while not layout.exact:
        layout.update(turn("go", answer), DRAWING, Showing("live"))
    assert f"Bubble {AT_ONCE + 2}" in "".join(texts(layout))
    assert not [target for target in targets(layout) if isinstance(target, MoreTarget)]


def test_hidden_calls_are_behind_one_line() -> None:
    layout, _ = drawn_turn(with_calls(AT_ONCE + 1))
    assert any("1 more call " in text for text in texts(layout))
    assert targets(layout).count(FoldedTarget(0, "tools")) == AT_ONCE + 1


async def test_more_suggestions_by_key_and_by_mouse() -> None:
    shown = turn("go", reply("Choose.", suggestions=suggestions(2 * AT_ONCE + 5)))
    app = Shown([shown])
    async with app.run_test(size=(100, 60)) as pilot:
        pane = app.pane
        assert pane.focus_suggestions()
        for _ in range(AT_ONCE):
            await pilot.press("right")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")  # the keyboard stands on the first of those that came
        (pressed,) = app.heard(SuggestionPressed)
        assert isinstance(pressed, SuggestionPressed)
        assert pressed.index == AT_ONCE
        x, y = app.row_with("5 more")
        await pilot.click(pane, offset=(x + 1, y))
        await pilot.pause()
        assert not any("5 more" in line for line in app.lines())
        assert SuggestionTarget(0, 2 * AT_ONCE + 4) in targets(pane.document.turn_layout(0))
