"""How the parts of a transcript learn that its turns changed."""

from __future__ import annotations

from collections.abc import Mapping


class TurnsListener:
    """Base of the parts that keep places in a conversation. A transcript calls its listeners in a fixed order, after
    the document and the viewport have changed.
    """

    def turns_shown(self) -> None:
        """Forget everything: another conversation is shown."""

    def turn_changed(self, index: int) -> None:
        """Take a turn that was added, or has another content."""

    def turns_replaced(self, first: int) -> None:
        """Forget the turns from `first` on: they may be others now, or are drawn differently."""

    def turns_merged(self, moved: Mapping[int, int]) -> None:
        """Move to the new places of turns. `moved` maps each former index to the present one, if the turn is left."""
