"""Keys stored under the names of their providers, each with the address it is for, and the system's keyring.

The keyring is used if the optional package for it is installed. A provider's entry there is `https://host key`: the
address that the key is for, a space, and the key. An entry that was made by hand may be the key alone.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar, cast

from chatgrid_tui.config.providers import origin_of, same_place
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.text import clean_line

_LONGEST_SHOWN = 100

Place = TypeVar("Place")
_SERVICE = "chatgrid-tui"
_NONE_HERE: Final = "NoKeyringError"
"""What the package raises if the system has no usable keyring."""


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


class _Keyring(Protocol):
    def get_password(self, service: str, name: str) -> str | None: ...

    def set_password(self, service: str, name: str, key: str) -> None: ...

    def delete_password(self, service: str, name: str) -> None: ...


def keyring_usable() -> bool:
    """Return whether the package is installed. Even then the system may have no keyring."""
    return importlib.util.find_spec("keyring") is not None


def in_keyring(name: str) -> StoredKey:
    """Return the key stored for `name`, or an empty one if there is no keyring. May wait for the user.

    Raises:
        KeyProblem: there is a keyring, and it cannot be read: it may be locked.
    """
    if not keyring_usable():
        return NOTHING
    try:
        entry = (_keyring().get_password(_SERVICE, name) or "").strip()
    except Exception as problem:
        # The keyring of each system raises its own errors.
        kinds = [kind.__name__ for kind in type(problem).__mro__]
        if _NONE_HERE in kinds:
            return NOTHING
        raise KeyProblem(f"The keyring of this system cannot be read ({kinds[0]}).") from None
    origin, _, key = entry.partition(" ")
    return StoredKey(key.strip(), origin) if key and origin.startswith(("http://", "https://")) else StoredKey(entry)


def put_into_keyring(name: str, stored: StoredKey) -> None:
    """Store a key for `name`. May wait for the user.

    Raises:
        KeyProblem: there is no keyring, or it refuses.
    """
    if not keyring_usable():
        raise KeyProblem("The keyring needs one more package: chatgrid-tui[keyring].")
    try:
        _keyring().set_password(_SERVICE, name, f"{stored.origin} {stored.key}".strip())
    except Exception as problem:
        # Only the type of the error: its message may repeat the key.
        raise KeyProblem(f"The keyring of this system refused the key ({type(problem).__name__}).") from None


def take_out_of_keyring(name: str) -> None:
    """Remove the key for `name`. May wait for the user.

    Raises:
        KeyProblem: the keyring refuses.
    """
    if not keyring_usable():
        return
    try:
        _keyring().delete_password(_SERVICE, name)
    except Exception as problem:
        kind = type(problem).__name__
        raise KeyProblem(f"The keyring of this system still has the key: it cannot be removed ({kind}).") from None


def _keyring() -> _Keyring:
    # Imported late, since it imports a dozen packages.
    return cast(_Keyring, importlib.import_module("keyring"))
