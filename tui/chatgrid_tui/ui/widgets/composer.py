"""The composer: a raised sheet with a bar at its left, which grows with the message."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static, TextArea

from chatgrid_tui.text import clean, clean_line, mend_surrogates, utf16_units
from chatgrid_tui.ui.appearance import ASCII_SIGNS, Look, Speaker, look_of
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, cut, is_tall, own_words
from chatgrid_tui.ui.widgets.message_field import MessageField
from chatgrid_tui.ui.widgets.one_line import Edge, OneLine, styled
from chatgrid_tui.ui.widgets.status_line import production

_MOST_ROWS = 16
_SHARE_OF_SCREEN = 3
"""The composer takes at most one out of this many rows."""
_COUNT_FROM = 0.8
"""The share of the limit from which the length is shown."""
_BETWEEN = 2
_LEAST_NAME = 10
"""The fewest cells of a bot's or a provider's name."""

_units = lru_cache(maxsize=1)(utf16_units)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who a message goes to."""

    bot: Speaker
    provider: str = ""
    kind: str = ""
    production: bool = False


@dataclass(frozen=True, slots=True)
class _Recalled:
    """A text that was said before, None if it was edited, and what was typed before it was recalled."""

    text: str | None = None
    set_aside: str = ""


class _Foot(OneLine):
    """The last row of a tall composer: who the message goes to, and at the right how to send it."""

    def __init__(self) -> None:
        super().__init__()
        self.addressee = Addressee(Speaker(""))
        self.hints: tuple[Content, ...] = ()
        """The possible texts at the right, the longest first."""
        self.is_counting = False
        """Whether they show the length of the text, which takes precedence over the provider."""

    def show(self, addressee: Addressee, hints: tuple[Content, ...], *, is_counting: bool = False) -> None:
        """Show other content."""
        if (addressee, hints, is_counting) != (self.addressee, self.hints, self.is_counting):
            self.addressee, self.hints, self.is_counting = addressee, hints, is_counting
            self.refresh()

    def ends(self, look: Look, room: int) -> tuple[Content, Content]:
        """Overrides `OneLine.ends`."""
        to = self.addressee
        place = ", ".join(clean_line(part) for part in (to.provider, to.kind) if part)
        place = f" {look.signs.dot} {place}" if place else ""
        warning = Content.assemble(production(look), "  ") if to.production else Content()
        name = look.speaker_name(to.bot, max(_LEAST_NAME, room - warning.cell_length - min(len(place), _LEAST_NAME)))
        left = Content.assemble(warning, name)
        room -= left.cell_length
        most = room - _BETWEEN - (0 if self.is_counting else len(place))
        hint = next((hint for hint in self.hints if hint.cell_length <= most), Content())
        between = _BETWEEN if hint.cell_length else 0
        place = cut(place, max(0, room - hint.cell_length - between), look.signs.more)
        return Content.assemble(left, styled(place, "muted")), hint


