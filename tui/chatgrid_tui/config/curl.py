"""Read a cURL command, as pasted from documentation or a browser, and find out which provider it talks to.

Only what belongs to a provider is used: kind, address, key, board, headers that a gateway may require, and the
options that its kind reads from a request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.config.api_keys import checked
from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.config.field_text import header_problem
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.shell_words import LONGEST, variable_in, variables_in, words_of
from chatgrid_tui.dialects.kind_guess import dialect_of
from chatgrid_tui.dialects.pasted_request import PastedRequest, PastedSettings, other_fields
from chatgrid_tui.dialects.registry import DIALECTS, PLAINEST_KIND
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import OptionValue
from chatgrid_tui.text import clean_line

_WITH_VALUE: Final = frozenset({
    "-X", "--request", "-H", "--header", "-d", "--data", "--data-raw", "--data-binary", "--data-ascii",
    "--data-urlencode", "--json", "--url", "-u", "--user", "-A", "--user-agent", "-e", "--referer", "-b", "--cookie",
    "-c", "--cookie-jar", "-o", "--output", "-m", "--max-time", "--connect-timeout", "-x", "--proxy", "-F", "--form",
    "--oauth2-bearer", "--retry", "-w", "--write-out", "--cacert", "--cert", "-E", "--key", "--resolve", "-T",
    "--upload-file", "-D", "--dump-header", "--interface", "--limit-rate", "-r", "--range", "--ciphers",
    "--proxy-user", "-U", "--tls-max", "--retry-delay",
})  # fmt: skip
_BODY: Final = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_NOT_NEEDED: Final = frozenset({
    "accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-length", "content-type",
    "cookie", "dnt", "host", "pragma", "priority", "te", "upgrade-insecure-requests", "user-agent",
})  # fmt: skip
"""Headers that belong to one request and not to a provider, like all those that start with `sec-`."""
_ABOUT_OUTPUT: Final = frozenset({
    "-s", "--silent", "-S", "--show-error", "-N", "--no-buffer", "-i", "--include", "--show-headers", "-v",
    "--verbose", "-f", "--fail", "--fail-with-body", "-o", "--output", "-w", "--write-out", "-D", "--dump-header",
    "-#", "--progress-bar", "--compressed", "-g", "--globoff", "--http1.1", "--http2", "-0",
})  # fmt: skip
"""Options about cURL's output and its HTTP version, which are irrelevant to a provider."""
_PLACEHOLDER: Final = re.compile(r"(?i)<.*>|.*\byour\b.*|your[-_].*|.*[-_]your[-_].*|x{4,}|\*+|\.{3}|…|.*(\.\.\.|…)")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]*")
_LONGEST_BOARD: Final = 300


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """What a command says about a provider. Anything that it does not say is empty."""

    kind: str | None = None
    address: str = ""
    key: Secret | None = None
    variable: str = ""
    """The environment variable with the key."""
    board: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    """Options of the kind, by name."""
    taken: tuple[str, ...] = ()
    """Descriptions of what was used."""
    left_out: tuple[str, ...] = ()
    """Descriptions of what was not used."""


def read_command(command: str) -> CurlCommand:
    """Return what a cURL command says about a provider. Never raises, and never repeats a key in a description."""
    if len(command) > LONGEST:
        return CurlCommand(left_out=("all of it: the command is too long",))
    request = _Request()
    request.read(words_of(command))
    pasted = PastedRequest(
        _host(request.url), _path(request.url), frozenset(name.lower() for name, _ in request.headers), request.body
    )
    dialect = dialect_of(pasted)
    address, problem = base_address(dialect.kind if dialect else PLAINEST_KIND, request.url)
    headers = _Headers(request)
    settings = dialect.read_pasted(pasted) if dialect else PastedSettings(left_out=other_fields(request.body))
    if not problem:
        headers.taken.insert(0, "the address")
        if "?" in request.url and "?" not in address:
            headers.left_out.insert(0, "the query of the address")
    elif request.url:
        headers.left_out.insert(0, _unusable(request.url))
    board = settings.board if _is_board(settings.board) else ""
    options = dict(settings.options)
    if dialect and headers.key_header:
        carriers = [name.lower() for name in dialect.key_headers]
        if headers.key_header not in carriers:
            headers.left_out.append(f"the header {headers.key_header}, since {dialect.name} has another for the key")
        elif headers.key_header != carriers[0]:
            options["key_header"] = headers.key_header
    if dialect and board:
        headers.taken.append(f"the {dialect.nouns.one} {clean_line(board, 60)}")
    return CurlCommand(
        kind=dialect.kind if dialect else None,
        address="" if problem else address,
        key=headers.key,
        variable=headers.variable,
        board=board,
        headers=tuple(headers.headers),
        options=options,
        taken=(*headers.taken, *settings.taken),
        left_out=tuple(dict.fromkeys((*headers.left_out, *settings.left_out))),
    )


def _is_board(board: str) -> bool:
    usable = len(board) <= _LONGEST_BOARD and _ID.fullmatch(board) is not None
    return usable and not _PLACEHOLDER.fullmatch(board)


def _unusable(url: str) -> str:
    if variables := variables_in(url):
        return f"the address, in which {clean_line(variables[0], 60)} is a variable"
    return "an address that cannot be used"


