"""The title of a pane."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Speaker
from chatgrid_tui.ui.widgets.cells import cut, own_words
from chatgrid_tui.ui.widgets.one_line import OneLine, styled
from chatgrid_tui.ui.widgets.tone import Tone, part_of, with_sign

_BETWEEN = 2
_ROOM_FOR_TITLE = 8
"""The fewest cells for a title that has something at its right."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, and at its right a count, such as `● 3 unread` or `3 of 17`."""

    title: str = ""
    right: str = ""
    tone: Tone = "quiet"
    speaker: Speaker | None = None
    """The speaker whose chip is before the title."""
    named: bool = False
    """Whether the name of the speaker precedes the text at the right."""


class Header(OneLine):
    """Shows a `Heading`. The text at the right is shortened for the title, the name of the speaker last."""

    def __init__(
        self,
        title: str = "",
        right: str = "",
        tone: Tone = "quiet",
        *,
        margins: tuple[int, int] | None = None,
        id: str | None = None,  # noqa: A002 (Textual's own name)
    ) -> None:
        """`margins` are the free cells at the left and right, by default those of the page."""
        super().__init__(id=id)
        self._heading = Heading(title, right, tone)
        if margins is not None:
            self.styles.padding = (0, margins[1], 0, margins[0])

    def show(self, title: str, right: str = "", tone: Tone = "quiet") -> None:
        """Show another title."""
        self.show_heading(Heading(title, right, tone))

    def show_heading(self, heading: Heading) -> None:
        """Show another heading."""
        if heading != self._heading:
            self._heading = heading
            self.refresh()

    def ends(self, look: Look, room: int) -> tuple[Content, Content]:
        """Overrides `OneLine.ends`."""
        heading, speaker = self._heading, self._heading.speaker
        chip = Content.assemble(look.speaker_chip(speaker), " ") if speaker is not None else Content()
        room -= chip.cell_length
        most = room - _BETWEEN - _ROOM_FOR_TITLE
        right = next((text for text in self._right(look) if text and text.cell_length <= most), Content())
        room -= right.cell_length + _BETWEEN if right else 0
        title = styled(cut(clean_line(heading.title), room, look.signs.more), "strong", "bold")
        return Content.assemble(chip, title), right

    def _right(self, look: Look) -> list[Content]:
        """Return the possible texts at the right, the longest first."""
        heading = self._heading
        right_text = with_sign(heading.tone, own_words(heading.right, look.signs), look.signs)
        state = styled(right_text, part_of(heading.tone)) if heading.right else Content()
        if heading.speaker is None or not heading.named:
            return [state]
        name = look.speaker_name(heading.speaker)
        return [Content.assemble(name, styled(f" {look.signs.dot} ", "muted"), state), name] if state else [name]
