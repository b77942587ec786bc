"""A kind of service, as the rest of the program sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from chatgrid_tui.dialects.capabilities import (
    USUAL_MOCKING,
    Account,
    Mocking,
    RemoteBoards,
    RemoteChats,
    RemoteMessages,
)
from chatgrid_tui.dialects.mapper import EventMapper
from chatgrid_tui.dialects.options import COMMON, Option
from chatgrid_tui.dialects.pasted_request import Match, PastedRequest, PastedSettings, other_fields
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Page, Provider, Resend
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.text import mend_surrogates, utf16_units

Wire: TypeAlias = Literal["sse", "ndjson"]

BEARER: Final = "Authorization"
"""The header of RFC 6750, in which `Bearer` precedes the key."""
_NO_ENDPOINT: Final = re.compile(r"(?!)")


class Nouns(NamedTuple):
    """The word that a kind uses for the places where its conversations live."""

    one: str = "board"
    many: str = "boards"


_BOARDS: Final = Nouns()


class SentAlong(NamedTuple):
    """Which earlier messages of a conversation requests send along with a message."""

    most: int | None = 0
    """How many of the newest; None for all."""
    each_time: bool = False
    """Whether each request does, rather than only the one with which a conversation begins at the service."""


_NOTHING_ALONG: Final = SentAlong()


@dataclass(frozen=True, slots=True)
class Preset:
    """A well-known server of a kind."""

    id: str
    """Its name in a configuration, unless the user chooses another."""
    title: str
    base_url: str
    needs_key: bool = True
    variable: str = ""
    """The environment variable that its own programs read the key from."""
    port: int = 0
    """Its default port on this machine; 0 for a server elsewhere."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of service, as values and functions over values. It does no input or output.

    The rest of the program knows kinds only by these fields. A field with a default is a capability or a peculiarity
    that a kind may lack.
    """

    kind: str
    """Its id in a configuration."""
    name: str
    """Its name on the screen."""
    wire: Wire
    base_url: Callable[[str], str]
    """Completes the address that a user configured."""
    message: Callable[[Outgoing], Request]
    """Returns the request that sends a message."""
    mapper: Callable[[], EventMapper]
    """Returns a new mapper for a reply."""
    resend: Resend
    """What sending a message again does."""

    # How it is described

    service: str = ""
    """What to call one such service in a sentence; the name if empty."""
    offered_as: str = ""
    """What to call all such services in a list of those that can be added; the name if empty."""
    nouns: Nouns = _BOARDS
    boards_help: str = "Optional, separated by commas. Needed if none is listed."
    empty_reply: str = ""
    """A sentence on what an empty reply may mean."""

    # Addresses

    endpoints: re.Pattern[str] = _NO_ENDPOINT
    """Documented endpoints after the base address, which are removed from pasted addresses."""
    own_endpoints: re.Pattern[str] = _NO_ENDPOINT
    """Endpoints that no other kind of service has."""
    is_endpoint: Callable[[str], bool] = lambda address: False
    """Whether an address is an endpoint, which is used exactly as it is, with its query."""
    usual_address: str = ""
    """The usual address of such a service; empty if there is none."""
    address_hint: str = ""
    """An example to show in an empty address field."""
    presets: tuple[Preset, ...] = ()

    # Keys

    key_headers: tuple[str, ...] = (BEARER,)
    """The headers that may carry a key, the usual one first. A provider may name one of the others."""
    key_required: bool = False
    """Whether every request needs a key."""
    key_trial: Callable[[Provider], Request | None] = lambda provider: None
    """A request that shows at no cost whether a key is accepted; None if listing the boards does."""

    # Messages

    message_in: Callable[[JsonObject], str] = lambda body: ""
    """The text that the body of a request sends as a message; empty if it sends none. Recordings, `mock` and `watch`
    need it.
    """
    conversation_in: Callable[[Request], str] = lambda request: ""
    """The id by which a request continues a conversation (`Outgoing.conversation`), or an empty string."""
    longest: int | None = None
    """The most UTF-16 units in a message."""
    simpler: Callable[[Request, int, bytes], Request | None] = lambda request, status, body: None
    """A request that a server may accept instead of the one that it refused with a status and a body, or None. It is
    simplified again if it is refused as well.
    """
    bubbles_are_choices: bool = False
    """Whether several bubbles are alternative replies that grow at the same time, rather than parts of one."""
    conversations: Literal["created", "named by the service", "named by us", "none"] = "none"
    """How a conversation gets its id."""
    sent_along: Callable[[Provider], SentAlong] = lambda provider: _NOTHING_ALONG
    """Which earlier messages are sent along: what a bot knows of a conversation that began elsewhere."""

    # Boards

    boards: Callable[[Provider, str | None], Request | None] = lambda provider, cursor: None
    """The request for the boards after a cursor; None if the service cannot list them. Then `own_board` is the only
    one, or each provider has to be configured with its `boards`.
    """
    read_boards: Callable[[Json], Page[Board]] = lambda payload: Page(())
    own_board: Callable[[Provider], Board | None] = lambda provider: None
    """The only board of a provider, given by its address, if none can be listed."""
    is_board_id: Callable[[str], bool] | None = None
    """Whether a text is the id of a board rather than a name to be looked up in the listing; None if a configured
    board is always an id.
    """
    nothing_to_list: str = ""
    """A sentence on why the service lists no boards, if no service of the kind does."""
    unlisted: str = ""
    """A sentence on why a healthy service may answer 404 to the request for its boards; empty if it may not."""
    public_boards: bool = False
    """Whether a configured board may need no key, although the listing does."""

    # What an answer looks like

    health: Callable[[Provider], Request] | None = None
    """A request without a key that shows whether the service is reachable, or None."""
    is_answer: Callable[[Json], bool] = lambda payload: True
    """Whether the JSON of a successful answer to a listing or a key trial can come from this kind."""
    is_refusal: Callable[[Json], bool] = lambda payload: True
    """Whether the JSON of an answer with status 401, 403 or 429 can come from this kind."""
    is_listing: Callable[[Json], bool] = lambda payload: False
    """Whether JSON can only be a listing of this kind, even from a server that is not configured."""

    # What a provider may set, and what a pasted request says

    options: tuple[Option, ...] = ()
    """The options that not every kind has, in the order of the form. An option that several kinds have has the same
    type in all of them.
    """
    recognise: Callable[[PastedRequest], Match] = lambda request: Match.NONE
    read_pasted: Callable[[PastedRequest], PastedSettings] = lambda request: PastedSettings(
        left_out=other_fields(request.body)
    )

    # Capabilities that may be absent

    remote_boards: RemoteBoards | None = None
    remote_chats: RemoteChats | None = None
    remote_messages: RemoteMessages | None = None
    account: Account | None = None
    mocking: Mocking = USUAL_MOCKING

    def check(self, text: str) -> None:
        """Raise `UsageProblem` if the service would not accept `text` as a message."""
        if not text:
            raise UsageProblem("The message is empty. Nothing was sent.")
        if self.longest is not None and (units := utf16_units(text)) > self.longest:
            raise UsageProblem(
                f"{units:,} of {self.longest:,} characters. The service takes no more; nothing was sent."
            )

    def resend_at(self, provider: Provider) -> Resend:
        """Return what sending a message again does at a provider: it is safe if the provider stores nothing."""
        return "safe" if provider.private else self.resend

    def header_of(self, provider: Provider) -> tuple[str, str]:
        """Return the header that carries the key of a provider, and the prefix of its value."""
        header = provider.key_header or self.key_headers[0]
        return header, "Bearer " if header == BEARER else ""

    @property
    def all_options(self) -> tuple[Option, ...]:
        """The options of a provider of this kind, in the order of writing."""
        return (*COMMON, *self.options)

    def option(self, name: str) -> Option | None:
        """Return the option with this name, or None if the kind does not have it."""
        return next((option for option in self.all_options if option.name == name), None)

    @property
    def takes_options(self) -> bool:
        """Whether a conversation can have its own system prompt and parameters."""
        return self.option("system") is not None and self.option("parameters") is not None

    @property
    def has_sessions(self) -> bool:
        """Whether we choose the session by which a service tells its users apart."""
        return self.conversations == "named by us"

    @property
    def has_messages(self) -> bool:
        """Whether the messages of a conversation can be fetched from the service."""
        return self.remote_chats is not None or self.remote_messages is not None


def has_list(payload: Json, name: str) -> bool:
    """Return whether an object has a list under `name`."""
    return isinstance(payload, Mapping) and isinstance(payload.get(name), list)


def items(payload: Json, name: str) -> list[Mapping[str, Json]]:
    """Return the objects listed under `name`; other values are left out."""
    listed = payload.get(name) if isinstance(payload, Mapping) else None
    return [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []


def shown(item: Mapping[str, Json], *names: str) -> str:
    """Return the first of the fields that is a non-empty string, mended, or an empty string."""
    text = next((value for name in names if isinstance(value := item.get(name), str) and value), "")
    return mend_surrogates(text)
