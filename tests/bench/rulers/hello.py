"""The smallest Textual app with a header, a field and a footer: the minimum cost of a start.

Run it as `python hello.py`.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Header, Input


class Hello(App[None]):
    """Shows nothing but a header, a field and a footer."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+q", "quit", "Leave")]

    def compose(self) -> ComposeResult:
        """Put the three parts on the screen."""
        yield Header()
        yield Input(placeholder="Say hello")
        yield Footer()


if __name__ == "__main__":
    Hello().run()
