"""What a kind of service is to the rest of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.dialects.reply_builder import EventMapper
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Kind, Page, Provider, Resend
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.text import mend_surrogates, utf16_units

Wire: TypeAlias = Literal["sse", "ndjson"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of service, as functions over values. Nothing in it does input or output."""

    kind: Kind
    name: str
    """What people call the kind."""
    wire: Wire
    base_url: Callable[[str], str]
    """Completes the address that a person configured."""
    key_headers: tuple[str, ...]
    """The headers that may carry a key, the usual one first. A provider may name one of the others."""
    message: Callable[[Outgoing], Request]
    meaning: Callable[[], EventMapper]
    """A new meaning for each reply."""
    boards: Callable[[Provider, str | None], Request | None]
    """The request for the boards after a cursor; None where the service cannot list them."""
    read_boards: Callable[[Json], Page[Board]]
    resend: Resend
    simpler: Callable[[Request, int, bytes], Request | None] = lambda request, status, body: None
    """A request that a server may take in place of the one it refused with a status and a body; None if there is
    none. It is simplified again if it is refused, too.
    """
    longest: int | None = None
    """UTF-16 units a message may have."""
    conversations: Literal["created", "named by the service", "named by us", "none"] = "none"
    """How a conversation comes to its id."""
    health: Callable[[Provider], Request] | None = None
    """The request that tells without a key whether the service is there; None where none does."""
    key_trial: Callable[[Provider], Request | None] = lambda provider: None
    """The request that tells whether a key is taken, at no cost; None if the listing of boards does."""
    own_board: Callable[[Provider], Board | None] = lambda provider: None
    """The one board that a provider has by its address, if none can be listed."""

    def check(self, text: str) -> None:
        """Raise `UsageProblem` where the service would not take `text` as a message."""
        if not text:
            raise UsageProblem("The message is empty. Nothing was sent.")
        if self.longest is not None and (units := utf16_units(text)) > self.longest:
            raise UsageProblem(
                f"{units:,} of {self.longest:,} characters. The service takes no more; nothing was sent."
            )

    def resend_at(self, provider: Provider) -> Resend:
        """Return what sending a message again does at a provider: where nothing is stored, nothing can be twice."""
        return "safe" if provider.private else self.resend

    def header_of(self, provider: Provider) -> tuple[str, str]:
        """Return the header that carries the key of a provider, and what stands before the key in it."""
        header = provider.key_header or self.key_headers[0]
        return header, "Bearer " if header == BEARER else ""


BEARER: Final = "Authorization"
"""The header of RFC 6750, which has `Bearer` before the key."""


def items(payload: Json, name: str) -> list[Mapping[str, Json]]:
    """Return the objects listed under `name`; what is none is left out."""
    listed = payload.get(name) if isinstance(payload, Mapping) else None
    return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []


def shown(item: Mapping[str, Json], *names: str) -> str:
    """Return the first of the fields that is a string with something in it, mended, else an empty one."""
    found = next((value for name in names if isinstance(value := item.get(name), str) and value), "")
    return mend_surrogates(found)
