"""The output filter: no control sequence gets through, and no line changes its width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.widgets import Button, Input, Label, OptionList, Static

from chatgrid_tui.ui.output_filter import OUTPUT_FILTER
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

BLACK = Color(0, 0, 0)


def scrubbed(*segments: Segment) -> list[Segment]:
    return OUTPUT_FILTER.apply(list(segments), BLACK)


@given(st.text(st.characters(codec=None, exclude_categories=[])))
def test_no_control_gets_past_and_the_width_stays(text: str) -> None:
    (segment,) = scrubbed(Segment(text))
    assert not controls_in([segment.text])
    assert cell_len(segment.text) == cell_len(text)


@pytest.mark.parametrize(
    "text", ["plain", "émigré 家族", "\xa0\u3000", "\U0001f469\u200d\U0001f467", "کتاب\u200cها", "\ue0b0"]
)
def test_what_is_only_text_is_not_touched(text: str) -> None:
    segments = [Segment(text, Style(bold=True))]
    assert OUTPUT_FILTER.apply(segments, BLACK) is segments


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://files.acme.example/a%2Fb?sig=a%2Bb", True),
        ("http://127.0.0.1:8080/x", True),
        ("https://e.example/\x1b]52;c;AA==\x07", False),
        ("https://e.example/\x9c", False),
        ("https://exämple.example/", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("ssh://-oProxyCommand=x", False),
        ("https://user:secret@e.example/", False),
    ],
)
def test_links(link: str, kept: bool) -> None:
    (segment,) = scrubbed(Segment("here", Style(link=link, bold=True)))
    assert segment.style is not None and segment.style.bold
    assert segment.style.link == (link if kept else None)


def test_controls_of_the_screen_itself_pass() -> None:
    segment = Segment("\x1b[H", None, [(ControlType.HOME,)])
    assert scrubbed(segment) == [segment]


async def test_widgets_that_were_given_it_uncleaned() -> None:
    app = FrameApp()
    async with app.run_test(size=(80, 40)) as pilot:
        for text in HOSTILE.values():
            content = Content(text[:500])
            options = OptionList(text[:500], markup=False)
            shown = (Static(content), Label(content), Button(content), Input(text[:500]), options)
            await app.mount(*shown)
            await pilot.pause()
            assert not controls_in(app.lines())
            await app.screen.remove_children()
