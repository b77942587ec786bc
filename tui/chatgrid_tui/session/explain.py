"""What happened to a reply, in words: what it is, what it means for the message, what can be done."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.model.key_status import KeyStatus as KeyStatus
from chatgrid_tui.model.provider import Kind, Resend
from chatgrid_tui.text import clean_line

if TYPE_CHECKING:
    from chatgrid_tui.session.reply import Reply

KEY_CODES: Final = frozenset({"INVALID_API_KEY", "UNAUTHORIZED", "invalid_api_key", "unauthorized"})
"""How services say within a stream that a key is not taken."""
_LIMIT_CODES: Final = frozenset({"RATE_LIMIT", "RATE_LIMIT_EXCEEDED", "rate_limit_exceeded"})
_NO_BOARD: Final = re.compile("(model|board|bot)_not_found", re.IGNORECASE)
_KEPT: Final = "Your message is kept."
_NOT_ACCEPTED: Final = "Your message is kept; it was not accepted, so trying again cannot store it twice."


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence that says what happened; what it means; what became of the message, which is true only where there
    is a history; and what sending it again does. All but the first may be empty.
    """

    headline: str
    text: str = ""
    kept: str = ""
    again: str = ""

    @property
    def words(self) -> str:
        """What it means, what became of the message, and what sending it again does."""
        return _joined(self.text, self.kept, self.again)


def explain(failure: Failure, key: KeyStatus, resend: Resend, characters: int = 0) -> Explanation:
    """Put a failure into words. `characters` is how much text came before it."""
    match failure.kind:
        case "http":
            return _http(failure, key, resend)
        case "stream":
            return _said_in_stream(failure, key, resend, characters)
        case "protocol":
            return _no_reply(failure, characters)
        case "network" | "timeout":
            return _connection(failure, resend, characters)


def explain_end(reply: Reply, kind: Kind | None = None) -> Explanation | None:
    """Put an ending without a failure into words; None if there is nothing to say."""
    characters = reply.characters
    match reply.state:
        case "stopped" if not characters:
            return Explanation("You stopped this reply before any text came.", kept=_KEPT)
        case "stopped":
            return Explanation(f"You stopped this reply after {characters:,} characters.", kept="The text is kept.")
        case "truncated":
            return Explanation("The stream ended without its end mark. This may not be the whole reply.")
        case "interrupted" if not characters:
            return Explanation("The program ended before a reply came.", kept=_KEPT)
        case "interrupted":
            return Explanation(
                f"The program ended while this reply was being written. {characters:,} characters are kept."
            )
        case "finished" if headline := not_whole(reply):
            return Explanation(headline)
        case "finished" if reply.empty:
            return Explanation("The reply is empty.", "A person may have taken over." if kind == "chatiq" else "")
        case _:
            return None


def not_whole(reply: Reply) -> str:
    """Return what the service's `finish_reason` says against a reply that ended in order; empty if nothing."""
    reason = clean_line(reply.finish_reason, 60)
    match completeness(reply.finish_reason):
        case "whole":
            return ""
        case "cut":
            return "Cut at the token limit." if reply.characters else "Cut at the token limit before any text came."
        case "filtered":
            return f"Ended by the service's content filter ({reason})."
        case "other":
            return f"The service gives a reason of its own for the end: {reason}."


def unreadable(pieces: int) -> str:
    """Say how much of a stream could not be used."""
    return f"{pieces:,} {'piece' if pieces == 1 else 'pieces'} of the stream could not be read."


def is_no_board(failure: Failure) -> bool:
    """Whether the service knows no such board, bot or model."""
    return failure.status == 404 and _NO_BOARD.search(failure.code or "") is not None


def is_limit(failure: Failure) -> bool:
    """Whether the service limits requests, so that waiting helps."""
    return failure.status == 429 or failure.code in _LIMIT_CODES


def _http(failure: Failure, key: KeyStatus, resend: Resend) -> Explanation:
    status, mark = failure.status or 0, _mark(failure)
    own = _quoted(failure)
    if failure.cause == "moved":
        where = clean_line(failure.place) or "another address"
        return Explanation(
            f"The service moved to {where}.",
            "It was not followed, since the key would go along. Change the address if you trust it.",
            _KEPT,
        )
    if status == 429:
        wait = f"It asks to wait {_seconds(failure.retry_after)}." if failure.retry_after is not None else ""
        return Explanation("The service is limiting requests (429).", wait, _NOT_ACCEPTED)
    if status == 401:
        headline = f"The service refused the key ({mark})." if key.source else f"The service wants a key ({mark})."
        return Explanation(headline, _joined(key.sentence, own), _KEPT)
    if status == 403:
        return Explanation(f"The key may not do this ({mark}).", _joined(own, key.sentence), _KEPT)
    if is_no_board(failure):
        return Explanation(f"The service knows no such board ({mark}).", own, _KEPT)
    if status in (404, 405):
        return Explanation(f"There is no chat at this address ({mark}).", own, _KEPT)
    if status >= 500:
        return Explanation(f"The service failed ({mark}).", own, _KEPT, _twice(resend))
    return Explanation(f"The service refused the message ({mark}).", own, _KEPT)