class Composer(Vertical):
    """The composer with its margins.

    On screens of at least 30 rows it has half a row above and below, and a foot with bot and provider. On lower
    screens it is only the text, with a hint at its right.
    """

    ALLOW_SELECT = False

    @dataclass
    class Submitted(Message):
        """Enter was pressed. The text stays until `take`, when it is stored elsewhere."""

        text: str

    @dataclass
    class Changed(Message):
        """The text changed."""

        text: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.field = MessageField()
        self._sheet = Vertical(classes="sheet")
        self._hint_beside = Static(Content())
        self._foot = _Foot()
        self._limit: int | None = None
        self._hint = ""
        self._read_only_reason = ""
        self._last_text = ""
        """The text that was last reported or loaded: loading a draft is not reported."""
        self._recalled: _Recalled | None = None

    def compose(self) -> ComposeResult:
        """Overrides `Widget.compose`."""
        yield Edge(classes="-above")
        with self._sheet:
            with Horizontal():
                yield self.field
                yield self._hint_beside
            yield self._foot
        yield Edge(classes="-below")

    @property
    def text(self) -> str:
        """The text, including long pasted texts in full."""
        return self.field.whole_text

    @property
    def draft(self) -> str:
        """What would be lost without it: the text, unless it was recalled and not edited, and the one set aside."""
        if self._recalled is None:
            return self.text
        is_edited = self.text != self._recalled.text
        return "\n".join(filter(None, (self.text if is_edited else "", self._recalled.set_aside)))

    @property
    def is_recalled(self) -> bool:
        """Whether the text was recalled."""
        return self._recalled is not None

    @property
    def read_only_reason(self) -> str:
        """Why it takes no text, which it shows; empty if it does."""
        return self._read_only_reason

    @read_only_reason.setter
    def read_only_reason(self, reason: str) -> None:
        self._read_only_reason = reason
        self.field.read_only = bool(reason)
        self.field.placeholder = Content(reason)
        self._show_hints()

    def load(self, text: str) -> None:
        """Replace the text, with the cursor at its end. This does not post `Changed`."""
        self._set_recalled(None)
        self._last_text = clean(mend_surrogates(text))
        self.field.load_text(self.field.folds.fold(self._last_text))
        self.field.move_cursor(self.field.document.end)
        self._show_hints()

    def begin_recall(self) -> None:
        """Let Up and Down recall other texts. The text counts as typed."""
        self._set_recalled(_Recalled())

    def recall(self, text: str, set_aside: str, *, at_end: bool, is_edited: bool = False) -> None:
        """Replace the text by one that was said before, cleaned, with the cursor at its start, if it has several rows
        and not `at_end`. `set_aside` is what was typed before that; `is_edited` is whether `text` was edited since it
        was said. Undo restores the text.
        """
        text = clean(mend_surrogates(text))
        self._replace(text, at_end=at_end)
        self._set_recalled(_Recalled(None if is_edited else text, set_aside))

    def end_recall(self, text: str | None = None) -> None:
        """Replace a recalled text by what was typed, if `text` is given. Undo restores it."""
        self._set_recalled(None)
        if text is not None:
            self._replace(text, at_end=True)

    def _replace(self, text: str, *, at_end: bool) -> None:
        self.field.replace(self.field.folds.fold(text), (0, 0), self.field.document.end)
        at_end = at_end or self.field.rows == 1
        self.field.move_cursor(self.field.document.end if at_end else (0, 0))

    def _set_recalled(self, recalled: _Recalled | None) -> None:
        self._recalled = recalled
        self.field.is_recalled = recalled is not None

    def paste(self, text: str) -> None:
        """Insert `text`, cleaned, at the cursor, and take the focus."""
        self.focus()
        self.field.paste(text)

    def append(self, text: str) -> None:
        """Insert `text`, cleaned, on a new line after the text, and take the focus."""
        self.field.move_cursor(self.field.document.end)
        typed = self.text.rstrip("\n")
        missing = max(0, len(typed) + 2 - len(self.text)) if typed else 0
        self.paste("\n" * missing + text)

    def clear(self) -> None:
        """Delete the text, which is stored elsewhere. Undo restores it."""
        self.field.clear()

    def take(self, text: str) -> bool:
        """Delete a submitted text, and keep what was typed after it. If the text no longer starts with it, delete
        nothing and return False.
        """
        shown = self.field.text
        removed = self.field.folds.length(shown, text)
        if removed is None:
            return False
        if removed == len(shown):
            self.clear()
        else:
            lines = shown[:removed].split("\n")
            self.field.delete((0, 0), (len(lines) - 1, len(lines[-1])))
        return True

    def address(self, to: Addressee) -> None:
        """Set who the message goes to, which the empty composer shows. If there may be too little room, production
        comes first.
        """
        name = clean_line(to.bot.name)
        placeholder = f"Message {name}" if name else "Message"
        if to.production and self.app.size.width < TINY_BELOW:
            placeholder = f"Production: {placeholder}"
        elif to.production:
            placeholder += f" on {clean_line(to.provider)}, which is production"
        self._foot.show(to, self._foot.hints, is_counting=self._foot.is_counting)
        self.set_class(to.production, "-production")
        self.field.placeholder = Content(self._read_only_reason or placeholder)
        self._show_hints()

    @property
    def limit(self) -> int | None:
        """The most characters that the service accepts, as JavaScript counts them; None if there is no limit."""
        return self._limit

    @limit.setter
    def limit(self, characters: int | None) -> None:
        self._limit = characters
        self._show_hints()

    @property
    def hint(self) -> str:
        """How to send, the most important part first, with ` · ` between the parts."""
        return self._hint

    @hint.setter
    def hint(self, words: str) -> None:
        if words != self._hint:
            self._hint = words
            self._show_hints()

    @property
    def is_over_limit(self) -> bool:
        """Whether the text is too long for the service."""
        return self._limit is not None and _units(self.text) > self._limit

    def focus(self, scroll_visible: bool = True) -> Self:
        """Give the focus to the text."""
        self.field.focus(scroll_visible)
        return self

    def look_changed(self) -> None:
        """Draw everything with other colours or signs."""
        self._sheet.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")
        self.field.notify_style_update()
        self._foot.refresh()
        self._show_hints()

    @property
    def _shows_count(self) -> bool:
        return self._limit is not None and _units(self.text) >= self._limit * _COUNT_FROM

    def _show_hints(self) -> None:
        """Show how to send, or the length of the text, if there is room."""
        if not self.is_attached:
            return
        look = look_of(self)
        if self._shows_count and self._limit is not None:
            words = f"{_units(self.text):,} of {self._limit:,} characters"
            hints: tuple[Content, ...] = (styled(words, "error" if self.is_over_limit else "muted"),)
        else:
            short = self._hint.split(" · ")[0]
            hints = tuple(styled(own_words(words, look.signs), "muted") for words in (self._hint, short))
        self._foot.display = is_tall(self) or self._shows_count
        self._foot.show(self._foot.addressee, hints, is_counting=self._shows_count)
        room = self._sheet.content_size.width - len(str(self.field.placeholder)) - _BETWEEN
        beside = Content()
        if not self._foot.display and not self.text:
            beside = next((hint for hint in hints if hint.cell_length < room), beside)
        if beside != self._hint_beside.content:  # an update causes a layout
            self._hint_beside.update(beside)
        self._fit()

    def _fit(self) -> None:
        """Adapt the height to the text."""
        most = max(1, min(_MOST_ROWS, self.app.size.height // _SHARE_OF_SCREEN))
        rows = min(self.field.rows, most)
        self.field.styles.height = rows
        self.field.styles.overflow_y = "auto" if self.field.rows > rows else "hidden"

    # Events -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Set the size before the first frame, and whenever the screen changes its size."""
        self.look_changed()
        # If only the height of the screen changes, this widget gets no event.
        self.screen.screen_layout_refresh_signal.subscribe(self, self._screen_changed)

    def _screen_changed(self, screen: Screen[object]) -> None:
        self._show_hints()

    def on_click(self, event: events.Click) -> None:
        """Give the focus to the text after a click anywhere."""
        self.focus()

    @on(MessageField.Wrapped)
    def _text_wrapped(self, event: MessageField.Wrapped) -> None:
        event.stop()
        self._fit()

    @on(TextArea.Changed)
    def _text_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._show_hints()
        if self.text != self._last_text:
            self._last_text = self.text
            self.post_message(self.Changed(self._last_text))

    @on(MessageField.SendAsked)
    def _enter_pressed(self, event: MessageField.SendAsked) -> None:
        event.stop()
        self.post_message(self.Submitted(event.text))
