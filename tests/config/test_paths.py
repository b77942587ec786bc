"""Where files belong."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from chatgrid_tui.config import paths
from chatgrid_tui.config.paths import Paths, packaged_themes
from chatgrid_tui.disk import make_folder
from chatgrid_tui.errors import UsageProblem


@pytest.mark.skipif(sys.platform != "linux", reason="the places of XDG")
def test_the_usual_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    found = Paths.usual()
    assert found.config_file == home / ".config/chatgrid-tui/config.toml"
    assert found.data_folder == home / ".local/share/chatgrid-tui"
    assert found.keys_file == home / ".config/chatgrid-tui/keys.toml"
    assert found.user_themes == home / ".config/chatgrid-tui/themes"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert Paths.usual().config_file == tmp_path / "xdg/chatgrid-tui/config.toml"
    assert not home.exists()


def test_given_places_replace_the_usual_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = Paths.usual(Path("my.toml"), Path("~/data"))
    assert found.config_file == tmp_path / "my.toml"
    assert found.keys_file == tmp_path / "keys.toml"
    assert found.data_folder == Path.home() / "data"


@pytest.mark.skipif(os.name != "posix", reason="homes by name")
def test_the_home_of_an_unknown_user() -> None:
    with pytest.raises(UsageProblem, match="no home folder"):
        Paths.usual(Path("~nobody-of-that-name/config.toml"))


def test_the_bundled_themes_are_found() -> None:
    assert (packaged_themes() / "midnight.toml").is_file()
    assert Paths.usual().theme_folders[0] == packaged_themes()


def test_themes_in_the_package_come_before_those_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "themes").mkdir()
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "config" / "paths.py"))
    assert packaged_themes() == tmp_path / "themes"


def test_a_folder_is_made_or_left_as_it_is(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        make_folder(tmp_path / "file")
