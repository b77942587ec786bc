"""`chatgrid-tui list` and `chatgrid-tui search`: the conversations on this machine, and what was said in them.

Both only read the history, also while an app is open.
"""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatgrid_tui.errors import StorageProblem, UsageProblem
from chatgrid_tui.model.search_filters import FILTERS
from chatgrid_tui.text import clean, clean_line

if TYPE_CHECKING:  # so that `--help` is faster
    from chatgrid_tui.model.saved_conversation import ConversationRow
    from chatgrid_tui.model.search import Hit

logger = logging.getLogger(__name__)

_CODES: Final = """\
exit codes:
  0    done, also if there is nothing to print
  1    the program itself failed
  2    bad arguments, or a history that cannot be read
"""
LIST_HELP: Final = f"""\
The newest conversation comes first. Without --json, a line has the id, the time of the last change, the provider, the
bot, what is special (pinned, archived, unread, how the newest reply ended if not well, your verdict), and the title.
With --json, each object of the array has
  id                         the number of the conversation
  title, provider, board, board_name, remote_id    texts; remote_id is the service's id, perhaps empty
  updated_at                 when it was changed last, in ISO 8601 and UTC
  preview, preview_from      a line of the newest message, and who wrote it: me or bot
  state                      of the newest reply: finished, truncated (no end mark), failed, stopped (by you),
                             interrupted (the program ended), waiting, writing, or null
  unread                     the number of replies that were not shown yet
  error                      why the newest reply failed, or null
  gone                       whether the service reported that it no longer has the conversation
  verdict                    yours on the newest reply that has one: right, wrong, unsafe, slow, format, or null
  pinned, archived           whether it is first in the list of the app, or not in it

{_CODES}"""
SEARCH_HELP: Final = f"""\
QUERY is words, which match the beginnings of words, "phrases" in quotation marks, and filters:
{"".join(f"  {name:<16} {what}{chr(10)}" for name, what in FILTERS.items())}
The best hit comes first; without words, the newest. Each line has the id of the conversation, the time, who wrote it,
the bot, the title and the text around the match. With --json, each object of the array has
  conversation, title, provider, board, board_name    as `list` prints them (there, `conversation` is `id`)
  kind             title, message, reply, or remote: a message that only the service had
  id               the number of the turn's message, the reply or the remote message in the history
  from             me, bot, or null for a title
  at               when it was written, in ISO 8601 and UTC, or null
  failed           whether it is a reply that failed
  verdict, note    what you say of the reply: right, wrong, unsafe, slow, format, or null; and a text
  snippet          the text around the match; with only has:note or verdict:, the note
  matches          pairs of numbers: where matches begin and end in the snippet, in characters

{_CODES}"""


def print_list(folder: Path, *, as_json: bool) -> int:
    """Print the conversations in `folder`, and return the exit code.

    Raises:
        StorageProblem: the history cannot be read.
    """
    from chatgrid_tui.store import reads
    from chatgrid_tui.store.read_only import read_only

    rows: list[ConversationRow] = []
    with read_only(folder) as connection:
        if connection is not None:
            rows = reads.conversations(connection, _MOST, None)
    if as_json:
        _print_json([_listed(row) for row in rows])
    else:
        marks = [_marks(row) for row in rows]
        bots = [clean_line(row.board_name or row.board, _BOT) for row in rows]
        providers = [clean_line(row.provider, _BOT) for row in rows]
        titles = [clean_line(row.title) or "Untitled" for row in rows]
        times = [_local(row.updated_at) for row in rows]
        _print_table([[str(row.id) for row in rows], times, providers, bots, marks, titles])
    return 0


def print_hits(folder: Path, text: str, *, limit: int, as_json: bool) -> int:
    """Print what a search finds, and return the exit code.

    Raises:
        UsageProblem: this cannot be searched for.
        StorageProblem: the history cannot be searched.
    """
    from chatgrid_tui.model.search import SearchQuery, SearchResults
    from chatgrid_tui.store.read_only import read_only
    from chatgrid_tui.store.search_index import has_full_text_search
    from chatgrid_tui.store.search_query import NO_MODULE, search

    query = SearchQuery.of(text)
    if query.is_empty or query.problem:
        raise UsageProblem(query.problem or "There is nothing to search for: the query is empty.")
    results = SearchResults()
    with read_only(folder) as connection:
        if connection is not None:
            if not has_full_text_search(connection):
                raise StorageProblem(NO_MODULE)
            results = search(connection, query, limit)
    if as_json:
        _print_json([_found(hit) for hit in results.hits])
    else:
        _print_table(_columns(results.hits))
    if results.unindexed:
        sys.stderr.write(f"{results.progress} The app indexes them while it is open.\n")
    if results.more and not as_json:
        sys.stderr.write(f"There is more. --limit {2 * limit} prints more of it.\n")
    return 0


