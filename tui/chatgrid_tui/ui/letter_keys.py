"""Keys that are letters: they are shown as capitals, so they work as capitals as well."""

from __future__ import annotations


def either_case(keys: str) -> str:
    """Return Textual's list of keys with both cases of each letter that stands alone: `c` is `c,C`.

    Shift and Caps Lock make another key of a letter, and Textual knows it by the letter itself.
    """
    either: dict[str, None] = {}
    for key in keys.split(","):
        name = key.strip()
        either |= dict.fromkeys((name, name.swapcase()) if len(name) == 1 and name.isalpha() else (name,))
    return ",".join(either)
