"""A configuration and themes with mistakes: the app starts, says what is wrong, and overwrites nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.window import opened
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.errors import ConfigProblem, UsageProblem
from chatgrid_tui.ui.textual_theme import textual_theme

GOOD = '[providers.acme]\nkind = "openai"\nbase_url = "http://127.0.0.1:9/v1"\nboards = ["a"]\n'


async def test_the_app_starts_on_what_is_usable_and_changes_nothing(tmp_path: Path) -> None:
    first = 'default_provider = "bad"\ntheme = "broken"\n[keys]\n"app.quit" = "enter"\n'
    config = f"{first}[providers.bad]\nkind = 1\n{GOOD}"
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "broken.toml").write_text("scrim_share = nan")
    async with opened(tmp_path, config=config) as window:
        await window.sees("Settings read only", "gives enter to app.quit, but typing needs it")
        assert (window.conversation.provider.name, window.app.theme) == ("acme", "midnight")
        await window.press("f12")
        await window.sees("The theme file broken.toml is skipped.", "Line 6 of", "`kind` in [providers.bad]")
        await window.press("escape")
        window.app._choose_theme("paper")
        await window.sees("Line 6 of")
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == config


async def test_with_invalid_toml_the_app_starts_with_the_local_bots(tmp_path: Path) -> None:
    async with opened(tmp_path, config="this is = = not TOML") as window:
        await window.sees("Line 1 of", "(column 6)", "Settings read only", "Local bots")
        assert window.conversation.provider.embedded


def test_a_refused_command_line_option_gives_the_reason(tmp_path: Path) -> None:
    paths = Paths.usual(tmp_path / "config.toml", tmp_path / "data")
    paths.config_file.write_text(f"[providers.bad]\nkind = 1\n{GOOD}")
    paths.user_themes.mkdir()
    (paths.user_themes / "broken.toml").write_text("scrim_share = nan")
    for wanted, error, words in (
        (OpeningOptions(provider="bad"), ConfigProblem, "Line 2 of"),
        (OpeningOptions(theme="broken"), UsageProblem, r"broken\.toml is skipped"),
        (OpeningOptions(theme="absent"), UsageProblem, "There is no theme called absent"),
    ):
        with pytest.raises(error, match=words):
            make_app(paths, wanted)
    make_app(paths, OpeningOptions(provider="acme"))


async def test_a_theme_that_cannot_be_drawn_is_not_saved(tmp_path: Path) -> None:
    async with opened(tmp_path, config=GOOD) as window:
        app = window.app
        bad = replace(app._themes["paper"], name="bad", scrim_share=float("nan"))
        app._themes["bad"] = bad
        app.register_theme(textual_theme(bad))
        window.app._choose_theme("bad")
        await window.sees("The theme bad cannot be drawn")
        assert (app.theme, app.look.theme.name) == ("midnight", "midnight")
    assert "theme" not in (tmp_path / "config.toml").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
async def test_a_folder_that_others_can_write_to_is_marked(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)
    async with opened(tmp_path) as window:
        await window.sees("Open to others", "Other users of this machine can replace files in")
