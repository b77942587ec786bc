"""Mask the keys of a request in what comes back.

A service may send a key as it is, as JSON or HTML writes it, percent-encoded, or in Base64 after a user name, as in
`Basic` authorization.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from chatgrid_tui.config.secret import Secret, is_known, known_secrets
from chatgrid_tui.engine.transport import Credential
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.request import Request

SHORTEST: Final = 8
"""The shortest key that is masked. Shorter ones are ordinary words, such as `EMPTY` and `ollama`."""
_SHORTEST_PART: Final = 16
"""The shortest part of a header value that is a secret by itself."""
_ESCAPED_ASCII: Final = "\\u00"
_SECRET_NAME: Final = re.compile("auth|key|token|secret|cookie|passw|signature|credential|session|^code$|^sig$", re.I)
"""Matches the name of a header, or of a query parameter, that contains a secret."""
_VALUE_PARTS: Final = re.compile(r"[\s;,=\"]+")
_KEY_BEGINS: Final = re.compile(r"(?:[spr]k|gsk|key|hf|xai|gh[ops]|glpat|xox[abp])[-_]|AKIA|AIza|eyJ")
_MIXED: Final = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{12,}", re.IGNORECASE)
"""Matches letters and digits without an order, as in generated keys."""
_PASSWORD: Final = re.compile(r"(?=.*[A-Za-z])(?=.*\d)(?=.*[^\w./:@+=,;()*-])(?![\[{]).{12,}")
"""Matches letters, digits and signs, as in generated passwords."""
_SECRET_MEMBER: Final = re.compile("api[-_]?key|access[-_]?token|secret|passw|authorization", re.IGNORECASE)
"""Matches the name of a member of a body that contains a secret. Most that are called key or token contain none."""

_NOT_SHOWN: Final = re.compile(r"[^\w.+/=~-]", re.ASCII)
_MASK: Final = re.compile(r"\[key \.\.\..*\]")


class Span(NamedTuple):
    """The place of a key in a text, and the mask for it."""

    start: int
    end: int
    mask: str


class KeyMask:
    """Masks keys in texts. Keys are ASCII, so bytes can be decoded as Latin-1."""

    def __init__(self, keys: Collection[Secret]) -> None:
        """`keys` must not be empty."""
        self._masks: dict[str, str] = {}
        for key in sorted(keys, key=lambda key: len(key.reveal()), reverse=True):  # a key may be part of another
            for spelling in _spellings(key.reveal()):
                self._masks.setdefault(spelling, mask_of(key))
        self._longest = max(map(len, self._masks))
        self._initial = re.compile(f"[{re.escape(''.join({spelling[0] for spelling in self._masks}))}]")

    @classmethod
    def of_all(cls, keys: Collection[Secret]) -> KeyMask | None:
        """Return the mask for those of some keys that are masked; None if there are none."""
        long_enough = [key for key in keys if len(key.reveal()) >= SHORTEST]
        return cls(long_enough) if long_enough else None

    @classmethod
    def of(cls, request: Request, key: Credential | None) -> KeyMask | None:
        """Return the mask for the keys of a request, or None if it has none to be masked."""
        return cls.of_all([*_secrets(request, key)])

    @property
    def spellings(self) -> Collection[tuple[str, str]]:
        """Each spelling of each key, and the mask for it."""
        return self._masks.items()

    def text(self, text: str) -> str:
        """Return a text with its keys masked."""
        for spelling, mask in self._masks.items():
            if spelling in text:
                text = text.replace(spelling, mask)
        return text

    def data(self, data: bytes) -> bytes:
        """Return bytes with their keys masked."""
        return self.text(data.decode("latin-1")).encode("latin-1")

    def json(self, value: Json) -> Json:
        """Return a JSON value with the keys in its strings and names masked."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(name): self.json(inner) for name, inner in value.items()}
            case list() | tuple():
                return [self.json(inner) for inner in value]
            case _:
                return value

    def failure(self, failure: Failure) -> Failure:
        """Return a failure with the keys in its texts masked."""
        code, message = (None if text is None else self.text(text) for text in (failure.code, failure.message))
        place, field = self.text(failure.place), self.text(failure.field)
        return replace(failure, code=code, message=message, place=place, field=field)

    def may_be_in(self, json_text: str) -> bool:
        """Return whether the strings in a JSON text can contain a key."""
        return _ESCAPED_ASCII in json_text or self.is_in(json_text)

    def is_in(self, text: str) -> bool:
        """Return whether a text holds a key."""
        return any(spelling in text for spelling in self._masks)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the spans of the keys in a text, in order."""
        if not self.is_in(text):  # much faster than the pattern, which holds up all other threads
            return iter(())
        pattern = re.compile("|".join(map(re.escape, self._masks)))
        return (Span(*match.span(), self._masks[match[0]]) for match in pattern.finditer(text))

    def begun(self, text: str) -> int:
        """Return how many characters at the end of a text may be the start of a key."""
        tail = text[max(0, len(text) - self._longest + 1) :]
        for initial in self._initial.finditer(tail):
            beginning = tail[initial.start() :]
            if any(spelling.startswith(beginning) for spelling in self._masks):
                return len(beginning)
        return 0

    def unfinished(self, beginning: str) -> str:
        """Return what to show of a key if only its start arrived. A long start is masked as well."""
        if len(beginning) < SHORTEST:
            return beginning
        return next(mask for spelling, mask in self._masks.items() if spelling.startswith(beginning))


def without_known_keys(text: str) -> str:
    """Return a text with every key that this process knows masked."""
    mask = _mask_of(known_secrets())
    return text if mask is None else mask.text(text)


@lru_cache(maxsize=1)
def _mask_of(keys: tuple[Secret, ...]) -> KeyMask | None:
    return KeyMask.of_all(keys)


MASK: Final = re.compile(r"\[key \.\.\.[!-~]{0,4}\]")
"""Matches what `mask_of` returns."""


def mask_of(secret: Secret) -> str:
    """Return the mask for a key. It has no characters that JSON, HTML or a shell would read as their own."""
    return f"[key ...{_NOT_SHOWN.sub('', str(secret))}]"


def names_secret(name: str) -> bool:
    """Return whether a header or query parameter with this name contains a secret."""
    return _SECRET_NAME.search(name) is not None


def secret_values(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the values of configured headers that look like keys, whatever the names of the headers."""
    return (part for _, value in headers for part in _parts(value) if _looks_secret(part))


