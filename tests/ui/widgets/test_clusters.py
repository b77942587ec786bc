"""The cursor moves by grapheme clusters, in every field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from chatgrid_tui.ui.form.fields import LinesField
from chatgrid_tui.ui.widgets.cluster_text_area import ClusterTextArea
from chatgrid_tui.ui.widgets.clusters import ClusterText, cluster_end, cluster_start, clusters
from chatgrid_tui.ui.widgets.message_field import MessageField
from chatgrid_tui.ui.widgets.plain_input import PlainInput
from ui.widgets.frame_app import FrameApp

CLUSTERS = {
    "a family": "👩‍👩‍👧",
    "a flag": "🇩🇪",
    "a skin tone": "👍🏽",
    "a keycap": "1️⃣",
    "a heart": "❤️",
    "an accent": "e\u0301",
    "Hangul jamo": "\u1112\u1161\u11ab",
    "Devanagari": "क्षि",
    "Thai": "กำ",
    "the flag of England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "an emoji": "🍛",
    "a letter": "x",
}


def place(field: ClusterTextArea | PlainInput) -> int:
    """Return where the cursor is in a line."""
    return field.cursor_position if isinstance(field, PlainInput) else field.cursor_location[1]


def text(field: ClusterTextArea | PlainInput) -> str:
    return field.value if isinstance(field, PlainInput) else field.text


def fill(field: ClusterTextArea | PlainInput, value: str, at: int) -> None:
    """Put a text into a field, and the cursor into the text."""
    if isinstance(field, PlainInput):
        field.value = value
        field.cursor_position = at
    else:
        field.load_text(value)
        field.move_cursor((0, at))


@pytest.mark.parametrize("kind", [MessageField, LinesField, PlainInput])
async def test_the_cursor_moves_and_deletes_by_clusters(kind: type[ClusterTextArea | PlainInput]) -> None:
    field = kind()
    async with FrameApp(field).run_test(size=(40, 10)):
        for name, cluster in CLUSTERS.items():
            value, after = f"a{cluster}b", 1 + len(cluster)
            for actions, start, end, left in (
                (["cursor_left"], after, 1, value),
                (["cursor_right"], 1, after, value),
                (["cursor_left", "cursor_right", "cursor_right"], 1, after, value),
                (["delete_left"], after, 1, "ab"),
                (["delete_right"], 1, 1, "ab"),
                (["cursor_left(True)", "delete_left"], after, 1, "ab"),
                (["cursor_right(True)", "delete_left"], 1, 1, "ab"),
            ):
                fill(field, value, start)
                for action in actions:
                    await field.run_action(action)
                assert (place(field), text(field)) == (end, left), (name, actions)


@pytest.mark.parametrize(("value", "left"), [("", ""), ("one", ""), ("one\n", "one\n"), ("one\ntwo", "one\n")])
async def test_the_last_line_is_deleted_as_any_other(value: str, left: str) -> None:
    field = LinesField()
    async with FrameApp(field).run_test(size=(40, 10)):
        field.load_text(value)
        field.move_cursor((field.document.end[0], 0))
        await field.run_action("delete_to_end_of_line_or_delete_line")
        assert field.text == left
        await field.run_action("delete_line")


@pytest.mark.parametrize("kind", [MessageField, LinesField, PlainInput])
async def test_words_begin_and_end_between_clusters(kind: type[ClusterTextArea | PlainInput]) -> None:
    field = kind()
    right, left = ("right_word", "left_word") if kind is PlainInput else ("word_right", "word_left")
    async with FrameApp(field).run_test(size=(40, 10)):
        for name, cluster in CLUSTERS.items():
            value = f"a{cluster}b" * 2
            for direction, start, end in ((right, 0, len(value)), (left, len(value), 0)):
                fill(field, value, start)
                places = [start]
                while places[-1] not in places[:-1]:
                    await field.run_action(f"cursor_{direction}")
                    places.append(place(field))
                assert all(cluster_start(value, at) == at for at in places), (name, direction)
                assert places[-1] == end, (name, direction)
                fill(field, value, cluster_start(value, start))
                while text(field) and len(places) < 60:
                    await field.run_action(f"delete_{direction}")
                    places.append(place(field))
                    assert text(field) == value[len(value) - len(text(field)) :] or value.startswith(text(field))
                assert not text(field), (name, direction)


@pytest.mark.parametrize("kind", [MessageField, LinesField, PlainInput])
async def test_the_mouse_and_code_put_the_cursor_between_clusters(kind: type[ClusterTextArea | PlainInput]) -> None:
    field = kind()
    app = FrameApp(field)
    async with app.run_test(size=(40, 10)) as pilot:
        field.focus()
        value = "a👩‍👩‍👧e\u0301b"
        fill(field, value, 3)
        assert place(field) == 1
        for x, column in ((0, 0), (1, 1), (2, 1), (3, 6), (4, 8), (20, 9)):
            await pilot.click(field, offset=(x + field.gutter.left, 0))
            assert place(field) == column, x
        assert any(value in line for line in app.lines())


async def test_up_and_down_land_between_clusters() -> None:
    field = MessageField()
    app = FrameApp(field)
    async with app.run_test(size=(40, 10)) as pilot:
        field.focus()
        field.load_text("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧\nabcdef\n🇩🇪🇫🇷🇩🇪")
        for column in range(7):
            field.move_cursor((1, column))
            for key in ("up", "down", "down"):
                await pilot.press(key)
                row, at = field.cursor_location
                assert cluster_start(field.document.get_line(row), at) == at


def test_styles_do_not_split_a_cluster() -> None:
    line = ClusterText("a👩‍👩‍👧b")
    line.stylize("bold", 1, 2)
    assert [(span.start, span.end) for span in line.spans] == [(1, 6)]


@given(
    st.text(st.sampled_from("ab 👩\u200d👧🇩🇪👍🏽e\u0301\u1112\u1161क्षि\ufe0f1\u20e3\n"), max_size=30),
    st.integers(0, 30),
)
def test_clusters_cover_a_text_and_every_place_is_in_one(value: str, at: int) -> None:
    assert "".join(clusters(value)) == value
    at = min(at, len(value))
    start, end = cluster_start(value, at), cluster_end(value, at)
    assert start <= at <= end
    assert (start, end) == (at, at) or value[start:end] in list(clusters(value))


async def test_a_field_of_one_line_takes_one_clean_line_of_bounded_length() -> None:
    field = PlainInput()
    async with FrameApp(field).run_test() as pilot:
        for pasted, length in (("one \x1b[31m\nand two", 9), ("x" * 1_000_000, 2_000), ("\n", 0), ("", 0)):
            field.clear()
            field.post_message(events.Paste(pasted))
            await pilot.pause()
            assert len(field.value) == length
            assert "\x1b" not in field.value
