"""Providers, boards, and what a service lists of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from chatgrid_tui.model.hue import Hue
from chatgrid_tui.model.json import Json

Resend: TypeAlias = Literal["safe", "stored twice", "unknown"]
"""What sending a message again does at a service if the first attempt may have arrived."""
OptionValue: TypeAlias = "bool | int | float | str | tuple[str, ...] | tuple[tuple[str, Json], ...] | None"
"""The value of an option of a provider."""

PRIVATE_MODE: Final = "private_mode"
"""The name of the option that makes the service store nothing, for any kind."""
SKIP_TRUTH_CHECK: Final = "skip_truth_check"
"""The name of the option that turns off the comparison of replies with what the service stored, for any kind."""
NEW_CONVERSATION: Final = "new_conversation"
"""The name of the option that says what a new conversation is, for any kind."""
SAME_SESSION: Final = "same session"
"""The value of `NEW_CONVERSATION` with which a conversation continues the session of the previous one."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Provider:
    """A configured service. `name` is the name of its table in the configuration. Its key is looked up separately."""

    name: str
    kind: str
    """One of `dialects.registry.DIALECTS`."""
    base_url: str
    title: str = ""
    """The name on the screen; `name` if empty."""
    boards: tuple[str, ...] = ()
    silence_timeout: float = 60.0
    """Seconds without a byte after which the app asks what to do, and `send` ends the reply."""
    allow_http: bool = False
    production: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Additional request headers; one may contain a key."""
    parameters: tuple[tuple[str, Json], ...] = ()
    """Additional fields of the request body, for kinds that accept them."""
    system: str = ""
    """The system prompt, for kinds that accept one."""
    extra: tuple[tuple[str, Json], ...] = field(default=(), repr=False)
    """The unknown keys of its table."""
    key_header: str = ""
    """The header that carries the key, if it is not the usual one of its kind."""
    options: tuple[tuple[str, OptionValue], ...] = ()
    """The options of its kind that have no field here, unless they have their default."""
    hues: tuple[tuple[str, Hue], ...] = ()
    """The hues that the configuration sets for boards, by their ids or names."""
    embedded: bool = False
    """Whether it is one of the demo bots, which forget everything when the program ends."""

    @property
    def private(self) -> bool:
        """Whether the service stores nothing. Conversations then have no ids, and earlier messages are sent along."""
        return self.option(PRIVATE_MODE) is True

    @property
    def has_truth_check(self) -> bool:
        """Whether replies are compared with what the service stored."""
        return self.option(SKIP_TRUTH_CHECK) is not True and not self.private

    @property
    def same_session(self) -> bool:
        """Whether a new conversation continues the session of the previous one instead of being a new user."""
        return self.option(NEW_CONVERSATION) == SAME_SESSION

    def option(self, name: str) -> OptionValue:
        """Return the value of an option of its kind; None if it has its default."""
        return dict(self.options).get(name)

    def text_option(self, name: str) -> str:
        """Return the value of a text option, or an empty string if it has its default."""
        value = self.option(name)
        return value if isinstance(value, str) else ""

    @property
    def shown(self) -> str:
        """The name on the screen."""
        return self.title or self.name


@dataclass(frozen=True, slots=True)
class Board:
    """A place for conversations at a provider: a ChatGrid board, a ChatIQ bot, a widget site, a model.

    Its `id` is empty while no board of the provider is known; then the first message looks one up.
    """

    id: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as its service lists it. Times are ISO 8601 texts, as sent."""

    id: str
    title: str
    created_at: str = ""
    last_message_at: str = ""
    memory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteMessage:
    """A message as the service stored it."""

    id: str
    role: str
    content: str
    model: str = ""
    created_at: str = ""


class KnownMessages(NamedTuple):
    """The stored messages of a conversation that are known, oldest first."""

    messages: Sequence[RemoteMessage]
    complete: bool
    """Whether none is older than these."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The owner of a key."""

    id: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a listing. `cursor` requests the next part; None if there is none."""

    items: tuple[Item, ...]
    cursor: str | None = None