_MOST: Final = 1_000_000
_BOT: Final = 24
_TITLE: Final = 30
_SNIPPET: Final = 160


def _listed(row: ConversationRow) -> dict[str, object]:
    return {
        "id": row.id,
        "title": row.title,
        "provider": row.provider,
        "board": row.board,
        "board_name": row.board_name,
        "remote_id": row.remote_id,
        "updated_at": _iso(row.updated_at),
        "preview": row.preview,
        "preview_from": None if not row.preview else "me" if row.preview_mine else "bot",
        "state": row.state,
        "unread": row.unread,
        "error": None if row.failure is None else row.failure.message or row.failure.kind,
        "gone": row.gone,
        "verdict": row.verdict,
        "pinned": row.pinned,
        "archived": row.archived,
    }


def _marks(row: ConversationRow) -> str:
    """Return what the list of the app shows of a conversation besides its title: words of the JSON."""
    ended = row.state if row.state not in ("finished", None) else ""
    unread = f"{row.unread:,} unread" if row.unread else ""
    marks = ("pinned" if row.pinned else "", "archived" if row.archived else "", unread, ended, row.verdict)
    return ", ".join(filter(None, marks))


def _found(hit: Hit) -> dict[str, object]:
    matches: list[tuple[int, int]] = []
    at = 0
    for piece, lit in hit.snippet:
        if lit:
            matches.append((at, at + len(piece)))
        at += len(piece)
    return {
        "conversation": hit.conversation,
        "title": hit.title,
        "provider": hit.provider,
        "board": hit.board,
        "board_name": hit.board_name,
        "kind": hit.kind,
        "id": hit.id,
        "from": hit.side,
        "at": None if hit.at is None else _iso(hit.at),
        "failed": hit.failed,
        "verdict": hit.mark.verdict,
        "note": hit.mark.note,
        "snippet": "".join(piece for piece, _ in hit.snippet),
        "matches": matches,
    }


def _columns(hits: Sequence[Hit]) -> list[list[str]]:
    return [
        [str(hit.conversation) for hit in hits],
        ["" if hit.at is None else _local(hit.at) for hit in hits],
        [hit.side or "title" for hit in hits],
        [clean_line(hit.board_name or hit.board, _BOT) for hit in hits],
        [clean_line(hit.title, _TITLE) or "Untitled" for hit in hits],
        [_snippet(hit) for hit in hits],
    ]


def _snippet(hit: Hit) -> str:
    verdict = "" if hit.mark.verdict is None else f"[{hit.mark.verdict}] "
    return verdict + clean_line("".join(piece for piece, _ in hit.snippet), _SNIPPET)


def _print_json(items: Sequence[object]) -> None:
    """Print one array in ASCII, so that no control character reaches a terminal, with an object on each line."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=True) for item in items)
    sys.stdout.write(f"[\n{lines}\n]\n" if lines else "[]\n")


def _print_table(columns: Sequence[Sequence[str]]) -> None:
    """Print columns side by side, without empty ones; the first one to the right, the last one as long as it is."""
    columns = [column for column in columns if any(column)]
    widths = [max(map(_cells, column), default=0) for column in columns]
    for row in zip(*columns, strict=True):
        cells = [f"{text}{' ' * (width - _cells(text))}" for text, width in zip(row, widths, strict=True)]
        cells[0] = f"{row[0]:>{widths[0]}}"
        sys.stdout.write(f"{clean('  '.join(cells)).rstrip()}\n")


def _cells(text: str) -> int:
    """Return about how many cells a text takes in a terminal."""
    if text.isascii():
        return len(text)
    marks = sum(unicodedata.category(character) in ("Mn", "Me", "Cf") for character in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def _local(at: datetime) -> str:
    try:
        return f"{at.astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):  # a damaged time
        return f"{at:%Y-%m-%d %H:%M}"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
