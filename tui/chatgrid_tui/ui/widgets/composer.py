"""Where a message is written: a raised block with a bar at its left, growing with the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from chatgrid_tui.text import clean, clean_line, mend_surrogates, utf16_units
from chatgrid_tui.ui.appearance import Look, Part, look_of
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, both_ends, is_tall, side_margin, width_of
from chatgrid_tui.ui.widgets.message_field import MessageField

_MOST_ROWS = 8
_SHARE_OF_SCREEN = 3
"""At most one row in so many is the composer's."""
_COUNT_FROM = 0.8
"""The share of the limit from which the count is shown."""

_units = lru_cache(maxsize=1)(utf16_units)


class Composer(Widget):
    """The composer with its margins.

    On screens of 30 rows and more it is the blank row above the text, the text, the row of the hint, and the
    blank row of page below; on lower ones the text alone. It takes the width of the page and keeps the page's
    margins itself.
    """

    DEFAULT_CSS = """
    Composer {
        layout: vertical;
        width: 1fr;
        height: 1;
        background: $cg-ground;
    }
    """
    ALLOW_SELECT = False

    @dataclass
    class Submitted(Message):
        """Enter was pressed. The text stays until it is taken: it must be safe somewhere first."""

        text: str

    @dataclass
    class Changed(Message):
        """The text is another one now."""

        text: str

    @dataclass
    class TakeBackAsked(Message):
        """Up was pressed in the empty composer."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.field = MessageField()
        self._limit: int | None = None
        self._production = False
        self._hint = ""
        self._known = ""
        """The text as last told or loaded: loading a draft is no change to tell."""

    def compose(self) -> ComposeResult:
        """Put the text into the block."""
        yield self.field

    # What it says and holds -----------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is written, long texts in it whole."""
        return self.field.whole_text

    def load(self, text: str) -> None:
        """Hold `text` in place of what was written, with the cursor at its end. It is not told as a change."""
        self._known = clean(mend_surrogates(text))
        self.field.load_text(self.field.folds.fold(self._known))
        self.field.move_cursor(self.field.document.end)
        self._fit()

    def paste(self, text: str) -> None:
        """Insert `text`, cleaned, at the cursor, and take the focus."""
        self.focus()
        self.field.paste(text)

    def clear(self) -> None:
        """Take the text away, once it is safe elsewhere. Undo brings it back."""
        self.field.clear()

    def take(self, text: str) -> bool:
        """Take away a text that was submitted, and leave what was typed behind it meanwhile. Return False, and take
        nothing, where it does not stand there any more.
        """
        shown = self.field.text
        taken = self.field.folds.length(shown, text)
        if taken is None:
            return False
        if taken == len(shown):
            self.clear()
        else:
            lines = shown[:taken].split("\n")
            self.field.delete((0, 0), (len(lines) - 1, len(lines[-1])))
        return True

    def address(self, to: str, provider: str = "", *, production: bool = False) -> None:
        """Say whom the message goes to, in the empty composer; in production also where that is. Where there may be
        no room for all of that, production comes first.
        """
        words = f"Message {clean_line(to)}" if to else "Message"
        if production and self.app.size.width < TINY_BELOW:
            words = f"Production: {words}"
        elif production:
            words += f" on {clean_line(provider)}, which is production"
        self._production = production
        self.field.set_class(production, "-production")
        self.field.placeholder = Content(words)
        self.refresh()

    @property
    def limit(self) -> int | None:
        """The most characters the service takes, as JavaScript counts them; None where it has no limit."""
        return self._limit

    @limit.setter
    def limit(self, characters: int | None) -> None:
        self._limit = characters
        self._fit()
        self.refresh()

    @property
    def hint(self) -> str:
        """What stands at the right while nothing is typed: `Enter sends · Ctrl+J new line` if empty."""
        return self._hint

    @hint.setter
    def hint(self, words: str) -> None:
        if words != self._hint:
            self._hint = words
            self.refresh()

    @property
    def is_over_limit(self) -> bool:
        """Whether the service would not take the text."""
        return self._limit is not None and _units(self.text) > self._limit

    def focus(self, scroll_visible: bool = True) -> Self:
        """Give the focus to the text."""
        self.field.focus(scroll_visible)
        return self

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        self.refresh()
        self.field.notify_style_update()
        self.field.refresh()

    # Drawing --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return a row of the block; the text lies on top of it (Textual asks for it)."""
        look, width, margin = look_of(self), self.size.width, side_margin(self)
        page = look.style("text", "ground")
        edge = Segment(" " * margin, page)
        last = self._rows_of_block - 1
        if y > last:
            return Strip.blank(width, page)
        room = width - 2 * margin
        fill = look.style("text", "raised")
        bar = Segment(look.signs.here, look.style(self._bar_part(), "raised"))
        has_edges = is_tall(self)
        line = look.signs.hairline if look.theme.flat and has_edges and y in (0, last) else " "
        right = self._at_right(look, line) if y == last and (has_edges or self._shows_count) else []
        rule = Segment(line * max(0, room - 1 - width_of(right)), fill)
        block = both_ends([bar, rule], right, max(0, room), fill)
        return both_ends([edge, *block], [edge], width, page)

    def _bar_part(self) -> Part:
        if self._production:
            return "warn"
        return "accent" if self.field.has_focus else "edge"

    def _at_right(self, look: Look, last: str) -> list[Segment]:
        end = Segment(last, look.style("text", "raised"))
        if self._shows_count and self._limit is not None:
            words = f"{_units(self.text):,} of {self._limit:,} characters"
            return [Segment(words, look.style("error" if self.is_over_limit else "muted", "raised")), end]
        hint = self._hint or f"Enter sends {look.signs.dot} Ctrl+J new line"
        room = self.size.width - 2 * side_margin(self) - 4
        if self.text or len(hint) > room:
            return []
        return [Segment(hint, look.style("muted", "raised")), end]

    @property
    def _shows_count(self) -> bool:
        return self._limit is not None and _units(self.text) >= self._limit * _COUNT_FROM

    # Size -----------------------------------------------------------------------------------------------------

    @property
    def _rows_of_text(self) -> int:
        most = max(1, min(_MOST_ROWS, self.app.size.height // _SHARE_OF_SCREEN))
        return min(self.field.rows, most)

    @property
    def _rows_of_block(self) -> int:
        if is_tall(self):
            return self._rows_of_text + 2
        # Without a row for hints, the count takes one of its own: it must not cover the text.
        return self._rows_of_text + self._shows_count

    def _fit(self) -> None:
        """Take the rows the text needs. A layout, but only where their number changed."""
        if not self.is_attached:
            return
        tall, rows, margin = is_tall(self), self._rows_of_text, side_margin(self)
        self.styles.height = self._rows_of_block + tall
        field = self.field.styles
        field.height = rows
        field.margin = (int(tall), margin + 1, 0, margin + 2)
        field.overflow_y = "auto" if self.field.rows > rows else "hidden"

    # Events ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Take the right size before the first frame, and for every other size of the screen."""
        self._fit()
        # A screen that only changes its height would tell this widget nothing.
        self.screen.screen_layout_refresh_signal.subscribe(self, self._screen_differs)

    def _screen_differs(self, screen: Screen[object]) -> None:
        self._fit()

    def on_click(self, event: events.Click) -> None:
        """A click anywhere on the block is meant for the text."""
        self.focus()

    def on_descendant_focus(self) -> None:
        """Show where one is."""
        self.refresh()

    def on_descendant_blur(self) -> None:
        """Show that one is elsewhere."""
        self.refresh()

    @on(MessageField.Wrapped)
    def _rows_may_differ(self, event: MessageField.Wrapped) -> None:
        event.stop()
        self._fit()

    @on(TextArea.Changed)
    def _text_differs(self, event: TextArea.Changed) -> None:
        event.stop()
        self._fit()
        self.refresh()
        if self.text != self._known:
            self._known = self.text
            self.post_message(self.Changed(self._known))

    @on(MessageField.SendAsked)
    def _enter_was_pressed(self, event: MessageField.SendAsked) -> None:
        event.stop()
        self.post_message(self.Submitted(event.text))

    @on(MessageField.TakeBackAsked)
    def _up_was_pressed(self, event: MessageField.TakeBackAsked) -> None:
        event.stop()
        self.post_message(self.TakeBackAsked())