def _path(url: str) -> str:
    """Return the path of an address without trailing slashes, or empty if it cannot be parsed."""
    try:
        return urlsplit(url if "://" in url else f"//{url}").path.rstrip("/")
    except ValueError:
        return ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url if "://" in url else f"//{url}").hostname or "").lower()
    except ValueError:
        return ""


class _Request:
    """The parts of a command: its address, headers, and the JSON object of its body."""

    def __init__(self) -> None:
        self.url = ""
        self.headers: list[tuple[str, str]] = []
        self.body: Mapping[str, Json] = {}
        self.left_out: list[str] = []
        self._pieces: list[str] = []

    def read(self, words: list[str]) -> None:
        """Read the words of a command."""
        for option, value in _options(words[1:]):
            match option:
                case "":
                    if not self.url or ("://" in value and "://" not in self.url):
                        self.url = value
                case "--url":
                    self.url = value
                case "-H" | "--header":
                    name, _, content = value.partition(":")
                    self.headers.append((name.strip(), content.strip()))
                case "--oauth2-bearer":
                    self.headers.append(("Authorization", f"Bearer {value}"))
                case "-e" | "--referer":
                    self.headers.append(("Referer", value))
                case "-b" | "--cookie":
                    self.left_out.append("cookie")
                case "-A" | "--user-agent":
                    self.left_out.append("user-agent")
                case "-u" | "--user":
                    self.left_out.append("a user with a password")
                case "-X" | "--request" if value.upper() in ("GET", "POST"):
                    continue
                case _ if option in _BODY:
                    self._pieces.append(value)
                case _ if option not in _ABOUT_OUTPUT:
                    self.left_out.append(f"the option {clean_line(option, 40)}")
        text = "".join(self._pieces)
        self.body = _object(text)
        if text.startswith("@"):
            self.left_out.append("the body, which is in a file")
        elif text.strip() and not self.body and text.strip() != "{}":
            self.left_out.append("the body, which is not a JSON object")


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value, and each plain argument with an empty option."""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in _WITH_VALUE:
            if at < len(words):
                yield word, words[at]
            at += 1
        elif word.startswith("--"):
            name, _, value = word.partition("=")
            yield name, value
        elif (
            word.startswith("-") and len(word) > 1
        ):  # flags in one word, the last of which may take a value: -sSX POST
            takes = next((place for place in range(1, len(word)) if f"-{word[place]}" in _WITH_VALUE), None)
            yield from ((f"-{flag}", "") for flag in word[1:takes])
            if takes is not None and takes + 1 < len(word):
                yield f"-{word[takes]}", word[takes + 1 :]
            elif takes is not None and at < len(words):
                yield f"-{word[takes]}", words[at]
                at += 1
        elif word not in ("|", ";", "&&"):
            yield "", word
        else:
            return


def _object(text: str) -> Mapping[str, Json]:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


class _Headers:
    """What the headers say: the key, and which of the others belong to the provider."""

    def __init__(self, request: _Request) -> None:
        self.key: Secret | None = None
        self.variable = ""
        self.key_header = ""
        self.headers: list[tuple[str, str]] = []
        self.taken: list[str] = []
        self.left_out = list(request.left_out)
        key_headers = {name.lower() for dialect in DIALECTS.values() for name in dialect.key_headers}
        for name, value in request.headers:
            self._read(name, value, key_headers)
        if self.headers:
            named = ", ".join(clean_line(name, 40) for name, _ in self.headers)
            self.taken.append(f"the header{'s' if len(self.headers) > 1 else ''} {named}")

    def _read(self, name: str, value: str, key_headers: Collection[str]) -> None:
        lower = name.lower()
        if lower == "authorization":
            scheme, _, rest = value.partition(" ")
            if scheme.lower() == "bearer" or variable_in(value):
                self._take_key("authorization", rest.strip() or value)
            else:
                self.left_out.append(f"a key of the kind {clean_line(scheme, 20)}" if rest else "authorization")
        elif lower in key_headers:
            self._take_key(lower, value)
        elif lower in _NOT_NEEDED or lower.startswith("sec-"):
            self.left_out.append(lower)
        elif not name or header_problem(name, value) or not value:
            self.left_out.append(
                f"{clean_line(lower, 40)}, which is not a valid header" if name else "a header without a name"
            )
        elif "$" in value or variable_in(value):
            self.left_out.append(f"{clean_line(lower, 40)}, whose value is a variable")
        elif lower not in {known.lower() for known, _ in self.headers}:
            self.headers.append((name, value))

    def _take_key(self, header: str, value: str) -> None:
        if self.key is not None or self.variable:
            self.left_out.append("a second key")
        elif variable := variable_in(value):
            self.variable, self.key_header = variable, header
            self.taken.append(f"the key from {clean_line(variable, 60)}")
        elif not value or _PLACEHOLDER.fullmatch(value):
            self.key_header = header
            self.left_out.append("the key, which is only a placeholder")
        else:
            try:
                self.key, self.key_header = checked(value, "the command"), header
            except KeyProblem:
                self.left_out.append("a key with a space or a character that keys cannot have")
            else:
                self.taken.append("the key")
