"""The switcher in a real terminal: a key, a few letters, Enter."""

from __future__ import annotations

from pathlib import Path

from terminal.terminal import CTRL_K, CTRL_Q, ENTER, ESCAPE, Terminal, app, not_allowed

F4 = b"\x1bOS"


def switch(terminal: Terminal, key: bytes, typed: str, found: str) -> None:
    """Go to what a few letters find."""
    terminal.presses(key)
    terminal.sees("Go to")
    terminal.presses(typed)
    terminal.sees(f"▌ {typed}", found)
    terminal.presses(ENTER)
    terminal.until(lambda: "Go to" not in terminal.text, "the page")


def say(terminal: Terminal, text: str) -> None:
    """Type a message and send it."""
    terminal.presses(text)
    terminal.sees(text)
    terminal.presses(ENTER)


def test_switch_to_another_provider_and_back_while_a_reply_streams(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        terminal.sees("Message Restaurant")
        switch(terminal, CTRL_K, "long-w openai", "Local bots, OpenAI")
        terminal.sees("Message long-writer")
        say(terminal, "/long 150")
        terminal.sees("first token")
        switch(terminal, F4, "echo widget", "Local bots, widget")
        terminal.sees("Message echo")
        say(terminal, "said to the widget")
        terminal.until(lambda: terminal.text.count("said to the widget") >= 2, "the echo")
        terminal.presses("not sent yet")
        terminal.sees("not sent yet")
        switch(terminal, CTRL_K, "", "/long 150")
        terminal.sees("Message long-writer")
        terminal.sees("Finished")
        switch(terminal, CTRL_K, "to wid", "said to the widget")
        terminal.sees("not sent yet")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
    assert not_allowed(terminal.raw) == []


def test_the_switcher_opens_at_once_and_closes_again(tmp_path: Path) -> None:
    config = '[providers.away]\nkind = "chatgrid"\nbase_url = "http://127.0.0.1:9"\nboards = ["nobody"]\n'
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    with app(tmp_path) as terminal:
        terminal.sees("Message nobody")
        terminal.presses(CTRL_K)
        # At once is the promise; a machine that is busy with other work gets more.
        terminal.sees("Go to", "+ Add a provider", within=10.0)
        terminal.sees("nothing answers")
        terminal.presses(ESCAPE)
        terminal.until(lambda: "Go to" not in terminal.text, "the page")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
