"""Themes for Textual: every part is a variable, and every theme defines all of them."""

from __future__ import annotations

from typing import get_args

import pytest
from textual.widgets import Static

from chatgrid_tui.ui.appearance import Part
from chatgrid_tui.ui.textual_theme import css_variables, textual_theme
from ui.widgets.frame_app import THEMES, FrameApp


@pytest.mark.parametrize("name", THEMES)
def test_every_part_is_a_variable(name: str) -> None:
    variables = css_variables(THEMES[name])
    assert set(variables) == {f"cg-{part.replace('_', '-')}" for part in (*get_args(Part), "scrim")}
    assert textual_theme(THEMES[name]).variables.items() >= variables.items()


def test_colours_are_those_of_the_file() -> None:
    variables = css_variables(THEMES["midnight"])
    assert variables["cg-ground"] == "#14161A"
    assert variables["cg-error-tint"] == "#2E2326"
    assert variables["cg-scrim"] == "#0B0C0E 62%"


def test_a_flat_theme_leaves_all_colours_to_the_terminal() -> None:
    variables = css_variables(THEMES["flat"])
    assert variables.pop("cg-scrim") == "transparent"
    assert set(variables.values()) == {"ansi_default"}
    assert textual_theme(THEMES["flat"]).ansi


@pytest.mark.parametrize("name", [*THEMES, "nord", "ansi-dark"])
async def test_style_sheets_know_the_variables_in_every_theme(name: str) -> None:
    shown = Static("text")
    app = FrameApp(shown)
    async with app.run_test() as pilot:
        app.theme = name
        await pilot.pause()
        app.stylesheet.add_source("Static { background: $cg-raised; color: $cg-on-accent; }")
        app.refresh_css()
        await pilot.pause()
        if name in ("midnight", "paper"):
            assert shown.styles.background.hex == THEMES[name].raised
