"""Sentences about how a reply ended: what happened, what became of the message, and what the user can do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

from chatgrid_tui.model.failure import AnswerCause, Failure
from chatgrid_tui.model.finish import completeness
from chatgrid_tui.model.key_status import KeyStatus as KeyStatus
from chatgrid_tui.model.provider import Resend
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.session.wording.connection_failures import ITS_ADDRESS_IS_HTTPS, explain_connection
from chatgrid_tui.session.wording.refusal_kinds import is_key_refused, is_limit, is_no_board, is_used_up, status_of
from chatgrid_tui.text import clean_line
from chatgrid_tui.units import counted

if TYPE_CHECKING:
    from chatgrid_tui.session.reply import Reply

_MAY_BE_STORED: Final = frozenset(get_args(AnswerCause)) - {"TLS expected", "not HTTP"}
"""After these failures the service may have the message."""
_ALIVE: Final = 20.0
"""Seconds since the newest byte in which a connection counts as alive: many services send a heartbeat every 15."""
_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400
_KEPT: Final = "Your message is kept."
_NOT_ACCEPTED: Final = "Your message is kept; it was not accepted, so trying again cannot store it twice."

VIEW_ONLY: Final[dict[ReadOnly, str]] = {
    "recording": "A recording: nothing is sent.",
    "watching": "Another client is watched: nothing is sent from here.",
}
"""Why nothing can be said in what is shown."""
_READ_ONLY: Final[dict[ReadOnly, str]] = {
    "another window": "Another window has this history",
    "newer version": "A newer version of this program made this history",
    "not writable": "This history cannot be written now",
    "recording": "This is a recording",
    "watching": "This shows what another client says",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence on what happened; what it means; what became of the message, which only applies if there is a
    history; and what sending it again does. All but the first may be empty.
    """

    headline: str
    text: str = ""
    kept: str = ""
    again: str = ""

    @property
    def details(self) -> str:
        """What it means, what became of the message, and what sending it again does."""
        return _joined(self.text, self.kept, self.again)


def explain(failure: Failure, key: KeyStatus, resend: Resend, characters: int = 0) -> Explanation:
    """Explain a failure. `characters` is how much text came before it."""
    match failure.kind:
        case "http":
            return _refusal(failure, failure.status or 0, key, resend)
        case "stream":
            return _said_in_stream(failure, key, resend, characters)
        case "protocol":
            return _no_reply(failure, characters)
        case "network" | "timeout":
            return _connection(failure, resend, characters)


def in_brief(failure: Failure, key: KeyStatus) -> str:
    """Return the sentence on what happened, for when it is not known how much text came before it."""
    match failure.kind:
        case "network" | "timeout":
            return explain_connection(failure, None).headline
        case _:
            return explain(failure, key, "unknown").headline


def explain_end(reply: Reply, empty: str = "") -> Explanation | None:
    """Explain an ending without a failure. Return None if there is nothing to say.

    `empty` is a sentence about what an empty reply may mean.
    """
    characters = reply.characters
    match reply.state:
        case "stopped" if not characters:
            return Explanation("You stopped this reply before any text arrived.", kept=_KEPT)
        case "stopped":
            return Explanation(f"You stopped this reply after {characters:,} characters.", kept="The text is kept.")
        case "truncated" if reply.warnings and reply.empty:
            return Explanation("The answer cannot be read or is cut off, and contains no reply.", kept=_KEPT)
        case "truncated":
            return Explanation("The stream ended without its end mark. This may not be the whole reply.")
        case "interrupted" if not characters:
            return Explanation("The program ended before a reply arrived.", kept=_KEPT)
        case "interrupted":
            return Explanation(
                f"The program ended while this reply was being written. {characters:,} characters are kept."
            )
        case "finished" if headline := not_whole(reply):
            return Explanation(headline)
        case "finished" if reply.empty:
            return Explanation("The reply is empty.", empty)
        case _:
            return None


def not_whole(reply: Reply) -> str:
    """Return what the service's `finish_reason` says against a reply that ended normally, or an empty string."""
    reason = clean_line(reply.finish_reason, 60)
    match completeness(reply.finish_reason):
        case "whole":
            return ""
        case "cut":
            return (
                "Cut at the token limit." if reply.characters else "Cut at the token limit before any text arrived."
            )
        case "filtered":
            return f"Ended by the service's content filter ({reason})."
        case "other":
            return f"The service ended the reply for another reason: {reason}."


def silence_of(reply: Reply, elapsed: float) -> str:
    """Return how long a live reply has been silent, `elapsed` seconds after sending, and whether bytes still come."""
    if reply.last_byte > reply.last_data and elapsed - reply.last_byte < _ALIVE:
        return f"Alive, no text for {elapsed - reply.last_data:,.0f} s"
    return f"No data for {elapsed - max(reply.last_data, reply.last_byte):,.0f} s"


def asked_wait(failure: Failure) -> str:
    """Return how long the service asks to wait, or an empty string."""
    seconds = failure.retry_after
    if seconds is None:
        return ""
    return f"It asks to wait {'for more than a day' if seconds > _DAY else _duration(seconds)}."


def unreadable(pieces: int) -> str:
    """Return how much of a stream could not be used."""
    return f"{counted(pieces, 'piece')} of the reply could not be read."


def cannot_send(reason: ReadOnly) -> str:
    """Return why nothing is sent while the history is read-only."""
    if reason in VIEW_ONLY:
        return VIEW_ONLY[reason]
    return f"{_READ_ONLY[reason]}; it is read-only here."


