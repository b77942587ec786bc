"""The wheel: built without a network, installed outside the checkout, and run from there."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from chatgrid_tui import __version__
from terminal.terminal import CTRL_Q, TUI, Terminal, is_restored

CHECKOUT = TUI.parent


def run(*command: str | Path, folder: Path) -> str:
    """Run a program outside the checkout until it ends, and return its output."""
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=CHECKOUT)
    (built,) = folder.glob("chatgrid_tui-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the installed wheel, in an environment that knows the dependencies and not the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "--no-index", "--no-compile", wheel, folder=folder)
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip())
    # A path in such a file is taken as it is: what it lists itself, such as an editable install, is not followed.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = run(python, "-c", "import chatgrid_tui; print(chatgrid_tui.__file__)", folder=folder)
    assert where.startswith(str(own))
    return folder / "bin" / "chatgrid-tui"


def test_the_wheel_holds_the_package_themes_and_style_sheet(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"chatgrid_tui/themes/midnight.toml", "chatgrid_tui/themes/paper.toml"} <= set(names)
    assert "chatgrid_tui/ui/chat/chat.tcss" in names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"chatgrid_tui"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_installed_command_opens_the_app_in_either_theme_and_talks(installed: Path, tmp_path: Path) -> None:
    places = ("--config", str(tmp_path / "config.toml"), "--data-dir", str(tmp_path / "data"))
    grounds = {"midnight": b"48;2;20;22;26", "paper": b"48;2;252;251;249"}
    for theme, ground in grounds.items():
        with Terminal([str(installed), *places, "--theme", theme], folder=tmp_path) as terminal:
            terminal.sees("Message Restaurant")
            assert ground in terminal.raw
            terminal.presses("hello")
            terminal.sees("hello")
            terminal.presses(b"\r")
            terminal.sees("Finished")
            terminal.presses(CTRL_Q)
            assert terminal.ends() == 0
        assert is_restored(terminal.raw)


def test_the_installed_command_sends_and_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "--version", folder=tmp_path).split()[-1] == __version__
    data = ("--config", tmp_path / "config.toml", "--data-dir", tmp_path / "data")
    echo = ("send", "--provider", "demo-chatiq", "--board", "echo", "there and back")
    said = run(installed, *data, *echo, folder=tmp_path)
    assert said.strip() == "there and back"
