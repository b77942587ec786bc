"""Shows the pictures of a reply, one at a time. Each is loaded when it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence, Set
from typing import ClassVar, Final, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from chatgrid_tui.config.settings import Pictures
from chatgrid_tui.engine.download import LeadsElsewhere
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.session.downloads import Download
from chatgrid_tui.text import clean
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.chat.bubbles.pictures import Picture, decoded, drawn
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.terminal.graphics import Method
from chatgrid_tui.ui.terminal.picture_layer import picture_layer_of
from chatgrid_tui.ui.transcript.reply_parts import Attachment
from chatgrid_tui.ui.widgets.key_bar import KeyBar
from chatgrid_tui.units import size as data_size

Load: TypeAlias = Callable[[Attachment, Set[str]], Download[bytes]]
"""Starts to load a picture. It may come from these other hosts as well."""

_FRAME_ROWS: Final = 7
_PROGRESS_EVERY: Final = 0.1
_MOST_KEPT: Final = 16_000_000
"""Pixels of all pictures that are kept to be shown again: 64 MB."""


class PictureView(Widget):
    """Draws a picture, or nothing."""

    def __init__(self, setting: Pictures) -> None:
        super().__init__()
        self._setting = setting
        self._picture: Picture | None = None
        self._strips: Sequence[Strip] = ()

    def show(self, picture: Picture | None) -> None:
        """Show another picture."""
        self._picture = picture
        self._draw()

    def on_mount(self) -> None:
        """Draw the picture again after another program had the terminal."""
        self.app.app_resume_signal.subscribe(self, lambda _: self._draw())

    def on_resize(self) -> None:
        """Fit the picture to the new size."""
        self._draw()

    def on_unmount(self) -> None:
        """Leave nothing on the terminal."""
        picture_layer_of(self).remove(self)

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def _draw(self) -> None:
        """Draw the picture, once it is ready, instead of what was drawn before."""
        if not self.is_attached:
            return  # closed before the terminal has answered
        picture_layer_of(self).remove(self)
        self._strips = ()
        self.refresh()
        if self._picture is not None and self.size:
            self.run_worker(self._drawn(self._picture, self.size), group="draw", exclusive=True)

    async def _drawn(self, picture: Picture, size: Size) -> None:
        layer = picture_layer_of(self)
        method: Method = "blocks"
        if not self.app.is_web:
            method = layer.method(self._draw) if self._setting == "auto" else self._setting
        background = look_of(self).colour("overlay")
        drawing = await asyncio.to_thread(drawn, picture, size, background, method, layer.cell)
        if picture is not self._picture or size != self.size:
            return  # another one is on its way
        self._strips = drawing.strips
        if drawing.graphic is not None:
            layer.show(self, drawing.place, drawing.graphic)
        self.refresh()


class PictureScreen(OverlayScreen[None]):
    """Shows pictures with their number, host and size. The arrow keys go to the one before and after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Previous", show=False),
        Binding("right", "step(1)", "Next", show=False),
        Binding("enter", "go_on", "Load, or close", show=False),
    ]

    def __init__(self, pictures: Sequence[Attachment], first: int, load: Load, setting: Pictures = "auto") -> None:
        """Show the picture with the number `first`. `setting` is how pictures are shown."""
        super().__init__()
        self._pictures = pictures
        self._number = first
        self._load = load
        self._header = Title("")
        self._view = PictureView(setting)
        self._note = Static(classes="note")
        self._keys = KeyBar(surface="overlay", margin=2)
        self._download: Download[bytes] | None = None
        self._kept: dict[int, tuple[Picture, int]] = {}
        """The pictures that were loaded, and their sizes in bytes, by their numbers."""
        self._elsewhere = ""
        """Another host from which the picture can be loaded, if Enter is pressed."""
        self._other_hosts: set[str] = set()

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._view
            yield self._note
            yield self._keys

    def on_mount(self) -> None:
        """Load the first picture."""
        self.set_interval(_PROGRESS_EVERY, self._show_progress)
        self._show()

    def on_unmount(self) -> None:
        """Stop loading."""
        self._cancel()

    def fit(self, top: int, height: int) -> None:
        """Give the picture all rows that there are."""
        self._view.styles.height = max(1, height - top - _FRAME_ROWS)

    def action_step(self, step: int) -> None:
        """Show the picture before (-1) or after (1), around the ends."""
        if len(self._pictures) > 1:
            self._number = (self._number + step) % len(self._pictures)
            self._show()

    def action_go_on(self) -> None:
        """Load the picture from the other host, if it leads there; else close."""
        if self._elsewhere:
            self._other_hosts.add(self._elsewhere)
            self._show()
        else:
            self.action_close()

    def _show(self) -> None:
        """Show the picture with the current number, and load it first if that is necessary."""
        self._cancel()
        self._elsewhere = ""
        picture, count = self._pictures[self._number], len(self._pictures)
        self._header.show(picture.name, f"{self._number + 1} of {count}" if count > 1 else "")
        self._view.show(None)
        self._show_hints()
        if (kept := self._kept.get(self._number)) is not None:
            self._put(*kept)
            return
        try:
            self._download = self._load(picture, self._other_hosts)
        except ChatgridError as problem:
            self._say(str(problem), wrong=True)
            return
        self._show_progress()
        self.run_worker(self._finish(self._download, self._number), group="picture", exclusive=True)

    async def _finish(self, download: Download[bytes], number: int) -> None:
        """Keep a picture once it has arrived, and show it or why it cannot be shown, unless another one is shown."""
        try:
            data = await download.result()
            picture = await asyncio.to_thread(decoded, data)
        except ChatgridError as problem:
            if self._download is download:
                self._fail(problem)
            return
        self._kept[number] = picture, len(data)
        while len(self._kept) > 1 and sum(kept.pixels for kept, _ in self._kept.values()) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        if self._download is download:
            self._download = None
            self._put(picture, len(data))

    def _fail(self, problem: ChatgridError) -> None:
        self._download = None
        if isinstance(problem, LeadsElsewhere):
            self._elsewhere = problem.host
            self._show_hints()
            self._say(f"{problem} Enter loads it from there.", wrong=True)
        else:
            self._say(str(problem), wrong=True)

    def _put(self, picture: Picture, size: int) -> None:
        self._view.show(picture)
        about = f"{picture.width:,} x {picture.height:,} pixels, {data_size(size)}"
        self._say(f"{about}, from {self._host}")

    def _show_progress(self) -> None:
        if self._download is not None:
            self._say(f"Loading from {self._host}: {self._download.progress}")

    @property
    def _host(self) -> str:
        address = self._pictures[self._number].address
        return "" if address is None else address.host

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self._note.set_class(wrong, "-wrong")
        self._note.update(Content(clean(words)))

    def _show_hints(self) -> None:
        hints = [KeyHint("close", ("escape",), "Close")]
        if len(self._pictures) > 1:
            hints += [KeyHint("step(-1)", ("left",), "Previous"), KeyHint("step(1)", ("right",), "Next")]
        if self._elsewhere:
            hints.append(KeyHint("go_on", ("enter",), "Load"))
        self._keys.show(hints)

    def _cancel(self) -> None:
        if self._download is not None:
            self._download.cancel()
            self._download = None
