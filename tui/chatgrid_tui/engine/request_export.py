"""Exports a recorded request as a cURL command, and as a Python program that uses httpx.

Keys are not recorded. The exported request reads them from environment variables of the user who runs it.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from chatgrid_tui.config.field_text import header_problem, is_header_name
from chatgrid_tui.dialects.dialect import BEARER
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.key_mask import MASK, names_secret, secret_values
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import request_line
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.http_server.messages import HOP_BY_HOP
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Method
from chatgrid_tui.text import clean

ExportFormat: TypeAlias = Literal["curl", "httpx"]
BODY_FILE: Final = "body.bin"
"""The file for a body that cannot be an argument of the command."""
_LONGEST_ARGUMENT: Final = 100_000
"""The maximum bytes of a body in an argument of the command. Linux allows 131,071."""
_OF_THE_CONNECTION: Final = HOP_BY_HOP | {"accept-encoding", "content-length", "expect", "host"}
"""Headers that the sending program sets itself. `Host` only counts as one if the URL has the same."""
_IN_URL: Final = "%/:?#[]@!$&'()*+,;=~|"
_IN_DOUBLE_QUOTES: Final = re.compile(r"[\w :./,=-]*", re.ASCII)
_NO_VARIABLE: Final = re.compile(r"\W+", re.ASCII)
_PARAMETER: Final = re.compile(r"([^?&=]*)=\Z")


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of an environment variable, as a part of a text."""

    name: str


Text: TypeAlias = "tuple[str | Variable, ...]"


@dataclass(frozen=True, slots=True)
class ExportedRequest:
    """A request that another program can send."""

    method: Method
    url: Text
    headers: tuple[tuple[str, Text], ...]
    body: bytes | None
    """None if there is no body."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the environment variables that it reads."""
        texts = (self.url, *(value for _, value in self.headers))
        return tuple(dict.fromkeys(part.name for text in texts for part in text if isinstance(part, Variable)))

    @property
    def body_file(self) -> bytes | None:
        """The required content of `BODY_FILE` for the command; None if the command contains the body.

        It contains the body if that can be copied and used as an argument.
        """
        if self.body is None:
            return None
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            return self.body
        fits = len(self.body) <= _LONGEST_ARGUMENT and not text.startswith("@") and clean(text) == text
        return None if fits else self.body


def export_request(recording: Recording, provider: Provider | None, variable: str = "") -> ExportedRequest:
    """Return the request of a recording.

    Headers that are recorded by name only get the values that `provider` currently gives them. Those that may hold a
    secret become environment variables; that of the key is `variable`, or is named after the provider. `provider` is
    None for a recording from elsewhere.

    Raises:
        UsageProblem: no other program could send the request.
    """
    line = request_line(recording)
    url = str(line["url"])
    _refuse_unusable(url)
    body, media_type = _body_of(line.get("postData"))
    headers = dict(_headers(recording, provider, key_variable(provider, variable)))
    if body is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = (media_type,)
    return ExportedRequest(recording.request.method, _url(url), tuple(headers.items()), body)


def key_variable(provider: Provider | None, configured: str = "") -> str:
    """Return the name of the environment variable for the key of a provider: the configured one if a shell accepts
    it, else one named after the provider.
    """
    if configured.isascii() and configured.isidentifier():
        return configured
    return f"{_variable_name('api' if provider is None else provider.name)}_KEY"


def as_curl(request: ExportedRequest, body_file: str = BODY_FILE) -> str:
    """Return a command for a POSIX shell. If the request has a `body_file`, write that to `body_file` first."""
    url = _shell_word(request.url)
    is_head = request.method == "HEAD" and request.body is None  # with -X, cURL would wait for a body
    parts = ["curl -N -sS", "-I" if is_head else f"-X {request.method}", url]
    if any(character in url for character in "[]{}"):
        parts.insert(1, "-g")  # otherwise these are patterns
    lines = [" ".join(parts)]
    for name, value in request.headers:
        lines.append(f"-H {_shell_word(_header_line(name, value))}")
    if request.body_file is not None:
        lines.append(f"--data-binary {_shell_word((f'@{body_file}',))}")
    elif request.body is not None:
        lines.append(f"--data-binary {_shell_word((request.body.decode(),))}")
    return " \\\n  ".join(lines)


def as_httpx(request: ExportedRequest) -> str:
    """Return a Python program that sends the request, and prints the answer line by line as it arrives."""
    lines = ["import os", ""] if request.variables else []
    lines += ["import httpx", "", "headers = {"]
    lines += [f"    {_literal(name)}: {_expression(value)}," for name, value in request.headers]
    lines.append("}")
    arguments = [_literal(request.method), _expression(request.url), "headers=headers"]
    if request.body is not None:
        lines.append(f"body = {_bytes_expression(request.body)}")
        arguments.append("content=body")
    lines += [
        f"with httpx.stream({', '.join(arguments)}, timeout=None) as response:",
        "    print(response.status_code)",
        "    for line in response.iter_lines():",
        "        print(line, flush=True)",
    ]
    return "\n".join(lines)