def _said_in_stream(failure: Failure, key: KeyStatus, resend: Resend, characters: int) -> Explanation:
    own = _quoted(failure)
    code = f" ({clean_line(failure.code, 60)})" if failure.code else ""
    if failure.code in KEY_CODES:
        headline = f"The service refused the key{code}." if key.source else f"The service wants a key{code}."
        return Explanation(headline, _joined(key.sentence, own), _KEPT)
    if failure.code in _LIMIT_CODES:
        return Explanation(f"The service is limiting requests{code}.", own, _NOT_ACCEPTED)
    headline = f"The service broke off with an error{code}." if characters else f"The service failed{code}."
    return Explanation(headline, own, _text_kept(characters), _twice(resend))


def _no_reply(failure: Failure, characters: int) -> Explanation:
    media_type = f"200, {clean_line(failure.place)}" if failure.place else "200"
    match failure.cause:
        case "page":
            return Explanation(
                f"This address answers with a web page, not with a reply ({media_type}).",
                "Check the address of the provider.",
                _KEPT,
            )
        case "compressed":
            return Explanation(
                f"The reply came compressed ({clean_line(failure.place) or 'unknown'}), which was not asked for.",
                "It was not read.",
                _KEPT,
            )
        case "too long":
            return Explanation("The reply is longer than can be taken.", "It was ended.", _text_kept(characters))
        case _:
            return Explanation(
                f"This address answers with something that is no reply ({media_type}).",
                "Check the kind and the address of the provider.",
                _KEPT,
            )


def _connection(failure: Failure, resend: Resend, characters: int) -> Explanation:
    place = clean_line(failure.place) or "the service"
    match failure.cause:
        case "refused":
            return Explanation(f"Nothing answers at {place}.", "", _KEPT)
        case "unknown host":
            return Explanation(f"There is no host called {place}.", "Check the address of the provider.", _KEPT)
        case "certificate":
            return Explanation(f"The certificate of {place} cannot be trusted.", "Nothing was sent.", _KEPT)
        case "no TLS":
            return Explanation(
                f"No encrypted connection to {place} can be made.",
                "Nothing was sent. Where a service speaks plain http, its address begins with http://.",
                _KEPT,
            )
        case "insecure":
            return Explanation(
                f"{place} would be reached without encryption.",
                "Nothing was sent. Use https, or set allow_http = true for this provider.",
                _KEPT,
            )
        case "key":
            return Explanation(place, "Nothing was sent.", _KEPT)
        case "unusable address":
            return Explanation(f"{place} cannot be used as an address.", "Nothing was sent.", _KEPT)
        case "no connection in time":
            return Explanation(f"{place} did not take the connection in time.", "", _KEPT)
        case "no answer in time":
            headline = f"{place} took the message and did not answer in time."
            return Explanation(headline, "", _KEPT, _twice(resend))
        case "silence":
            return Explanation(
                f"No more data came, and the reply was given up after {characters:,} characters.",
                "",
                _text_kept(characters),
                _twice(resend),
            )
        case _:
            if not characters:
                return Explanation("The connection was lost before the reply came.", "", _KEPT, _twice(resend))
            return Explanation(
                f"The connection was lost after {characters:,} characters.",
                "",
                "The text is kept.",
                _twice(resend),
            )


def _quoted(failure: Failure) -> str:
    own = clean_line(failure.message or "", 500)
    return f"It says: {own}{'' if own[-1] in '.!?…' else '.'}" if own else ""


def _mark(failure: Failure) -> str:
    code = clean_line(failure.code or "", 60)
    return f"{failure.status} {code}".strip() if code != str(failure.status) else str(failure.status)


def _seconds(seconds: float) -> str:
    whole = math.ceil(seconds)
    return "1 second" if whole == 1 else f"{whole:,} seconds"


def _text_kept(characters: int) -> str:
    return "The text that came is kept." if characters else _KEPT


def _twice(resend: Resend) -> str:
    match resend:
        case "safe":
            return ""
        case "stored twice":
            return "Your message is stored twice if you send it again."
        case "unknown":
            return "Your message may be stored twice if you send it again."


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
