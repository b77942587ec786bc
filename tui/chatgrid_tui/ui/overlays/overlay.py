"""Screens over the page: the base of all dialogs and pickers."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import ClassVar, Final, TypeVar

from textual import events
from textual.actions import SkipAction
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.action import Action, keys_of
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import ASCII_SIGNS, look_of
from chatgrid_tui.ui.terminal.clipboard import copy, selection_name
from chatgrid_tui.ui.textual_theme import PREFIX
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, is_tall, own_words
from chatgrid_tui.ui.widgets.key_bar import KeyBar

Result = TypeVar("Result")

OVERLAY_STYLES: Final = str(Path(__file__).with_name("overlays.tcss"))  # absolute: subclasses live elsewhere
_TOP_IF_TALL = 3
_SHORT_BELOW = 16
_TOAST_SECONDS = 3


class Layer(ModalScreen[Result]):
    """A screen over the page that is dismissed once, even if its key is pressed twice. While another screen lies over
    it, it waits until that one is gone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pending: tuple[Result | None] | None = None
        """The result to return as soon as nothing lies over this screen."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close the screen and return a result. Only the first result counts."""
        if self not in self.app.screen_stack:
            return AwaitComplete()
        if self.app.screen is not self:
            self._pending = self._pending or (result,)
            return AwaitComplete()
        return super().dismiss(result if self._pending is None else self._pending[0])

    def on_screen_resume(self) -> None:
        """Close now if that was asked for while another screen lay over this one."""
        if self._pending is not None:
            self.dismiss()


def lies_over(app: App[object], *kinds: type[object]) -> bool:
    """Return whether a screen of one of these kinds is open, on top or below others."""
    return any(isinstance(screen, kinds) for screen in app.screen_stack)


def notify(app: App[object], text: str) -> None:
    """Show a short message for some seconds, in place of the one before, where nothing else has a row for it."""
    app.clear_notifications()
    app.notify(text, timeout=_TOAST_SECONDS, markup=False)


def end_notice(app: App[object]) -> None:
    """Take the message of `notify` away, as what it was shown over is closed: it would cover the page."""
    app.call_later(app.clear_notifications)  # after one that is being posted


class Overlay(Vertical):
    """The surface of a dialog. Its outermost cells stay free: children have margins."""

    ALLOW_SELECT = False


class Title(Horizontal):
    """The title of an overlay, and at its right end a count or a few words."""

    def __init__(self, title: str, right: str = "") -> None:
        self._shown = title, right
        self._title, self._right = Static(Content(clean_line(title)), classes="title"), Static(Content(right))
        super().__init__(self._title, self._right)

    def on_mount(self) -> None:
        """Show the title with the signs of the app."""
        self.show(*self._shown)

    def show(self, title: str, right: str = "") -> None:
        """Show another title, and other words at the right."""
        self._shown = title, right
        if self.is_mounted:
            signs = look_of(self).signs
            self._title.update(Content(own_words(title, signs)), layout=False)
            self._right.update(Content(own_words(right, signs)))


class OverlayButton(Button, inherit_css=False):
    """A button of one row. The key of `action`, or `key`, does the same, and is shown on it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "press", "Press", show=False)]

    def __init__(
        self,
        label: str,
        *,
        key: str = "",
        action: Action | None = None,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        super().__init__(Content(f"{key} {label}" if key else label), id=id)
        self.active_effect_duration = 0
        self._words, self._key, self._key_length, self._action = label, key, len(key), action

    def on_mount(self) -> None:
        """Name the key, which may have been changed."""
        if self._action is not None:
            self._key = key_name(keys_of(self._action, self.app._keymap)[0], look_of(self).signs)
            self.show_key(shown=True)

    def show_key(self, *, shown: bool) -> None:
        """Show the key, or leave it out for lack of room."""
        self._key_length = len(self._key) if shown else 0
        self.label = Content(f"{self._key} {self._words}" if self._key_length else self._words)

    def render(self) -> Content:
        """Overrides `Button.render`: brackets take the place of the surface in a terminal without colours."""
        label = Content.from_text(self.label, markup=False)
        if not self.has_focus:
            label = label.stylize(f"${PREFIX}muted", 0, self._key_length)
        return Content.assemble("[", label, "]") if look_of(self).theme.flat else label.pad(1, 1)


class OverlayScreen(Layer[Result]):
    """A screen with one overlay on it and the darkened page behind. A click outside the overlay closes it.

    Subclasses compose into `overlay`. They limit the height of what scrolls in `fit`.
    """

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = OVERLAY_STYLES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False, priority=True),
        Binding("ctrl+c,super+c", "copy", "Copy", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.overlay = Overlay()

    def fit(self, top: int, height: int) -> None:
        """Use the room that there is: the overlay begins at row `top` of a screen of `height` rows."""

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    @property
    def whole_text(self) -> str:
        """The text to copy if none is selected."""
        return ""

    def action_copy(self) -> None:
        """Copy the text that the mouse selected, or all text."""
        if selected := self.get_selected_text():
            self.copy(selected, selection_name(selected))
        elif self.whole_text:
            self.copy(self.whole_text, "all of it")
        else:
            raise SkipAction

    def copy(self, text: str, what: str) -> None:
        """Copy a text, and report how that went. It goes on when this screen is closed."""
        self.app.run_worker(self._copy(text, what), group="copy dialog", exclusive=True)

    async def _copy(self, text: str, what: str) -> None:
        outcome = await copy(self.app, text, what)
        if self.is_attached:
            self.toast(outcome)

    def toast(self, text: str) -> None:
        """Show a short message for some seconds, in place of the one before."""
        notify(self.app, text)

    def on_unmount(self) -> None:
        """Take the message away with the screen."""
        end_notice(self.app)

    def on_mount(self) -> None:
        """Place the overlay, and draw the page behind it once more: if it was just being laid out, it is empty."""
        self.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")
        self._place()
        self.call_after_refresh(self.refresh)

    def on_resize(self) -> None:
        """Place the overlay again."""
        self._place()

    def _place(self) -> None:
        """Place the overlay near the top of a low screen, and over the whole width of a narrow one."""
        width, height = self.app.size
        top = _TOP_IF_TALL if is_tall(self) else int(height >= _SHORT_BELOW)
        self.overlay.styles.margin = (top, 2 if width >= TINY_BELOW else 0)
        self.fit(top, height)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Run the action of the hint that was clicked."""
        event.stop()
        if event.action:
            await self.run_action(event.action)

    def on_click(self, event: events.Click) -> None:
        """Close after a click outside the overlay."""
        if event.widget is self and not self.overlay.region.contains(event.screen_x, event.screen_y):
            event.stop()
            self.action_close()