def _header_line(name: str, value: Text) -> Text:
    """Return a header for cURL, which has a special form for a header without a value."""
    match value:
        case ("",):
            return (f"{name};",)
        case (str(text), *rest):
            return (f"{name}: {text}", *rest)
        case _:
            return (f"{name}: ", *value)


def _headers(recording: Recording, provider: Provider | None, variable: str) -> list[tuple[str, Text]]:
    """Return the headers that the service needs, without duplicates."""
    recorded = {name.lower(): (name, value) for name, value in recording.request.headers}
    configured = {name.lower(): (name, value) for name, value in (() if provider is None else provider.headers)}
    secret_headers = {name for name, value in configured.values() if any(secret_values([(name, value)]))}
    dialect = DIALECTS.get(recording.kind if provider is None else provider.kind)
    key_headers = {name.lower() for name in (() if dialect is None else dialect.key_headers)} | {BEARER.lower()}
    own = "" if dialect is None or provider is None else dialect.header_of(provider)[0]
    host = urlsplit(recording.request.url).netloc.rpartition("@")[2].lower()
    headers: list[tuple[str, Text]] = []
    for lower in dict.fromkeys((*recording.redacted, *recorded)):
        name, value = configured.get(lower) or recorded.get(lower) or (lower, None)
        other_host = lower == "host" and value is not None and value.lower() != host
        if not is_header_name(name) or (lower in _OF_THE_CONNECTION and not other_host):
            continue
        if lower == own.lower() or (value is None and lower in key_headers):
            prefix = ("Bearer ",) if lower == BEARER.lower() else ()
            headers.append((own if lower == own.lower() else name, (*prefix, Variable(variable))))
        elif value is None or names_secret(name) or MASK.search(value) or name in secret_headers:
            headers.append((name, (Variable(_variable_name(name)),)))
        elif not header_problem(name, value):
            headers.append((name, (value,)))
    return headers


def _refuse_unusable(url: str) -> None:
    """Raise `UsageProblem` if programs cannot send a request to a URL."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise UsageProblem("The address of this request cannot be used.")


def _url(url: str) -> Text:
    """Return a URL with a variable in place of each masked key, percent-encoded elsewhere."""
    parts: list[str | Variable] = []
    at = 0
    for mask in MASK.finditer(url):
        parts.append(quote(url[at : mask.start()], safe=_IN_URL))
        parameter = _PARAMETER.search(url[: mask.start()])
        parts.append(Variable(_variable_name(parameter[1] if parameter else "secret")))
        at = mask.end()
    return tuple(part for part in (*parts, quote(url[at:], safe=_IN_URL)) if part != "")


def _body_of(data: Json) -> tuple[bytes | None, str]:
    """Return the recorded body, and its media type.

    Raises:
        UsageProblem: the body does not match its own description.
    """
    if not isinstance(data, Mapping) or not isinstance(text := data.get("text"), str):
        return None, ""
    media_type = data.get("mimeType")
    try:
        body = b64decode(text) if data.get("encoding") == "base64" else text.encode("utf-8", "surrogatepass")
    except ValueError:
        raise UsageProblem("The body of this request is recorded in Base64, and cannot be read.") from None
    return body, media_type if isinstance(media_type, str) else "application/octet-stream"


def _variable_name(name: str) -> str:
    """Return a name in the form of an environment variable."""
    upper = _NO_VARIABLE.sub("_", name).strip("_").upper()
    return f"_{upper}" if upper[:1].isdigit() else upper or "SECRET"


def _shell_word(text: Text) -> str:
    """Return a text as one word of a POSIX shell."""
    if isinstance(text[-1], Variable) and all(
        isinstance(part, str) and _IN_DOUBLE_QUOTES.fullmatch(part) for part in text[:-1]
    ):
        return f'"{"".join(part for part in text[:-1] if isinstance(part, str))}${text[-1].name}"'
    return "".join(f'"${part.name}"' if isinstance(part, Variable) else _quoted(part) for part in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _expression(text: Text) -> str:
    """Return a text as a Python expression."""
    parts = (f'os.environ["{part.name}"]' if isinstance(part, Variable) else _literal(part) for part in text)
    return " + ".join(parts)


def _bytes_expression(body: bytes) -> str:
    try:
        return f"{_literal(body.decode())}.encode()"
    except UnicodeDecodeError:
        return repr(body)


def _literal(text: str) -> str:
    """Return a text as a Python literal that can be copied."""
    literal = repr(text)
    return literal if clean(literal) == literal else ascii(text)
