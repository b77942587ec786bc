"""A cURL command as people paste it from documents and browsers: which provider it talks to.

Only what a provider is made of is taken: kind, address, key, board, the headers that a gateway may ask for, and the
system prompt and parameters of an OpenAI-compatible chat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from chatgrid_tui.config.curl_chat import FoundChat, read_chat
from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.config.keys import checked
from chatgrid_tui.config.providers import header_problem
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.shell_words import LONGEST, variable_in, variables_in, words_of
from chatgrid_tui.dialects.registry import DIALECTS, all_presets
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.text import clean_line, mend_surrogates

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
"""Headers that belong to one request and not to a provider; so do all that begin with `sec-`."""
_ABOUT_OUTPUT: Final = frozenset({
    "-s", "--silent", "-S", "--show-error", "-N", "--no-buffer", "-i", "--include", "--show-headers", "-v",
    "--verbose", "-f", "--fail", "--fail-with-body", "-o", "--output", "-w", "--write-out", "-D", "--dump-header",
    "-#", "--progress-bar", "--compressed", "-g", "--globoff", "--http1.1", "--http2", "-0",
})  # fmt: skip
"""Options about what cURL prints and how it speaks HTTP: a provider loses nothing without them."""
_MOST_FIELDS: Final = 12
_PLACEHOLDER: Final = re.compile(r"(?i)<.*>|.*\byour\b.*|your[-_].*|.*[-_]your[-_].*|x{4,}|\*+|\.{3}|…|.*(\.\.\.|…)")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]*")
_IN_BOARDS: Final = re.compile(r"/boards/([^/]+)")
_LONGEST_BOARD: Final = 300


@dataclass(frozen=True, slots=True)
class FoundCommand:
    """What a command says of a provider. What it does not say is empty."""

    kind: str | None = None
    address: str = ""
    key: Secret | None = None
    variable: str = ""
    """The environment variable that holds the key."""
    board: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    key_header: str = ""
    path: str = ""
    private: bool = False
    system: str = ""
    parameters: tuple[tuple[str, Json], ...] = ()
    taken: tuple[str, ...] = ()
    """What was taken, in words."""
    left_out: tuple[str, ...] = ()
    """What was not, in words."""


def read_command(command: str) -> FoundCommand:
    """Return what a cURL command says of a provider. Never raises, and never repeats a key in its words."""
    if len(command) > LONGEST:
        return FoundCommand(left_out=("all of it: the command is too long",))
    request = _Request()
    request.read(words_of(command))
    kind = _kind_of(request)
    path = urlsplit_path(request.url)
    address, trouble = base_address(kind or "openai", request.url)
    reading = _Reading(request)
    board = _board_of(kind, path, request.body)
    key_header = reading.key_header if kind and reading.key_header in _named_headers(kind) else ""
    if kind is not None and reading.key_header and reading.key_header not in _carriers(kind):
        reading.left_out.append(
            f"the header {reading.key_header}, since {DIALECTS[kind].name} has another for the key"
        )
    if not trouble:
        reading.taken.insert(0, "the address")
        if "?" in request.url and "?" not in address:
            reading.left_out.insert(0, "the query of the address")
    elif request.url:
        reading.left_out.insert(0, _unusable(request.url))
    if kind != "openai":
        reading.left_out += _other_fields(kind, request.body)
    if board and kind is not None:
        reading.taken.append(f"the {DIALECTS[kind].nouns.one} {clean_line(board, 60)}")
    chat = read_chat(request.body) if kind == "openai" else FoundChat()
    if chat.system:
        reading.taken.append("the system prompt")
    reading.taken += [name for name, _ in chat.parameters]
    return FoundCommand(
        kind=kind,
        address=address if not trouble else "",
        key=reading.key,
        variable=reading.variable,
        board=board,
        headers=tuple(reading.headers),
        key_header=key_header,
        path="/chat" if kind == "widget" and path.endswith("/chat") and not path.endswith("/v1/chat") else "",
        private=kind == "chatiq" and request.body.get("private_mode") is True,
        system=chat.system,
        parameters=chat.parameters,
        taken=tuple(reading.taken),
        left_out=tuple(dict.fromkeys((*reading.left_out, *chat.left_out))),
    )


def _key_headers() -> frozenset[str]:
    """Return the headers, in small letters, in which any kind of service takes a key."""
    return frozenset[str]().union(*map(_carriers, DIALECTS))


def _carriers(kind: str) -> frozenset[str]:
    """Return the headers, in small letters, in which a kind of service takes a key."""
    return frozenset(name.lower() for name in DIALECTS[kind].key_headers)


def _named_headers(kind: str) -> frozenset[str]:
    """Return those of them that a configuration has to name, in small letters."""
    return _carriers(kind) - {DIALECTS[kind].key_headers[0].lower()}


def _unusable(url: str) -> str:
    variables = variables_in(url)
    if variables:
        return f"the address, in which {clean_line(variables[0], 60)} is a variable"
    return "an address that cannot be used"


def _other_fields(kind: str | None, body: Mapping[str, Json]) -> list[str]:
    """Return the fields of a body that belong to one message and not to a provider."""
    taken = {"stream"} | ({"bot_slug", "private_mode"} if kind == "chatiq" else set())
    names = [clean_line(mend_surrogates(name), 40) or "a field without name" for name in body if name not in taken]
    more = [f"{len(names) - _MOST_FIELDS:,} more fields"] if len(names) > _MOST_FIELDS else []
    return names[:_MOST_FIELDS] + more


def urlsplit_path(url: str) -> str:
    """Return the path of an address without a slash at its end; empty where it cannot be read."""
    try:
        return urlsplit(url if "://" in url else f"//{url}").path.rstrip("/")
    except ValueError:
        return ""


class _Request:
    """The parts of a command: its address, headers, and the object of its body."""

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
                    name, _, its = value.partition(":")
                    self.headers.append((name.strip(), its.strip()))
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
            self.left_out.append("the body, which is no JSON object")


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Give each option with its value, and what stands alone with an empty option."""
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
        elif word.startswith("-") and len(word) > 1:  # flags in one word, the last of them with a value: -sSX POST
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