def _parts(value: str) -> Iterator[str]:
    """Yield the words of a header value, and what separators leave of them."""
    return iter(dict.fromkeys((*value.split(), *_VALUE_PARTS.split(value))))


def _looks_secret(part: str) -> bool:
    if len(part) < SHORTEST or "://" in part:
        return False
    return bool(_KEY_BEGINS.match(part) or _MIXED.search(part) or _PASSWORD.match(part))


def _secrets(request: Request, key: Credential | None) -> Iterator[Secret]:
    """Yield the key of a request, and other secrets in its headers and URL."""
    if key is not None:
        yield key.secret
    for name, value in request.headers:
        parts = _parts(value)
        if names_secret(name):
            yield Secret.seen(value.rpartition(" ")[2])
            yield from (Secret.seen(part) for part in parts if len(part) >= _SHORTEST_PART)
        else:
            yield from (Secret.seen(part) for part in parts if is_known(part))
    try:
        address = urlsplit(request.url)
    except ValueError:  # requests are never sent to such a URL
        return
    if address.password:
        yield Secret.seen(unquote(address.password))
    for name, value in parse_qsl(address.query):
        if names_secret(name) and _MASK.fullmatch(value) is None:  # a recorded one is masked already
            yield Secret.seen(value)
    yield from _secret_members(request.body)


def _secret_members(body: Json) -> Iterator[Secret]:
    """Yield the secrets in a JSON body. Some clients send their key there."""
    to_visit = [body]
    while to_visit:
        value = to_visit.pop()
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if not isinstance(inner, str):
                    to_visit.append(inner)
                elif len(inner) >= _SHORTEST_PART and _SECRET_MEMBER.search(name) and not _MASK.fullmatch(inner):
                    yield Secret.seen(inner.removeprefix("Bearer "))
        elif isinstance(value, list):
            to_visit += value


def _spellings(key: str) -> Iterator[str]:
    for escaped in (key, json.dumps(key)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")  # which JSON allows
    yield escape(key)
    yield escape(key, quote=False)
    percent = quote(key, safe="")
    yield percent
    yield re.sub("%..", lambda escape: escape[0].lower(), percent)
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):  # Base64 depends on the position of the key within its group of three bytes
            encoded = encode(b"\0" * before + key.encode()).decode()
            yield encoded[-(-8 * before // 6) : (before + len(key)) * 8 // 6]
