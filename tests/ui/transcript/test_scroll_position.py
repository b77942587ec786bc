"""The line being read stays in place at other widths, in other themes, and while text above changes."""

from __future__ import annotations

import re

import pytest

from chatgrid_tui.model.events import BodyEnded, Finished, TextDelta
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.ui.appearance import ASCII_SIGNS, Look
from ui.transcript.support import Shown, bubble_rows, reply, settled, talk, theme, turn

WORDS = [f"w{number}" for number in range(6_000)]
LINES = "\n".join(" ".join(WORDS[at : at + 23]) for at in range(0, 6_000, 23))
TABLE = "|a|b|c|\n|-|-|-|\n" + "".join(
    f"|{' '.join(WORDS[at : at + 6])}|{' '.join(WORDS[at + 6 : at + 10])}|x|\n" for at in range(0, 1_900, 10)
)
LONG: dict[str, Turn] = {
    "code": turn("Go", reply(f"Look:\n\n```python\n{LINES}\n```\n\nEnd.")),
    "open code": turn("Go", reply(f"Look:\n\n```python\n{LINES}", state="stopped")),
    "a paragraph": turn("Go", reply(" ".join(WORDS))),
    "a list": turn("Go", reply("\n".join(f"- {line}" for line in LINES.split("\n")))),
    "a quote": turn("Go", reply("\n".join(f"> {line}" for line in LINES.split("\n")))),
    "a table": turn("Go", reply(TABLE)),
    "my message": turn(LINES[:18_000], reply("Yes.")),
}


@pytest.mark.parametrize("kind", LONG)
async def test_every_width_keeps_the_line_that_is_read(kind: str) -> None:
    app = Shown([LONG[kind], *talk(12)])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("shift+tab", "home")
        for top in (60, 107):
            app.pane.scroll_to(y=top, animate=False)
            await settled(pilot)
            before = app.lines()
            read = re.findall(r"w\d+", before[0])[0]
            for width in (80, 60, 200, 120):
                await pilot.resize_terminal(width, 30)
                await settled(pilot)
                assert read in " ".join(app.lines()[:4]).split(), f"{width}: {app.lines()[:4]}"
            assert app.lines() == before


@pytest.mark.parametrize("look", [Look(theme("paper")), Look(theme(flat=True)), Look(theme(), ASCII_SIGNS)])
async def test_another_look_keeps_the_place_in_a_long_reply(look: Look) -> None:
    app = Shown([LONG["code"], *talk(12)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab", "home")
        app.pane.scroll_to(y=150, animate=False)
        await settled(pilot)
        before, height = app.lines(), app.pane.virtual_size.height
        app.look = look
        app.pane.look_changed()
        await settled(pilot)
        plain = str.maketrans("│▌▐|▀─-└\\", "         ")
        assert [line.translate(plain) for line in app.lines()] == [line.translate(plain) for line in before]
        assert app.pane.virtual_size.height == height


async def test_changes_above_in_the_same_reply_move_nothing() -> None:
    """Links that are defined at the end are followed then; the lines they are in may grow."""
    text = "".join(f"Part {number} with [a link][m] in it.\n\n" for number in range(60))
    answer = reply(state="writing")
    app = Shown([turn("Go", answer)])
    async with app.run_test(size=(40, 20)) as pilot:
        answer.apply(TextDelta(0, text))
        app.pane.turn_changed(app.pane.document.turns[0])
        await settled(pilot)
        await pilot.press("shift+tab", "pageup", "pageup")
        await settled(pilot)
        before = re.findall(r"Part \d+", " ".join(app.lines()))[0]
        answer.apply(TextDelta(0, "[m]: https://a-long-name-of-a-host.example/m\n"))
        answer.apply(Finished())
        answer.apply(BodyEnded())
        app.pane.turn_changed(app.pane.document.turns[0])
        await settled(pilot)
        after = " ".join(app.lines())
        assert "(a-long-name-of-a-host.example)" in after.replace("│ ", "")
        assert re.findall(r"Part \d+", after)[0] == before


def test_no_theme_changes_a_height() -> None:
    text = "# H `c`\n\n- `a b` c\n\n```py\nx = 1\n```\n\n|a|b|\n|-|-|\n|`x`|y|\n\n![p](https://a.example/p.png) "
    heights = {len(bubble_rows(text, 24, flat=flat)) for flat in (False, True)}
    assert len(heights) == 1
