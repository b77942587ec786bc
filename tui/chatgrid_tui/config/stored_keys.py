"""Keys stored under the names of their providers, each with the address it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from chatgrid_tui.config.providers import origin_of, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.text import clean_line

_LONGEST_SHOWN = 100

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A stored key; an empty one means that there is none."""

    key: str = field(default="", repr=False)
    origin: str = ""
    """Scheme, host and port of the addresses that it is for. Empty for one that a person put there without: it is
    for whatever address the configuration gives the provider of its name.
    """

    @classmethod
    def at(cls, key: str, address: str) -> StoredKey:
        """Return a key for `address` and the rest of its origin."""
        return cls(key.strip(), origin_of(address))

    def fits(self, address: str) -> bool:
        """Return whether there is a key that may be sent to `address`."""
        if not self.key or not self.origin:
            return bool(self.key)
        try:
            return same_place(with_scheme(self.origin), address)
        except ValueError:  # a hand-written address that cannot be read is not this one
            return False

    @property
    def shown(self) -> str:
        """The last letters of the key, if they may be shown."""
        return str(Secret(self.key))

    @property
    def shown_origin(self) -> str:
        """The addresses it may be sent to, as shown on the screen."""
        return clean_line(self.origin, _LONGEST_SHOWN)


NOTHING = StoredKey()
"""No key is stored."""


def used(kept: Mapping[Place, StoredKey], address: str) -> Place | None:
    """Return where the key stands that is used at `address`: the first that is kept for this very place, else the
    first that is kept for none in particular; None where there is neither.
    """
    fitting = [place for place, one in kept.items() if one.fits(address)]
    return min(fitting, key=lambda place: not kept[place].origin, default=None)
