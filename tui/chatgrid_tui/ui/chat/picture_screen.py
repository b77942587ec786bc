"""Shows the pictures of a reply, one at a time. Each is loaded when it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence, Set
from typing import ClassVar, Final, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from chatgrid_tui.engine.download import LeadsElsewhere
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.session.downloads import Download
from chatgrid_tui.text import clean
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.chat.pictures import Picture, decoded, half_blocks
from chatgrid_tui.ui.overlays.overlay import OverlayScreen, Title
from chatgrid_tui.ui.transcript.reply_parts import Attachment
from chatgrid_tui.ui.widgets.key_bar import KeyBar, KeyHint
from chatgrid_tui.units import size as data_size

Load: TypeAlias = Callable[[Attachment, Set[str]], Download[bytes]]
"""Starts to load a picture. It may come from these other hosts as well."""

_FRAME_ROWS: Final = 7
_PROGRESS_EVERY: Final = 0.1
_KEPT: Final = 16
"""Pictures that are kept to be shown again."""


class PictureView(Widget):
    """Draws a picture, or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._strips: list[Strip] = []

    def show(self, picture: Picture | None) -> None:
        """Show another picture."""
        self._picture = picture
        self._draw()

    def on_resize(self) -> None:
        """Fit the picture to the new size."""
        self._draw()

    def render_line(self, y: int) -> Strip:
        """Overrides `Widget.render_line`."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def _draw(self) -> None:
        columns, rows = self.size
        self._strips = []
        if self._picture is not None and columns and rows:
            self._strips = half_blocks(self._picture, columns, rows, look_of(self).colour("overlay"))
        self.refresh()


class PictureScreen(OverlayScreen[None]):
    """Shows pictures with their number, host and size. The arrow keys go to the one before and after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Previous", show=False),
        Binding("right", "step(1)", "Next", show=False),
        Binding("enter", "go_on", "Load, or close", show=False),
    ]

    def __init__(self, pictures: Sequence[Attachment], first: int, load: Load) -> None:
        super().__init__()
        self._pictures = pictures
        self._number = first
        self._load = load
        self._header = Title("")
        self._view = PictureView()
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
        while len(self._kept) > _KEPT:
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
