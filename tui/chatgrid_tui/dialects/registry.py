"""The kinds of services there are. A new one is a module beside this and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chatgrid_tui.dialects import chatgrid, chatiq, openai, widget
from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.model.provider import Kind

DIALECTS: Final[Mapping[Kind, Dialect]] = MappingProxyType(
    {dialect.kind: dialect for dialect in (chatgrid.DIALECT, chatiq.DIALECT, widget.DIALECT, openai.DIALECT)}
)
