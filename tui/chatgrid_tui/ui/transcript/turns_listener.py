"""The interface through which the parts of a transcript learn about changed turns."""

from __future__ import annotations

from collections.abc import Mapping


class TurnsListener:
    """Base of the parts that keep positions in a conversation. A transcript calls its listeners in a fixed order,
    after the document and the viewport have changed.
    """

    def turns_shown(self) -> None:
        """Forget everything, since another conversation is shown."""

    def turn_changed(self, index: int) -> None:
        """Handle a turn that was added or changed."""

    def turns_replaced(self, first: int) -> None:
        """Forget the turns from `first` on, which may be different or drawn differently."""

    def turns_merged(self, moved: Mapping[int, int]) -> None:
        """Move to the new positions of turns. `moved` maps old indexes to new ones; removed turns are missing."""