class _Reading:
    """What the headers say: the key, those that go along, those that do not."""

    def __init__(self, request: _Request) -> None:
        self.key: Secret | None = None
        self.variable = ""
        self.key_header = ""
        self.headers: list[tuple[str, str]] = []
        self.taken: list[str] = []
        self.left_out = list(request.left_out)
        for name, value in request.headers:
            self._header(name, value)
        if self.headers:
            named = ", ".join(clean_line(name, 40) for name, _ in self.headers)
            self.taken.append(f"the header{'s' if len(self.headers) > 1 else ''} {named}")

    def _header(self, name: str, value: str) -> None:
        lower = name.lower()
        if lower == "authorization":
            scheme, _, rest = value.partition(" ")
            if scheme.lower() == "bearer" or variable_in(value):
                self._take_key("authorization", rest.strip() or value)
            else:
                self.left_out.append(f"a key of the kind {clean_line(scheme, 20)}" if rest else "authorization")
        elif lower in _key_headers():
            self._take_key(lower, value)
        elif lower in _NOT_NEEDED or lower.startswith("sec-"):
            self.left_out.append(lower)
        elif not name or header_problem(name, value) or not value:
            self.left_out.append(
                f"{clean_line(lower, 40)}, which no header can be" if name else "a header without name"
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
                self.left_out.append("a key with a blank or a letter that no key has")
            else:
                self.taken.append("the key")


def _kind_of(request: _Request) -> str | None:
    """Tell the kind by host, path and body; None where they do not say."""
    try:
        host = (urlsplit(request.url if "://" in request.url else f"//{request.url}").hostname or "").lower()
    except ValueError:
        host = ""
    path, body = urlsplit_path(request.url), request.body
    named = {name.lower() for name, _ in request.headers}
    if host.endswith("chatgrid.ai") or re.search(r"/boards(/[^/]+/chats)?", path):
        return "chatgrid"
    if host in ("chatiq.io", "www.chatiq.io") or "bot_slug" in body:
        return "chatiq"
    if path.endswith(("/chat/completions", "/invocations", "/models")) or "messages" in body:
        return "openai"
    if "sessionId" in body or path.endswith("/v1/chat/stream") or named & _carriers("widget"):
        return "widget"
    if any(urlsplit(preset.base_url).netloc == host for _, preset in all_presets()):
        return "openai"
    return "chatiq" if path.endswith("/api/chat") and "message" in body else None


def _board_of(kind: str | None, path: str, body: Mapping[str, Json]) -> str:
    match kind:
        case "chatgrid":
            found = _IN_BOARDS.search(path)
            board: Json = unquote(found[1]) if found else ""
        case "chatiq":
            board = body.get("bot_slug")
        case "openai":
            board = body.get("model")
        case _:
            board = ""
    usable = isinstance(board, str) and len(board) <= _LONGEST_BOARD and _ID.fullmatch(board)
    return str(board) if usable and not _PLACEHOLDER.fullmatch(str(board)) else ""
