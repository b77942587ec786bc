"""A turn as rows: my bubble, the name line, files, notices and buttons, as they are shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.events import ReasoningDelta, TextDelta, ToolCallDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.transcript.layout.bubble_layout import BubbleLayout
from chatgrid_tui.ui.transcript.layout.document import Document
from chatgrid_tui.ui.transcript.layout.row_cache import RowCache
from chatgrid_tui.ui.transcript.layout.turn_layout import TurnLayout
from chatgrid_tui.ui.transcript.render.frame import Frame
from chatgrid_tui.ui.transcript.render.mine import MINE_SHOWN, mine_rows
from chatgrid_tui.ui.transcript.render.page_grid import grid_for
from chatgrid_tui.ui.transcript.render.turn_parts import Showing
from chatgrid_tui.ui.transcript.targets import AttachmentTarget, FoldedTarget
from ui.transcript.plain_notices import explain_plainly
from ui.transcript.support import NOON, frame, reply, turn


def column_of(*turns: Turn, drawing: Frame | None = None) -> Document:
    document = Document(explain_plainly)
    document.show(turns, drawing or frame(44))
    return document


def shown(document: Document) -> list[str]:
    """Return the rows of all turns; times of day, which depend on the time zone, are written as HH:MM."""
    document.settle(0, 500)
    rows = [placed.row.strip.text.rstrip() for placed in document.rows(0, document.heights.total)]
    return [re.sub(r"\b\d\d:\d\d\b", "HH:MM", row) for row in rows]


def test_two_bubbles_with_files_and_a_spent_suggestion() -> None:
    answer = reply(
        "It left us **today**.",
        "Here is the receipt.",
        attachments=[
            {"type": "file", "url": "https://files.acme.example/a%2Fb/receipt-8841.pdf", "size": 84_000},
            {"type": "image", "url": "https://files.acme.example/slip", "name": "slip"},
            {"type": "image", "url": "javascript:x", "name": "bad.png"},
        ],
        suggestions=[{"label": "How long?"}, {"label": "A person"}],
        chosen=(0,),
    )
    answer.first_token, answer.duration, answer.model = 0.38, 1.9, "gpt-x"
    without_edges = shown(column_of(turn("Where is it?", answer)))
    assert without_edges == [
        "HH:MM    Where is it?".rjust(48),
        "",
        "   S  support-bot · HH:MM · 2 bubbles",
        "    It left us today.",
        "",
        "    Here is the receipt.",
        "     PDF   receipt-8841.pdf  84 kB ·",
        "    files.acme.example",
        "     IMG   slip  files.acme.example",
        "     PNG   bad.png  no web address: javascript:x",
        "",
        "     How long? · sent    A person",
        "",
    ]
    edges = shown(column_of(turn("Where is it?", answer), drawing=frame(44, edged=True)))
    assert [row.strip() for row in edges if "▀" not in row] == [row.strip() for row in without_edges if row]
    assert [(len(row) - len(row.lstrip()), row.count("▀")) for row in edges if "▀" in row] == [
        (34, 16),
        (34, 16),
        *[(2, 24)] * 2,
        *[(2, 48)] * 2,
    ]


def test_a_mark_stands_under_the_reply_and_can_be_pressed() -> None:
    answer = reply("Yes.", suggestions=[{"label": "Go on"}])
    document = column_of(turn("So?", answer))
    document.settle(0, 100)
    answer.verdict, answer.note = "unsafe", "It\x1b[2J tells\nthe *key* of another user."
    document.stale(0)
    assert shown(document)[4:] == [
        "",
        "  ✗ Unsafe  It\N{REPLACEMENT CHARACTER}[2J tells the *key* of another",
        "    user.",
        "",
        "     1 Go on",
        "",
    ]
    spots = [spot.target for row in document.turn_layout(0).outline() for spot in row.spots]
    assert FoldedTarget(0, "mark") in spots
    answer.verdict = None
    document.stale(0)
    assert shown(document)[5].startswith("  · Note  It")
    again = reply("No.")
    held = turn("So?", answer)
    held.replies.append(again)
    answer.verdict, answer.state = "wrong", "truncated"
    assert any("marked wrong · Details" in row for row in shown(column_of(held, drawing=frame(80))))


def test_attachments_keep_their_address_as_sent() -> None:
    answer = reply("x", attachments=[{"url": "https://f.example/a%2Fb?sig=a%2Bb", "name": "a\x1b[2J.pdf"}])
    document = column_of(turn("x", answer))
    document.settle(0, 50)
    targets = [spot.target for placed in document.rows(0, 50) for spot in placed.row.spots]
    (target,) = {target for target in targets if isinstance(target, AttachmentTarget)}
    assert target.url == "https://f.example/a%2Fb?sig=a%2Bb"
    assert target.name == "a\ufffd[2J.pdf"


def test_waiting_writing_and_silent() -> None:
    answer = reply(state="waiting")
    document = column_of(turn("Hi", answer))
    document.tick(NOON + timedelta(seconds=2.1))
    assert shown(document)[3:] == ["    ▌", "  ▌ Sent. Waiting for the first token, 2.1 s"]
    answer.state = "writing"
    answer.numbered = reply("Open until").numbered
    answer.first_token, answer.last_data, answer.deltas = 0.41, 2.41, 124
    document.stale(0)
    assert shown(document)[3:5] == [
        "    Open until▌",
        "  ▌ Writing · first token 410 ms · 62 chunks/s ·",
    ]
    document.tick(NOON + timedelta(seconds=5.5))
    assert shown(document)[4] == "  ▌ No data for 3 s · 124 chunks · Esc stops"
    document.tick(NOON + timedelta(seconds=14.5))
    assert shown(document)[4:7] == [
        "  ▲ No data for 12 s. The connection is still",
        "    open.",
        "     1 Keep waiting    Esc Stop",
    ]
    answer.last_data = 14.6
    document.stale(0)
    assert "Writing" in shown(document)[4], "data ends the notice at once"


def test_odd_endings() -> None:
    stopped = reply("Acme began", state="stopped")
    cut = reply("The K2 holds", state="truncated", failure=Failure("network", "dropped"))
    unmarked = reply("The K2 holds", state="truncated")
    empty = reply()
    rows = "\n".join(shown(column_of(turn("a", stopped), turn("b", cut), turn("c", unmarked), turn("d", empty))))
    assert "■ You stopped this reply after 10 characters." in rows
    assert "! The connection was lost after 12 characters." in rows
    assert "! The stream ended without its end mark." in rows
    assert "· The reply is empty. A person may have taken" in rows
    assert rows.count("  ▀▀ ▀▀") == 3, "texts that are not whole have a torn edge, also where others have none"


def test_the_error_bubble() -> None:
    failure = Failure("http", code="rate_limited", message="Slow [/] down.\x1b[31m", status=429, retry_after=20.0)
    document = column_of(turn("a", reply(state="failed", failure=failure)))
    assert shown(document) == [
        "! not sent · HH:MM    a".rjust(48),
        "",
        "   S  support-bot · HH:MM",
        "  ▌ ! The service is limiting requests (429",
        "  ▌ rate_limited).",
        "  ▌ Slow [/] down.\ufffd[31m It asks to wait 20",
        "  ▌ seconds. Your message is kept.",
        "",
        "     1 Try again    2 Details",
        "",
    ]


def test_only_the_newest_offers_are_live() -> None:
    first = reply("x", suggestions=[{"label": "Menu"}])
    second = reply("y", suggestions=[{"label": "Route"}, {"payload": "P"}, {}])
    queued = turn("Later", queued=True)
    rows = shown(column_of(turn("a", first), turn("b", second), queued))
    assert "     Menu" in rows
    assert "     1 Route    2 P    3 …" in rows
    assert rows[-2:] == ["goes out when the reply ends  │ Later │".rjust(50), "↑ Take back".rjust(48)]


def test_a_queued_message_has_an_outline_until_it_is_sent() -> None:
    drawing = frame(44, edged=True)
    assert "┌───────┐" in shown(column_of(turn("Later", queued=True), drawing=drawing))[0]
    assert "▀▀▀▀▀▀▀▀▀" in shown(column_of(turn("Later"), drawing=drawing))[0]


def test_buttons_wrap_whole() -> None:
    answer = reply("x", suggestions=[{"label": f"Suggestion {number}"} for number in range(4)])
    rows = shown(column_of(turn("a", answer)))
    assert [row for row in rows if "Suggestion" in row] == [
        "     1 Suggestion 0    2 Suggestion 1",
        "     3 Suggestion 2    4 Suggestion 3",
    ]


def test_flat_themes_draw_signs_for_surfaces_and_move_nothing() -> None:
    def talk() -> Turn:
        answer = reply("Say `code` now.", suggestions=[{"label": "Menu"}, {"label": "Route"}])
        return turn("a", answer)

    flat = shown(column_of(talk(), drawing=frame(44, flat=True)))
    assert flat == [
        "You · HH:MM    a ▐".rjust(50),
        "",
        "  [S] support-bot · HH:MM",
        "  │ Say code now.",
        "",
        "    [1 Menu]  [2 Route]",
        "",
    ]
    assert shown(column_of(talk(), drawing=frame(44, bubbles="plain")))[3] == flat[3]
    coloured = shown(column_of(talk(), drawing=frame(44, edged=True)))
    compact = shown(column_of(talk(), drawing=frame(44, edged=True, bubbles="compact")))
    assert compact == shown(column_of(talk())), "without edges, as on a low screen"
    outlined = shown(column_of(talk(), drawing=frame(44, edged=True, flat=True)))
    outline = str.maketrans("┌─┐└┘│[]", "▀▀▀▀▀   ")
    assert [row.translate(outline).rstrip() for row in outlined[3:]] == coloured[3:]


def test_a_line_separates_what_is_new_since_the_last_visit() -> None:
    document = column_of(turn("a", reply("x")), turn("b", reply("y")), turn("c", reply("z")))
    document.mark_new(2)
    rows = shown(document)
    (at,) = (number for number, row in enumerate(rows) if "2 new" in row)
    assert rows[at] == f"  ─── ● 2 new since HH:MM {'─' * 24}"
    assert [row.strip() for row in rows[at + 1 : at + 3]] == ["S  support-bot · HH:MM", "y"]
    document.show(document.turns, frame(60))
    assert any("2 new" in row for row in shown(document)), "it stays at another width"
    document.today = NOON.date() + timedelta(days=1)
    document.mark_new(1)
    assert any("1 new since yesterday, HH:MM" in row for row in shown(document))
    document.mark_new(0)
    assert not any(" new" in row for row in shown(document))


def test_a_model_with_the_name_of_its_bot_is_not_named_twice() -> None:
    answer = replace(reply("a"), speaker="Long writer", model="long-writer")
    rows = shown(column_of(turn("Go", answer)))
    assert any("Long writer · HH:MM" in row for row in rows)


def test_the_model_and_the_figures_give_way_before_the_time() -> None:
    answer = replace(reply("a", "b"), model="a-model-with-a-long-name", first_token=0.5, duration=2.0)
    for width in range(24, 60):
        (row,) = [row for row in shown(column_of(turn("x", answer), drawing=frame(width))) if "support-bot" in row]
        assert row.startswith("   S  support-bot · HH:MM")


def test_measures_of_the_page() -> None:
    usual, small, tiny = grid_for(87, 120, 40), grid_for(80, 80, 24), grid_for(50, 50, 20)
    assert (usual.left, usual.right, usual.bubble, usual.mine_text, usual.edged) == (2, 85, 76, 54, True)
    assert (small.left, small.right, small.bubble, small.edged) == (2, 78, 72, False)
    assert (tiny.left, tiny.right, tiny.bubble) == (1, 49, 48)
    noted, wide = grid_for(129, 170, 48), grid_for(220, 260, 60)
    assert (noted.reading, noted.left, noted.notes, noted.noted) == (92, 2, 97, True)
    assert (wide.reading, wide.left, wide.notes) == (100, 43, 146), "text and notes stand in the middle together"
    for width in range(1, 300):
        grid = grid_for(width, width)
        assert grid.left + grid.bubble < max(9, grid.width)


def test_a_bubble_grows_by_steps_and_never_shrinks() -> None:
    bubble, layout, drawing = Bubble("a"), BubbleLayout((0, 0), RowCache()), frame(76)
    widths = []
    for word in ("a", *["word"] * 40, "\n\n", "b"):
        bubble.append(f"{word} ")
        layout.update(bubble, drawing, live=True, writing=True)
        rows = list(layout.rows(0, layout.height))
        assert {row.sheet for row in rows} == {layout.sheet.span}
        widths.append(layout.sheet.width)
    assert widths == sorted(widths)
    assert set(widths) <= set(range(8, 77, 4))
    assert widths[-1] == drawing.grid.bubble


def test_reasoning_and_tools_are_one_muted_line_each() -> None:
    answer = reply(state="waiting")
    answer.apply(ReasoningDelta(0, "first\nthen [/] " * 40))
    answer.apply(ToolCallDelta(0, 0, "1", "search", '{"q": "x"}'))
    answer.apply(TextDelta(0, "Done."))
    rows = shown(column_of(turn("a", answer)))
    assert rows[3].startswith("    Reasoning, 600 characters · first the…")
    assert rows[4] == '    Tool search({"q": "x"})'
    assert all(len(row) <= 52 for row in rows)


def test_a_long_message_of_mine_is_drawn_once_while_the_model_thinks() -> None:
    answer = reply(state="waiting")
    held = turn("word " * 4_000, answer)
    layout, drawing = TurnLayout(0, RowCache()), frame(60)
    layout.update(held, drawing, Showing())
    before = list(layout.rows(0, 50))
    for number in range(3):
        answer.apply(ReasoningDelta(0, f"hm {number}"))
        layout.update(held, drawing, Showing())
        assert all(old is new for old, new in zip(before, layout.rows(0, 50), strict=True))


def test_of_a_very_long_message_of_mine_a_part_is_laid_out_at_once() -> None:
    for text in ("a\n" * 500_000, "x" * 1_000_000, "漢字" * 170_000, "👩‍👩‍👧 " * 60_000):
        left = []
        for budget in (MINE_SHOWN, 2 * MINE_SHOWN):
            rows = [row.strip.text for row in mine_rows(turn(text), 0, frame(44), budget)]
            assert len(rows) < budget / 25
            (more,) = (row for row in rows if "more characters" in row)
            left.append(int(re.sub(r"\D", "", more)))
        assert len(text) > left[0] > left[1] > 0