def cannot_change(reason: ReadOnly) -> str:
    """Return why nothing is renamed or deleted while the history is read-only."""
    return f"{_READ_ONLY[reason]}; nothing can be changed here."


def cannot_list(reason: ReadOnly) -> str:
    """Return why the chats of a service are not listed while the history is read-only."""
    where = "listed there" if reason == "another window" else "not listed here"
    return f"{_READ_ONLY[reason]}. The chats of the service are {where}."


def read_only_messages(reason: ReadOnly) -> tuple[str, ...]:
    """Return all messages that a read-only history can cause."""
    return cannot_send(reason), cannot_change(reason), cannot_list(reason)


def _refusal(failure: Failure, status: int, key: KeyStatus, resend: Resend) -> Explanation:
    """Explain an HTTP status, or a code within a stream that corresponds to one."""
    mark, own = _mark(failure), _quoted(failure)
    if failure.cause == "moved":
        where = clean_line(failure.place) or "another address"
        return Explanation(
            f"The service moved to {where}.",
            "It was not followed, since the key would go along. Change the address if you trust it.",
            _KEPT,
        )
    if failure.cause == "TLS expected":
        return Explanation(f"The service expects an encrypted connection ({mark}).", ITS_ADDRESS_IS_HTTPS, _KEPT)
    if is_used_up(failure):
        return Explanation(f"The quota or the credit at this service is used up ({mark}).", own, _NOT_ACCEPTED)
    if is_limit(failure):
        headline = f"The service is limiting requests ({failure.status or mark})."
        return Explanation(headline, _joined(own, asked_wait(failure)), _NOT_ACCEPTED)
    if is_key_refused(failure):
        headline = f"The service refused the key ({mark})." if key.source else f"The service requires a key ({mark})."
        return Explanation(headline, _joined(key.sentence, own), _KEPT)
    if status == 403:
        return Explanation(f"The key does not allow this ({mark}).", _joined(own, key.sentence), _KEPT)
    if is_no_board(failure):
        return Explanation(f"The service has no such board ({mark}).", own, _KEPT)
    if status in (404, 405):
        return Explanation(f"There is no chat at this address ({mark}).", own, _KEPT)
    if status >= 500:
        return Explanation(f"The service failed ({mark}).", own, _KEPT, resend_warning(resend))
    return Explanation(f"The service refused the message ({mark}).", own, _KEPT)


def _said_in_stream(failure: Failure, key: KeyStatus, resend: Resend, characters: int) -> Explanation:
    """Explain an error within a stream. An error before any text is treated like an HTTP status."""
    status = status_of(failure)
    if not characters and (status is not None or is_used_up(failure) or is_limit(failure)):
        return _refusal(failure, status or 429, key, resend)
    if is_key_refused(failure):
        return _refusal(failure, 401, key, resend)
    code = f" ({_mark(failure)})" if failure.code else ""
    headline = f"The service stopped with an error{code}." if characters else f"The service failed{code}."
    return Explanation(headline, _quoted(failure), _text_kept(characters), resend_warning(resend))


def _no_reply(failure: Failure, characters: int) -> Explanation:
    answer = clean_line(failure.place) or "200"
    match failure.cause:
        case "page":
            return Explanation(
                f"This address answers with a web page, not with a reply ({answer}).",
                "Check the address of the provider.",
                _KEPT,
            )
        case "compressed":
            return Explanation(
                f"The reply is compressed ({clean_line(failure.place) or 'unknown'}), which was not requested.",
                "It was not read.",
                _KEPT,
            )
        case "other kind":
            return Explanation(
                f"This stream contains no reply of this kind ({answer}).",
                "Check the kind and the address of the provider.",
                _KEPT,
            )
        case "too long":
            return Explanation("The reply is too long.", "It was ended.", _text_kept(characters))
        case _:
            return Explanation(
                f"This address does not answer with a reply ({answer}).",
                "Check the kind and the address of the provider.",
                _KEPT,
            )


def _connection(failure: Failure, resend: Resend, characters: int) -> Explanation:
    headline, text = explain_connection(failure, characters)
    if failure.cause not in _MAY_BE_STORED:
        return Explanation(headline, text, _KEPT)
    return Explanation(headline, text, "The text is kept." if characters else _KEPT, resend_warning(resend))


def _quoted(failure: Failure) -> str:
    """Return the service's own message in quotation marks."""
    own, field = clean_line(failure.message or "", 500), clean_line(failure.field, 200)
    about = f" ({field})" if field and field not in own else ""
    if not own:
        return f"It names {field}." if field else ""
    return f"It says: “{own}”{about}{'' if own[-1] in '.!?…' and not about else '.'}"


def _mark(failure: Failure) -> str:
    """Return the status and the code, if any."""
    code = clean_line(failure.code or "", 60)
    status = str(failure.status or "")
    return f"{status} {code}".strip() if code != status else status


def _duration(seconds: float) -> str:
    """Return a duration in its natural unit, rounded up."""
    if seconds <= 2 * _MINUTE:
        count, unit = math.ceil(seconds), "second"
    elif seconds <= 2 * _HOUR:
        count, unit = math.ceil(seconds / _MINUTE), "minute"
    else:
        count, unit = math.ceil(seconds / _HOUR), "hour"
    return counted(count, unit)


def _text_kept(characters: int) -> str:
    return "The text that arrived is kept." if characters else _KEPT


def resend_warning(resend: Resend) -> str:
    """Return what to know before a message is sent again, as a sentence; empty if that does no harm."""
    match resend:
        case "safe":
            return ""
        case "stored twice":
            return "Your message is stored twice if you send it again."
        case "unknown":
            return "Your message may be stored twice if you send it again."


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
