"""The turns in a recording file: which requests belong to one reply, and the message in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from chatgrid_tui.dialects.dialect import Dialect
from chatgrid_tui.dialects.error_payloads import BODY_READ
from chatgrid_tui.dialects.pasted_request import PastedRequest, PastedSettings
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import is_success
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.transport import place_of
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import PRIVATE_MODE
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean_line, mend_surrogates

MESSAGE_UNKNOWN: Final = "(message not known)"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A recorded message and its reply: one recording for each request. The last request was answered, and those
    before it were refused.
    """

    dialect: Dialect
    recordings: tuple[Recording, ...]

    @property
    def request(self) -> Request:
        """The request that was answered."""
        return self.recordings[-1].request

    @property
    def message(self) -> str:
        """The text of the message, or a note that it is unknown."""
        return mend_surrogates(self.dialect.message_in(self.request.body or {})) or MESSAGE_UNKNOWN

    @property
    def asks_for_reply(self) -> bool:
        """Whether the request has a message, as far as is known."""
        body = self.request.body
        return self.request.method == "POST" and (body is None or self.dialect.message_in(body) != "")

    @property
    def board(self) -> str:
        """The id of the board; the name of the kind if the request names none."""
        return mend_surrogates(self._settings.board) or self.dialect.name

    @property
    def speaker(self) -> str:
        """The name of the bot: its board, unless that is only known by an id."""
        is_id = self.dialect.is_board_id is not None and self.dialect.is_board_id(self.board)
        return self.dialect.name if is_id else self.board

    @property
    def origin(self) -> str:
        """Scheme and host of the service; empty if unknown."""
        place = clean_line(place_of(self.request.url), 100)
        return f"{'https' if self.request.url.startswith('https:') else 'http'}://{place}" if place else ""

    @property
    def sent_at(self) -> datetime:
        """When the message was sent; 1970 if unknown."""
        return self.recordings[0].started_at or _EPOCH

    def empty_reply(self) -> Reply:
        """Return an empty reply."""
        return Reply(0, self.speaker, self.sent_at)

    def conversation_after(self, reply: Reply) -> str | None:
        """Return the id that continues the conversation after the reply, or None."""
        if self._settings.options.get(PRIVATE_MODE) is True:
            return None
        is_named = self.dialect.conversations == "named by the service"
        return (reply.conversation_id if is_named else None) or self.dialect.conversation_in(self.request) or None

    @property
    def _settings(self) -> PastedSettings:
        return self.dialect.read_pasted(_as_pasted(self.request))


def recorded_turns(recordings: Iterable[Recording]) -> list[RecordedTurn]:
    """Return the turns in a recording file, without requests for something else, such as the list of boards, unless
    there is nothing else.

    Raises:
        UsageProblem: the kind of service of a recording is unknown.
    """
    turns: list[RecordedTurn] = []
    for recording in recordings:
        dialect = DIALECTS.get(recording.kind)
        if dialect is None:
            kinds = ", ".join(DIALECTS)
            raise UsageProblem(
                f"The file does not show which kind of service it is from. Name the kind with --kind: {kinds}."
            )
        if turns and turns[-1].dialect is dialect and _follows(recording, turns[-1].recordings[-1], dialect):
            turns[-1] = replace(turns[-1], recordings=(*turns[-1].recordings, recording))
        else:
            turns.append(RecordedTurn(dialect, (recording,)))
    return [turn for turn in turns if turn.asks_for_reply] or turns


def _as_pasted(request: Request) -> PastedRequest:
    try:
        parts = urlsplit(request.url)
        host, path = (parts.hostname or "").lower(), parts.path.rstrip("/")
    except ValueError:
        host, path = "", ""
    return PastedRequest(host, path, frozenset(name.lower() for name, _ in request.headers), request.body or {})


def _follows(recording: Recording, refused: Recording, dialect: Dialect) -> bool:
    """Return whether a request is the simpler form of a refused one, sent for the same reply."""
    if not refused.status or is_success(refused.status):
        return False
    request = replace(refused.request, other_url=recording.request.url)
    simpler = dialect.simpler(request, refused.status, refused.part(0, BODY_READ))
    return simpler is not None and (simpler.url, simpler.body) == (recording.request.url, recording.request.body)
