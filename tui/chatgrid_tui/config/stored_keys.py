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
    """A stored key. An empty one means that there is none."""

    key: str = field(default="", repr=False)
    origin: str = ""
    """The scheme, host and port that it is for. Empty if the user stored it without an address: it is then for
    whatever address the configuration gives the provider.
    """

    @classmethod
    def at(cls, key: str, address: str) -> StoredKey:
        """Return a key for `address` and everything else at its origin."""
        return cls(key.strip(), origin_of(address))

    def fits(self, address: str) -> bool:
        """Return whether there is a key that may be sent to `address`."""
        if not self.key or not self.origin:
            return bool(self.key)
        try:
            return same_place(with_scheme(self.origin), address)
        except ValueError:  # a hand-written address that cannot be parsed is not this one
            return False

    @property
    def shown(self) -> str:
        """The last characters of the key, if they may be shown."""
        return str(Secret(self.key))

    @property
    def shown_origin(self) -> str:
        """The origin that it may be sent to, as shown on the screen."""
        return clean_line(self.origin, _LONGEST_SHOWN)


NOTHING = StoredKey()
"""No key is stored."""


def used(stored: Mapping[Place, StoredKey], address: str) -> Place | None:
    """Return the place of the key to use for `address`: the first one stored for exactly this origin, else the first
    one stored without an address, else None.
    """
    fitting = [place for place, one in stored.items() if one.fits(address)]
    return min(fitting, key=lambda place: not stored[place].origin, default=None)
