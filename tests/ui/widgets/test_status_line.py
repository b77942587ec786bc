"""The status line: what it shows, and what is dropped if space is short."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.widgets.status_line import Status, StatusLine
from chatgrid_tui.ui.widgets.tone import Tone
from ui.widgets.frame_app import HOSTILE, FrameApp, controls_in

STATUS = Status(
    Speaker("support-bot", "indigo"),
    "Acme staging",
    ("key …9f3a from ACME_KEY", "412 credits", "58 of 60 requests left"),
    state="Writing · 62 tokens/s",
    state_short="62 tokens/s",
    tone="live",
)


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (
            120,
            "support-bot · Acme staging · key …9f3a from ACME_KEY · 412 credits · 58 of 60 requests left",
            "▌ Writing · 62 tokens/s",
        ),
        (110, "support-bot · Acme staging · key …9f3a from ACME_KEY · 412 credits", "▌ Writing · 62 tokens/s"),
        (85, "support-bot · Acme staging · key …9f3a from ACME_KEY", "▌ Writing · 62 tokens/s"),
        (80, "support-bot · Acme staging · key …9f3a from ACME_KEY", "▌ 62 tokens/s"),
        (60, "support-bot · Acme staging", "▌ Writing · 62 tokens/s"),
        (45, "support-bot · Acme staging", "▌ 62 tokens/s"),
        (40, "support-bot · Acme sta…", "▌ 62 tokens/s"),
        (30, "suppor… · Ac…", "▌ 62 tokens/s"),
    ],
)
async def test_what_gives_way(width: int, left: str, right: str) -> None:
    app = FrameApp(StatusLine(STATUS))
    async with app.run_test(size=(width, 2)) as pilot:
        await pilot.pause()
        line = app.lines()[0].strip()
        assert line.startswith((left + "  ", left + right))
        assert line.endswith(right)
        assert line.removeprefix(left).removesuffix(right).strip() == ""


async def test_a_tall_screen_names_bot_and_provider_in_the_composer_alone() -> None:
    app = FrameApp(StatusLine(replace(STATUS, production=True, alarms=("Not saved",))))
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.pause()
        assert app.lines()[0].startswith("  ! Not saved  key …9f3a")
    app = FrameApp(StatusLine(replace(STATUS, production=True, alarms=("Not saved",))))
    async with app.run_test(size=(80, 29)) as pilot:
        await pilot.pause()
        assert app.lines()[0].startswith("  ! Not saved  ▲ PRODUCTION  support-bot · Acme staging")


async def test_production_and_trouble() -> None:
    line = StatusLine(replace(STATUS, production=True, state="Next try in 18 s", state_short="", tone="waiting"))
    app = FrameApp(line)
    async with app.run_test(size=(80, 2)) as pilot:
        await pilot.pause()
        assert app.lines()[0].startswith("  ▲ PRODUCTION  support-bot · Acme staging")
        assert app.lines()[0].endswith("▲ Next try in 18 s")


async def test_news_cost_no_layout() -> None:
    line = StatusLine(STATUS)
    app = FrameApp(line)
    async with app.run_test(size=(80, 2)) as pilot:
        await pilot.pause()
        layouts = app.screen._layout_updates
        tones: tuple[Tone, ...] = get_args(Tone)
        for tone in tones:
            line.show(replace(STATUS, state="Another state of the reply", state_short=f"In {tone}", tone=tone))
            await pilot.pause()
            assert app.lines()[0].endswith(f"In {tone}")
            assert line.status.tone == tone
        assert app.screen._layout_updates == layouts


async def test_hostile_texts_are_only_text() -> None:
    line = StatusLine()
    app = FrameApp(line)
    async with app.run_test(size=(80, 2)) as pilot:
        for width in (1, 7, 80, 200):
            await pilot.resize_terminal(width, 2)
            for text in HOSTILE.values():
                line.show(Status(Speaker(text), text, (text, text), True, text, text, "failed"))
                await pilot.pause()
                assert not controls_in(app.lines())
