"""How a headless turn ended: the object of `--json`, and the exit code."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final

from chatgrid_tui.model.finish import completeness

if TYPE_CHECKING:  # so that `--version` and `--help` are faster
    from chatgrid_tui.engine.stream_report import StreamReport
    from chatgrid_tui.model.failure import FailureKind
    from chatgrid_tui.model.json import JsonObject
    from chatgrid_tui.model.truth_check import TruthCheck
    from chatgrid_tui.session.reply import Reply

EXIT_CODES: Final = """\
exit codes:
  0    the reply is complete, or was ended by the service's content filter
  1    the program itself failed
  2    bad arguments or a bad configuration; nothing was sent
  3    the service answered with an error (HTTP status, or an error within the stream)
  4    the reply is incomplete: no end mark, cut at the token limit, or a part that could not be read
  5    no connection, or it was lost
  6    timeout: no answer in time, or the answer stopped
  7    the answer is not a reply, for example a web page
  8    with --check: the reply is complete, but the stored one differs, or the service does not return it
  130  stopped with Ctrl+C
"""

STREAM_FIGURES: Final = """\
"stream" in the object of --json, times in seconds from sending (for `decode` without times):
  ttfb        time to first byte: until the head of the answer
  ttft        time to first token: until the first read with text or reasoning
  ttfo        time to first output: until the first text, if reasoning came before it
  icl         inter-chunk latency: p50, p95 (of 20 and more) and max of the gaps between reads with output
  tpot        time per output token: (last output - ttft) / (tokens - 1); only if the service reports its tokens and
              the reply was no burst; tokens_per_second is its inverse, and chunks_per_second replaces it
  e2el        end-to-end latency: until the end of the body
  reads, events, bytes    reads from the connection, records of the stream, bytes of the body
  burst       whether all output came in one read, or within 1 % of e2el
  gaps        the gaps in order; if more than 24, the longest of each of 24 groups
  form        the place of event names: A, in the JSON; B, in the SSE field
  notices     anomalies, each with kind, t, record (the number of the record, from 0) and text
"""

TRUTH_FIGURES: Final = """\
"truth" in the object of `send --check --json`, lengths in characters:
  verdict     same, stored longer, stored shorter, differs, not stored, or twice; null if it is unknown
  sent, messages, replies    how often the message was sent, the message is stored, and the reply is stored
  streamed, final, stored    the lengths of the pieces, of the final text if there is one, and of the stored text
  after       seconds from the end of the reply until the service was asked: at 0, 2 and 10, until the texts are equal
  problem     why the verdict is unknown, or null
"""

DOCTOR_EXIT_CODES: Final = """\
exit codes:
  0    no problems; the last lines list what could not be checked
  1    problems were found; the last lines list them
  2    bad arguments
  130  stopped with Ctrl+C
"""

EXPORT_HELP: Final = """\
markdown, html and text are for reading, without terminal escapes; the page has no script and loads nothing. json has
everything but recordings, and can be imported; CONTRIBUTING.md documents its fields. This also works while the app is
open. An existing file is never replaced.

exit codes:
  0    exported
  1    the program itself failed
  2    bad arguments, no such conversation, or a history or file that cannot be read or written
  130  stopped with Ctrl+C
"""

IMPORT_HELP: Final = """\
FILE is the JSON of `export`, `conversations.json` of the data export of ChatGPT or Claude or the zip with it, or the
`logs.db` of llm. Imported conversations can be read and searched like all others. They can be continued only if their
provider is configured. Conversations that are in the history already stay as they are. All are added, or none.

exit codes:
  0    imported, or already there
  1    the history cannot be written
  2    bad arguments, a file that cannot be imported, or an open app, which must be closed first
  130  stopped with Ctrl+C
"""

MOCK_HELP: Final = """\
A recording answers requests with its method and path; if several match, the message decides, then the order of
recording, and the last one is repeated. Requests that clients make before a message, such as listing boards or
creating a conversation, get a minimal answer. Any other request that was not recorded gets the status of --extra, or
501 if it is about a stored conversation. Web pages are refused, except those of --allow-origin.

exit codes:
  0    the mock was stopped, or with --once, everything was served
  1    the program itself failed
  2    bad arguments, a file that is not a recording, or a port that is taken
"""

WATCH_HELP: Final = """\
Point the client at http://127.0.0.1:PORT instead of the service, with the same path. Requests and responses are
forwarded unchanged, each piece as it arrives. Without a terminal, or with --print, each exchange is a line:
time, request, status, records, bytes, time to the first token, time to the end, and the ending. Ctrl+C ends it. Keys
are forwarded, but neither shown nor recorded.
"""

_BY_KIND: Final[dict[FailureKind, int]] = {"http": 3, "stream": 3, "network": 5, "timeout": 6, "protocol": 7}


def exit_code(reply: Reply) -> int:
    """Return the exit code for a finished reply."""
    if reply.state == "stopped":
        return 130
    if reply.failure is not None:
        return _BY_KIND[reply.failure.kind]
    if reply.state != "finished" or reply.warnings or completeness(reply.finish_reason) == "cut":
        return 4
    return 0


def truth_object(check: TruthCheck | None, problem: str) -> JsonObject:
    """Return the outcome of a truth check as JSON."""
    outcome = {"verdict": None} if check is None else check.as_object()
    return {**outcome, "problem": problem or None}


def reply_json(
    reply: Reply,
    conversation: str | None = None,
    *,
    with_conversation: bool = False,
    stream: StreamReport | None = None,
    truth: JsonObject | None = None,
) -> str:
    """Return the reply as one JSON object, in ASCII, so that no control character reaches a terminal.

    `bubbles` are texts; `attachments`, `suggestions` and `usage` are the wire's own objects; `tool_calls` are joined
    from their pieces and have OpenAI's shape; `conversation`, for `send` only, is the id that continues the
    conversation; `stream` has the figures of the stream, or null if nothing was sent; `truth`, if it was asked for,
    compares the reply with what the service stored.
    """
    failure = reply.failure
    result: dict[str, object] = {
        "bubbles": [bubble.text for bubble in reply.bubbles if bubble.size],
        "conversation_id": reply.conversation_id,
        "usage": reply.usage,
        "attachments": reply.attachments,
        "suggestions": reply.suggestions,
        "reasoning": "\n\n".join(reply.thoughts) or None,
        "tool_calls": [call.as_object() for call in reply.tool_calls.values()],
        "error": None
        if failure is None
        else {
            "kind": failure.kind,
            "code": failure.code,
            "message": failure.message,
            "status": failure.status,
            "retry_after": failure.retry_after,
        },
        "finish": reply.state,
        "finish_reason": reply.finish_reason or None,
        "warnings": reply.warnings,
        "stream": None if stream is None else stream.as_object(),
    }
    if with_conversation:
        result["conversation"] = conversation
    if truth is not None:
        result["truth"] = truth
    try:
        return json.dumps(result, ensure_ascii=True, allow_nan=False)
    except ValueError:  # Python reads 1e999 as infinity, which is not JSON
        return json.dumps(_finite(result), ensure_ascii=True)


def _finite(value: object) -> object:
    """Return a JSON value with null in place of infinities and NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list) else value
