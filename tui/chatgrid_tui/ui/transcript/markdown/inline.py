"""Draw the inline content of Markdown: emphasis, code, links, pictures, and HTML as it was written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.style import Style

from chatgrid_tui.markdown.links import WebAddress, bare_addresses, other_address, shows_host, web_address
from chatgrid_tui.ui.transcript.render import formats
from chatgrid_tui.ui.transcript.render.styles import Colour, Ink
from chatgrid_tui.ui.transcript.render.wrap import PAD, Run
from chatgrid_tui.ui.transcript.targets import LinkTarget

if TYPE_CHECKING:  # the parser is loaded when it is needed
    from markdown_it.token import Token

_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>|<!--[^\n]{0,400}?-->")


@dataclass(frozen=True, slots=True)
class Manner:
    """The default style of text."""

    part: Colour = "text"
    bold: bool = False
    italic: bool = False
    underline: bool = False

    def style(self, ink: Ink) -> Style:
        """Return the style on the ink's surface."""
        return ink(self.part, bold=self.bold, italic=self.italic, underline=self.underline)


PLAIN = Manner()


def draw_inline(tokens: Sequence[Token], ink: Ink, manner: Manner = PLAIN) -> list[Run]:
    """Return the runs of the children of an inline token."""
    return _Walk(ink, manner).walk(tokens)


class _Walk:
    def __init__(self, ink: Ink, manner: Manner) -> None:
        self.ink = ink
        self.runs: list[Run] = []
        self.manners = [manner]
        self.link: LinkTarget | None = None
        self.address: WebAddress | None = None
        self.link_from = 0
        self.href = ""

    def walk(self, tokens: Sequence[Token]) -> list[Run]:
        for token in tokens:
            match token.type:
                case "text" | "text_special":
                    self._text(token.content)
                case "softbreak" | "hardbreak":
                    self._add("\n")
                case "code_inline":
                    self._code(token.content)
                case "strong_open":
                    part = self.manners[-1].part
                    self.manners.append(
                        replace(self.manners[-1], bold=True, part="strong" if part == "text" else part)
                    )
                case "em_open":
                    self.manners.append(replace(self.manners[-1], italic=True))
                case "strong_close" | "em_close":
                    self.manners.pop()
                case "s_open" | "s_close":
                    self._add("~")
                case "link_open":
                    self._open_link(str(token.attrGet("href") or ""))
                case "link_close":
                    self._close_link()
                case "image":
                    self._image(token)
                case _:
                    self._add(token.content)
        return self.runs

    def _add(self, text: str, style: Style | None = None) -> None:
        if text:
            self.runs.append(Run(text.replace("\t", "    "), style or self.manners[-1].style(self.ink), self.link))

    def _text(self, text: str) -> None:
        if self.link is None:
            at = 0
            for start, end in bare_addresses(text):
                self._tags(text[at:start])
                self._bare(text[start:end])
                at = end
            text = text[at:]
        self._tags(text)

    def _tags(self, text: str) -> None:
        """Draw HTML as text with muted tags."""
        if "<" not in text:
            self._add(text)
            return
        at = 0
        for found in _TAG.finditer(text):
            self._add(text[at : found.start()])
            self._add(found.group(), self.ink("muted"))
            at = found.end()
        self._add(text[at:])

    def _code(self, text: str) -> None:
        if self.link is not None:
            self._add(text)
        elif self.ink.flat:
            self._add(text, self.ink(bold=True, italic=True))
        else:
            self._add(text, self.ink("code_ink", bold=self.manners[-1].bold))

    def _bare(self, text: str) -> None:
        address = web_address(text)
        if address is None:
            self._add(text)
            return
        self.link = LinkTarget(address.url, self.ink.next_place())
        self._add(text, self.ink("accent", underline=True))
        self.link = None

    def _open_link(self, href: str) -> None:
        self.href = href
        self.link_from = len(self.runs)
        self.manners.append(self.manners[-1])
        self.address = web_address(href)
        if self.address is not None:
            self.link = LinkTarget(href, self.ink.next_place())
            self.manners[-1] = replace(self.manners[-1], part="accent", underline=True)

    def _close_link(self) -> None:
        self.manners.pop()
        linked, self.link = self.link, None
        if linked is None or self.address is None:
            # Not a link: show where it would have led, so that nothing is hidden.
            said = "".join(run.text for run in self.runs[self.link_from :])
            if self.href and self.href.removeprefix("mailto:") != said:
                self._add(f" ({formats.line(self.href, 60, self.ink.signs)})", self.ink("muted"))
            return
        label = "".join(run.text for run in self.runs[self.link_from :]).replace(PAD, "")
        if not shows_host(label, self.address):
            if not label.strip():
                self.runs.append(Run(linked.url, self.ink("accent", underline=True), linked))
                return
            if named := other_address(label, self.address):
                linked_runs = self.runs[self.link_from :]
                asked = replace(linked, named=named)
                self.runs[self.link_from :] = [
                    run._replace(target=asked) if run.target == linked else run for run in linked_runs
                ]
            self._add(f" ({self.address.host})", self.ink("muted"))

    def _image(self, token: Token) -> None:
        source = str(token.attrGet("src") or "")
        name = formats.line(token.content or source.rsplit("/", 1)[-1] or "picture", 80, self.ink.signs)
        outer, address = self.link, web_address(source)
        self.link = None
        if address is not None:
            self.link = LinkTarget(address.url, self.ink.next_place(), other_address(name, address))
        self.runs.extend(
            file_runs(self.ink, "IMG", name, address, formats.line(source, 60, self.ink.signs), self.link)
        )
        self.link = outer


def file_runs(
    ink: Ink, tag: str, name: str, address: WebAddress | None, hint: str, target: LinkTarget | None
) -> list[Run]:
    """Return the runs of a picture in a text: its tag, its name as a link, and its address."""
    before, after = ("[", "]") if ink.flat else (PAD, PAD)
    name_style = ink("accent", underline=True) if address else ink("text")
    return [
        Run(f"{before}{tag}{after}", ink("text", on="tag", bold=True), target),
        Run("  ", ink("text")),
        Run(name, name_style, target),
        Run(f"  {address.host if address else hint}", ink("muted")),
    ]
