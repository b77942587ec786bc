"""Converts a text to HTML that loads nothing: no scripts, no pictures, no styles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from chatgrid_tui.markdown.links import web_address
from chatgrid_tui.markdown.parser import definitions, tokens_of
from chatgrid_tui.text import clean

_LONGEST: Final = 200_000
"""The number of characters above which a text stays unconverted: parsing takes seconds for each million."""
_OPTIONS: Final = OptionsDict(
    {
        "maxNesting": 60,
        "html": False,
        "linkify": False,
        "typographer": False,
        "quotes": "“”‘’",
        "xhtmlOut": False,
        "breaks": True,
        "langPrefix": "",
        "highlight": None,
    }
)


def html_of(source: str) -> str:
    """Return a text, which may be Markdown, as HTML. Pictures become links, and only web links are kept."""
    text = clean(source)
    if len(text) > _LONGEST:
        return f"<pre>{escape(text)}</pre>\n"
    return _Renderer().render(tokens_of(text, definitions(text)), _OPTIONS, {})


class _Renderer(RendererHTML):
    """Renders tokens; each method handles the tokens with its name."""

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        """Return the start of a link, without the address if it may not be opened."""
        address = web_address(str(tokens[at].attrGet("href") or ""))
        return "<a>" if address is None else f'<a href="{escape(address.url)}" rel="noreferrer">'

    def image(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        """Return a link instead of a picture: nothing is loaded."""
        label = escape(tokens[at].content) or "picture"
        address = web_address(str(tokens[at].attrGet("src") or ""))
        return label if address is None else f'<a href="{escape(address.url)}" rel="noreferrer">{label}</a>'

    def math_block(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        """Return a formula as it was written."""
        return f"<pre>{escape(tokens[at].content)}</pre>\n"
