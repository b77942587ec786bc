"""Read the fields of an object whose types may be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.text import mend_surrogates

_NOTHING: JsonObject = {}


class Fields:
    """An object from the wire. Null counts as missing. A field of the wrong type is ignored, and sets `wrong`."""

    __slots__ = ("object", "wrong")

    def __init__(self, payload: JsonObject) -> None:
        self.object = payload
        self.wrong = False
        """Whether a requested field had the wrong type."""

    def has(self, *names: str) -> bool:
        """Return whether any of the fields is present and not null."""
        return any(self.object.get(name) is not None for name in names)

    def text(self, name: str) -> str | None:
        """Return a string as sent; it may contain halves of surrogate pairs."""
        value = self.object.get(name)
        if value is None or isinstance(value, str):
            return value
        self.wrong = True
        return None

    def name(self, name: str) -> str | None:
        """Return an id or another short string, mended; None if empty."""
        value = self.text(name)
        return mend_surrogates(value) if value else None

    def inner(self, name: str) -> Fields:
        """Return the fields of an inner object, empty if there is none. It has its own `wrong`."""
        return Fields(self.inner_object(name) or _NOTHING)

    def inner_object(self, name: str) -> JsonObject | None:
        """Return an inner object as it was sent."""
        value = self.object.get(name)
        if value is None or isinstance(value, Mapping):
            return value
        self.wrong = True
        return None

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """Return the objects of a list."""
        items = self._items(name)
        objects = tuple(item for item in items if isinstance(item, Mapping))
        self.wrong = self.wrong or len(objects) < len(items)
        return objects

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the strings of a list."""
        items = self._items(name)
        texts = tuple(item for item in items if isinstance(item, str))
        self.wrong = self.wrong or len(texts) < len(items)
        return texts

    def number(self, name: str) -> int:
        """Return a count, or 0 if there is none."""
        value = self.object.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.wrong = self.wrong or value is not None
        return 0

    def _items(self, name: str) -> Sequence[Json]:
        value = self.object.get(name)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [item for item in value if item is not None]
        self.wrong = self.wrong or value is not None
        return ()
