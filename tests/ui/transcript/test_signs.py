"""With `glyphs = "ascii"` nothing that this program itself draws needs more than ASCII."""

from __future__ import annotations

from dataclasses import replace

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.ui.appearance import ASCII_SIGNS, Look
from chatgrid_tui.ui.transcript.render.formats import line
from ui.transcript.support import Shown, reply, settled, theme, turn

LONG = "x" * 300
SAID = "# H\n\n- a\n- [x] b\n\n> q\n\n|a|b|\n|-|-|\n|1|2|\n\n---\n\n"
SAID += f"![{LONG}](data:{LONG})\n\n[l]({LONG})\n\n```{LONG}\nx\n```\n"


async def test_ascii_signs_everywhere() -> None:
    answer = reply(
        SAID,
        state="writing",
        attachments=[{"name": LONG, "size": 84_000, "url": "https://f.example/a"}, {"url": LONG}],
        suggestions=[{"label": LONG}, {}],
        chosen=(1,),
    )
    answer.verdict, answer.note = "wrong", LONG
    answer.speaker = answer.model = LONG
    answer.reasoning = dict(reply(LONG * 3).numbered)
    answer.first_token = 0.2
    answer.apply(TextDelta(0, "|a|\n|-|\n" + "|b|\n" * 300), 3.0)
    stopped = reply("Some text", state="stopped")
    app = Shown([turn(f"{LONG} " * 100, stopped), turn("y", queued=True), turn("z", answer)])
    app.look = replace(Look(theme()), signs=ASCII_SIGNS)
    async with app.run_test(size=(70, 24)) as pilot:
        await pilot.press("shift+tab", "home")
        for _ in range(60):
            await settled(pilot)
            for shown in app.lines():
                assert shown.isascii(), shown
            await pilot.press("pagedown")


def test_a_cut_uses_the_signs_of_the_look() -> None:
    assert line("abcdef", 4, ASCII_SIGNS) == "ab.."
    assert line("abcdef", 6, ASCII_SIGNS) == "abcdef"
    assert line("abc…", 4, ASCII_SIGNS) == "abc…", "what others say stays"
