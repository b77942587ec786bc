"""Find what can be copied or opened separately in a text: its code blocks and its links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from chatgrid_tui.markdown.links import WebAddress, bare_addresses, other_address, web_address
from chatgrid_tui.markdown.parser import definitions, parse
from chatgrid_tui.text import clean, clean_line

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it.token import Token

LOOKED_AT: Final = 300_000
"""How many characters are searched: parsing takes seconds per million."""
_LONGEST_LABEL: Final = 80


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A block of code."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class LinkPiece:
    """A link that may be opened, or a picture. `named` is a different address in its label, if there is one."""

    label: str
    address: WebAddress
    named: str = ""


Piece: TypeAlias = CodePiece | LinkPiece


def pieces_of(source: str) -> list[Piece]:
    """Return the code blocks and links of a text in order, each address once."""
    text = clean(source[:LOOKED_AT])
    found: dict[object, Piece] = {}
    for chunk in parse(text, definitions(text)).chunks:
        for token in chunk.tokens:
            for piece in _pieces(token):
                found.setdefault(piece.address.url if isinstance(piece, LinkPiece) else len(found), piece)
    return list(found.values())


def _pieces(token: Token) -> Iterator[Piece]:
    match token.type:
        case "fence" | "code_block":
            yield CodePiece(clean_line(token.info).partition(" ")[0], token.content.removesuffix("\n"))
        case "inline":
            yield from _links(token.children or ())
        case _:
            pass


def _links(tokens: Iterable[Token]) -> Iterator[LinkPiece]:
    label: list[str] = []
    href: str | None = None
    for token in tokens:
        match token.type:
            case "link_open":
                label, href = [], str(token.attrGet("href") or "")
            case "link_close":
                yield from _link("".join(label), href or "")
                href = None
            case "image":
                yield from _link(token.content, str(token.attrGet("src") or ""))
            case _ if href is not None:
                label.append(token.content)
            case "text":
                for start, end in bare_addresses(token.content):
                    yield from _link("", token.content[start:end])
            case _:
                pass


def _link(label: str, url: str) -> Iterator[LinkPiece]:
    if (address := web_address(url)) is not None:
        yield LinkPiece(clean_line(label, _LONGEST_LABEL), address, other_address(label, address))
