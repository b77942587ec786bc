"""What the command line accepts, what it rejects, and what it says about a broken configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgrid_tui import __version__
from chatgrid_tui.demo.server import DemoServer
from cli.running import run, write_config

BAD = [
    ("send",),
    ("send", "one", "two"),
    ("send", "--nothing", "x"),
    ("nothing",),
    ("decode",),
    ("decode", "--kind", "other", "file"),
    ("decode", "--kind", "chatgrid"),
    ("demo", "--serve", "--port", "70000"),
    ("demo", "--serve", "--port", "-1"),
    ("demo", "--serve", "--port", "x"),
    ("mock",),
    ("mock", "--port", "x", "file"),
    ("mock", "--speed", "0", "file"),
    ("mock", "--extra", "200", "file"),
    ("mock", "--loop", "--once", "file"),
    ("--theme",),
    ("send", "--json=yes", "x"),
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
async def test_bad_arguments(arguments: tuple[str, ...]) -> None:
    ran = await run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: chatgrid-tui" in ran.err


@pytest.mark.parametrize("driver", ["nonsense", "os:path", "os:nonsense", ":"])
async def test_an_unknown_driver(driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", driver)
    monkeypatch.setattr("textual.constants.DRIVER", driver)
    ran = await run("--data-dir", str(tmp_path), "--config", str(tmp_path / "config.toml"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("chatgrid-tui: TEXTUAL_DRIVER names no driver that can be used: ")


async def test_the_version() -> None:
    ran = await run("--version")
    assert (ran.code, ran.out) == (0, f"chatgrid-tui {__version__}\n")


@pytest.mark.parametrize("command", [(), ("send",), ("decode",)], ids=str)
async def test_the_help_lists_the_exit_codes(command: tuple[str, ...]) -> None:
    ran = await run(*command, "--help")
    assert ran.code == 0
    for line in ("0    the reply is complete", "4    the reply is incomplete", "130  stopped with Ctrl+C"):
        assert line in ran.out
    assert max(map(len, ran.out.splitlines())) <= 120


async def test_the_help_of_demo_has_no_exit_codes_of_replies() -> None:
    ran = await run("demo", "--help")
    assert (ran.code, "exit codes" in ran.out) == (0, False)


async def test_config_and_data_dir_go_before_or_after_the_command(demo: DemoServer, tmp_path: Path) -> None:
    places = ("--config", str(write_config(tmp_path, demo)), "--data-dir", str(tmp_path / "data"))
    for arguments in (
        (*places, "send", "--provider", "openai", "Hello"),
        ("send", *places, "--provider", "openai", "Hello"),
        (*places, "--provider", "openai", "send", "Hello"),
        (*places[:2], "send", *places[2:], "Hello", "--provider", "openai"),
    ):
        ran = await run(*arguments)
        assert (ran.code, ran.out, ran.err) == (0, "Hello\n", "")


async def test_the_later_option_counts(demo: DemoServer, tmp_path: Path) -> None:
    config = str(write_config(tmp_path, demo))
    ran = await run("--config", "/nowhere/config.toml", "send", "--config", config, "--provider", "openai", "Hello")
    assert ran.out == "Hello\n"


SIX_LINES = (
    '# A configuration\ntheme = "paper"\n\n[providers.acme]\nkind = "openai"\nbase_url = "https://bots.example"\n'
)


@pytest.mark.parametrize(
    "line",
    ["boards = [", "silence_timeout = -1", 'silence_timeout = "long"', "boards = 7", "= 7", 'title = "\\q"'],
)
async def test_an_error_in_the_configuration_names_its_line(line: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    text = SIX_LINES + line + "\n"
    file.write_text(text)
    ran = await run("send", "--config", str(file), "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "line 7" in ran.err.lower()
    assert str(file) in ran.err
    assert "Traceback" not in ran.err
    assert file.read_text() == text


@pytest.mark.parametrize("place", ["--config", "--data-dir"])
async def test_a_path_in_the_home_of_an_unknown_user(place: str) -> None:
    ran = await run(place, "~nobody-of-that-name/here", "send", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "There is no home folder for" in ran.err


async def test_a_configuration_that_is_a_folder(tmp_path: Path) -> None:
    ran = await run("send", "--config", str(tmp_path), "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert str(tmp_path) in ran.err
