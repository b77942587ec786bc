"""Themes for Textual: the variables of style sheets, made from the fields of a theme.

Every colour of `config.themes.Theme` is a variable with the prefix `cg-`: `$cg-ground`, `$cg-error-tint`. Style
sheets use nothing else, so that a theme file decides every colour. Textual's own variables are set as well, for what
Textual draws itself (selection, scroll bars, the cursor of an input).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, get_args

from textual.app import App
from textual.theme import Theme as TextualTheme

from chatgrid_tui.config.themes import Theme
from chatgrid_tui.ui.appearance import Part
from chatgrid_tui.ui.stylesheet import ParsedOnce

Result = TypeVar("Result")

PREFIX = "cg-"

_TERMINALS_OWN = "ansi_default"
"""The colour that a flat theme uses for everything: the terminal's own, for text and ground alike."""


def css_variables(theme: Theme) -> dict[str, str]:
    """Return the variables for style sheets, without `$`: every colour, and `cg-scrim` with its share.

    `App.get_theme_variable_defaults` returns them for the default theme: without defaults, the first frame, and every
    theme of Textual's own, would fail on an unknown variable.
    """
    variables = {_name(part): _TERMINALS_OWN if theme.flat else getattr(theme, part) for part in get_args(Part)}
    variables[_name("scrim")] = "transparent" if theme.flat else f"{theme.scrim} {theme.scrim_share:.0%}"
    return variables


def use_themes(app: App[Result], themes: Iterable[Theme], chosen: str) -> None:
    """Let an app that does not run yet have these themes, and be drawn in one of them from the first frame on."""
    for theme in themes:
        app.register_theme(textual_theme(theme))
    app.theme = chosen
    app.stylesheet = ParsedOnce(variables=app.get_css_variables())


def textual_theme(theme: Theme) -> TextualTheme:
    """Return the theme to register with the app; it has the same name."""
    colours = css_variables(theme)

    def colour(part: Part) -> str:
        return colours[_name(part)]

    return TextualTheme(
        name=theme.name,
        primary=colour("accent"),
        secondary=colour("accent"),
        accent=colour("accent"),
        success=colour("text"),
        warning=colour("warn"),
        error=colour("error"),
        foreground=colour("text"),
        background=colour("ground"),
        surface=colour("raised"),
        panel=colour("panel"),
        boost=colour("raised"),
        dark=theme.dark,
        ansi=theme.flat,
        variables={
            **colours,
            # Only used with the terminal's own palette.
            "ansi-background": colour("ground"),
            "ansi-foreground": colour("text"),
            "scrollbar": colour("scroll"),
            "scrollbar-hover": colour("edge"),
            "scrollbar-active": colour("edge"),
            "scrollbar-background": colour("ground"),
            "scrollbar-background-hover": colour("ground"),
            "scrollbar-background-active": colour("ground"),
            "scrollbar-corner-color": colour("ground"),
            "screen-selection-background": colour("select"),
            "screen-selection-foreground": colour("text"),
            "input-cursor-background": colour("accent"),
            "input-cursor-foreground": colour("on_accent"),
            "input-cursor-text-style": "reverse" if theme.flat else "none",
            "input-selection-background": colour("select"),
            "input-selection-foreground": colour("text"),
            "block-cursor-background": colour("select"),
            "block-cursor-foreground": colour("text"),
            "block-cursor-text-style": "reverse" if theme.flat else "bold",
            "border": colour("accent"),
            "border-blurred": colour("edge"),
        },
    )


def _name(part: str) -> str:
    return PREFIX + part.replace("_", "-")
