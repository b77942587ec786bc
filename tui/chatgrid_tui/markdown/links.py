"""Links: which addresses may be opened, where they lead, and where they are in a text.

Addresses are kept as written: decoding would break signed links and let control characters in.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatgrid_tui.text import clean

_LONGEST_URL = 2_000
"""The longest address in bytes that a browser is asked to open; nobody clicks longer ones."""

_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0\\\\\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Control characters and whitespace, the backslash (browsers read it as a slash), and invisible or bidi characters.
"""

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_IPV6 = re.compile(r"[0-9a-f:.]+")
_BARE = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]+")
_AFTER_SENTENCE = ".,;:!?)*_~"
_NAMED = r"""(?ix) (?<![\w-]) (?:
    (?: [a-z][a-z0-9+.-]*:/{1,2} | www\. ) [^\s<>"'`()]+    # with a scheme, or with www
    | (?: \d+\. ){3} \d+ (?: [:/?#] [^\s<>"'`()]* )?      # numbers
    | (?<!\.) (?: [\w-]+\. )+ [^\W\d_]{2,} (?: [:/?#] [^\s<>"'`()]* )?  # a name with dots, of a program perhaps
    )"""
"""Parts of a label that look like an address. Compiled by `re` when it is first used, as that takes milliseconds."""
_LOOKED_AT = 1_000
"""How many characters of a label are searched for an address."""
_TOP_LEVEL = (
    r"com|org|net|edu|gov|mil|int|info|biz|name|pro|app|dev|cloud|online|site|shop|store|bank|finance|money|blog|tech"
    r"|xyz|top|club|live|news|email|web|page|link|click|support|zone|world|agency|digital|software|systems|services"
    r"|example|test|invalid|localhost|local|internal|onion"
    r"|(?!(?:py|js|rs|sh|md|ts|go|gz|rb|so|pl|cc|hh|mk|ps|ml|hs|vb)$)[a-z]{2}|xn--.*|\d+"
)
"""Top-level domains. Names with dots are common in programs, so country domains that are also file extensions, as in
`main.rs`, are left out.
"""


def host_of(url: str) -> str:
    """Return the host that a browser would go to, in its DNS form (`xn--…`).

    It is empty if the address must not be opened: it has another scheme, a user name or password, control characters,
    whitespace or backslashes, or no valid host.
    """
    if len(url) > _LONGEST_URL or _UNSAFE.search(url) or not url.lower().startswith(("https://", "http://")):
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # `port` raises if it is invalid
    except ValueError:
        return ""
    if "@" in parts.netloc or not host:
        return ""
    if ":" in host:
        return host if _IPV6.fullmatch(host) else ""
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return host if _HOST.fullmatch(host) else ""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address that may be opened: `url` as written, `host` in its DNS form, with its port."""

    url: str
    host: str


def web_address(raw: str) -> WebAddress | None:
    """Return the address if it may be opened, or None."""
    host = host_of(raw)
    if not host or clean(raw) != raw or not raw.isprintable():
        return None
    port = urlsplit(raw).port
    return WebAddress(raw, host if port is None else f"{host}:{port}")


def shows_host(label: str, address: WebAddress) -> bool:
    """Return whether a label itself tells where its link leads."""
    label = label.strip()
    if label == address.url or label.casefold() == address.host.casefold():
        return True
    named = web_address(label)
    return named is not None and named.host == address.host


def other_address(label: str, address: WebAddress) -> str:
    """Return the address in a label if its link leads to another host, or an empty string."""
    for match in re.finditer(_NAMED, unicodedata.normalize("NFKC", label[:_LOOKED_AT]).replace("\u3002", ".")):
        name = match.group().rstrip(_AFTER_SENTENCE)
        host = _host_named(name)
        if host and not _same_host(host, address.host):
            return name
    return ""


def _host_named(name: str) -> str:
    """Return the host that readers would take a name for, or an empty string."""
    scheme = re.match(r"[a-z][a-z0-9+.-]*:/+", name, re.IGNORECASE)
    authority = re.split(r"[/?#]", name[scheme.end() :] if scheme else name, maxsplit=1)[0]
    host = re.sub(r":\d*$", "", authority.rpartition("@")[2]).rstrip(".").casefold()
    end = host.rpartition(".")[2]
    known = not end.isascii() or re.fullmatch(_TOP_LEVEL, end)
    if not scheme and not host.startswith("www.") and not known:
        return ""
    return host_of(f"https://{host}") or host


def _same_host(named: str, host: str) -> bool:
    """Return whether two hosts are the same, ignoring a leading `www.` and the port."""
    first, second = (re.sub(r":\d+$", "", name).removeprefix("www.") for name in (named, host))
    return first == second


def bare_addresses(text: str) -> list[tuple[int, int]]:
    """Return the positions of addresses in a text, as (start, end), without trailing punctuation."""
    if "://" not in text:
        return []
    spans: list[tuple[int, int]] = []
    for found in _BARE.finditer(text):
        address = found.group()
        while address and address[-1] in _AFTER_SENTENCE:
            if address[-1] == ")" and address.count("(") >= address.count(")"):
                break
            address = address[:-1]
        spans.append((found.start(), found.start() + len(address)))
    return spans
