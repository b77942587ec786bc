"""Single rows around the conversation: a text at the left, and one at the right that keeps its place."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from chatgrid_tui.ui.appearance import ASCII_SIGNS, Look, Part, look_of


class OneLine(Widget):
    """A single row. Subclasses return its two ends; its margins and its surface are in `frame.tcss`."""

    ALLOW_SELECT = False

    def ends(self, look: Look, room: int) -> tuple[Content, Content]:
        """Return the texts at the left and at the right, which share `room` cells."""
        raise NotImplementedError

    def render(self) -> Content:
        """Overrides `Widget.render`."""
        room = self.content_size.width
        left, right = self.ends(look_of(self), room)
        gap = room - left.cell_length - right.cell_length
        return Content.assemble(left, " " * max(0, gap), right)

    def look_changed(self) -> None:
        """Draw the row with other colours or signs."""
        self.refresh()


class Edge(Widget):
    """The half row at the edge of a sheet. Both edges are `▀`, so that fill always meets fill as background."""

    ALLOW_SELECT = False

    def on_mount(self) -> None:
        """Use a line on the page if the look has no half rows."""
        self.set_class(look_of(self).signs is ASCII_SIGNS, "-ascii")

    def render(self) -> Content:
        """Overrides `Widget.render`."""
        look = look_of(self)
        return Content((look.signs.hairline if look.theme.flat else look.signs.half) * self.size.width)


def styled(text: str, part: Part, style: str = "") -> Content:
    """Return a text in the colour of a part."""
    return Content.styled(text, f"{style} $cg-{part.replace('_', '-')}")
