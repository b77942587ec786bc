"""The arguments of the command line: each command with its options."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from chatgrid_tui import __version__
from chatgrid_tui.cli import library
from chatgrid_tui.cli.outcome import (
    DOCTOR_EXIT_CODES,
    EXIT_CODES,
    EXPORT_HELP,
    IMPORT_HELP,
    MOCK_HELP,
    STREAM_FIGURES,
    TRUTH_FIGURES,
    WATCH_HELP,
)
from chatgrid_tui.dialects.registry import kinds
from chatgrid_tui.model.export_format import FORMATS

_EXAMPLES = """\
examples:
  chatgrid-tui                                 open the app, with the demo bots if nothing is configured
  chatgrid-tui send "When do you close?"       send one message without the app
  chatgrid-tui send --json - < question.txt    the reply as one JSON object
  chatgrid-tui decode FILE                     read a captured stream offline
  chatgrid-tui open FILE                       show recorded replies; no key, nothing is sent
  chatgrid-tui replay --speed 2 FILE           play recorded replies again
  chatgrid-tui mock FILE                       serve recordings to other clients
  chatgrid-tui watch --upstream URL            show what another client and a service exchange
  chatgrid-tui search refund bot:support       what was said, in all conversations
  chatgrid-tui export --all -o all.html        conversations as one page, Markdown, text or JSON
  chatgrid-tui import conversations.json       add conversations of an export, also of other programs
  chatgrid-tui doctor                          check the setup; paste the output into a bug report
  chatgrid-tui demo --serve --port 8000        serve the demo bots to other clients
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all arguments."""
    root = argparse.ArgumentParser(
        prog="chatgrid-tui",
        description="Talk to streaming chat bots in the terminal, and test them by hand.",
        epilog=f"{_EXAMPLES}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"chatgrid-tui {__version__}")
    _add_places(root, default=None)
    _add_opening(root, default=None)
    commands = root.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    demo = _add_command(commands, "demo", "open the app with the demo bots, or only serve them", exit_codes="")
    _add_opening(demo, default=argparse.SUPPRESS)
    demo.add_argument("--serve", action="store_true", help="serve the bots and print their addresses; no app")
    _add_port(demo)
    explained = f"{EXIT_CODES}\n{STREAM_FIGURES}"
    _add_send(_add_command(commands, "send", "send one message and print the reply", f"{explained}\n{TRUTH_FIGURES}"))
    _add_decode(_add_command(commands, "decode", "read a captured or recorded reply, offline", explained))
    opening = _add_command(commands, "open", "open the app on recorded replies; nothing is sent", exit_codes="")
    _add_theme(opening, default=argparse.SUPPRESS)
    _add_recording(opening)
    replaying = _add_command(commands, "replay", "play recorded replies at their pace; nothing is sent", explained)
    _add_theme(replaying, default=argparse.SUPPRESS)
    _add_replay(replaying)
    _add_mock(
        _add_command(
            commands, "mock", "serve recordings to other clients, and report how they handled them", MOCK_HELP
        )
    )
    watching = _add_command(commands, "watch", "show what other clients and a service exchange", WATCH_HELP)
    _add_theme(watching, default=argparse.SUPPRESS)
    _add_watch(watching)
    _add_json(_add_command(commands, "list", "list the conversations on this machine", library.LIST_HELP))
    _add_search(_add_command(commands, "search", "search all conversations on this machine", library.SEARCH_HELP))
    _add_export(_add_command(commands, "export", "write conversations of the history to a file", EXPORT_HELP))
    importing = _add_command(commands, "import", "add the conversations of a file to the history", IMPORT_HELP)
    importing.add_argument("file", metavar="FILE", help="JSON, a zip with JSON, or a database; see below")
    looking = _add_command(
        commands, "doctor", "check the setup and report problems, without showing keys", DOCTOR_EXIT_CODES
    )
    looking.add_argument("--json", action="store_true", help="print one JSON object")
    return root


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON array")


def _add_search(search: argparse.ArgumentParser) -> None:
    _add_json(search)
    search.add_argument("--limit", type=_count, default=50, metavar="N", help="print at most N hits (default: 50)")
    search.add_argument("query", metavar="QUERY", nargs="+", help="words and filters")


def _add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    exit_codes: str = EXIT_CODES,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=exit_codes,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_places(command, default=argparse.SUPPRESS)
    return command


def _add_places(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", default=default, help="the configuration to use")
    parser.add_argument("--data-dir", type=Path, metavar="FOLDER", default=default, help="where the history is kept")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", default=default, help="append a log to FILE, without keys and messages"
    )


def _add_opening(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--provider", metavar="NAME", default=default, help="the provider to talk to")
    parser.add_argument("--board", metavar="NAME", default=default, help="the board: its id or its name")
    _add_theme(parser, default=default)


def _add_theme(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--theme", metavar="NAME", default=default, help="the theme, such as midnight or paper")


def _add_send(send: argparse.ArgumentParser) -> None:
    send.add_argument("--provider", metavar="NAME", default=argparse.SUPPRESS, help="the provider to send to")
    send.add_argument(
        "--board",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="the board (default: the first configured, else the first listed)",
    )
    send.add_argument("--conversation", metavar="ID", help="continue the `conversation` of an earlier --json")
    send.add_argument("--no-stream", action="store_true", help="ask for the whole reply at once")
    send.add_argument("--json", action="store_true", help="print one JSON object at the end")
    send.add_argument("--check", action="store_true", help="compare the reply with what the service stored")
    send.add_argument(
        "--record",
        metavar="FILE",
        default="",
        help="save what goes over the wire in a new file: lines of JSON, or a HAR if it ends in .har; .gz compresses",
    )
    send.add_argument("message", metavar="MESSAGE", help="the message; - reads standard input")


def _add_decode(decode: argparse.ArgumentParser) -> None:
    decode.add_argument("--kind", choices=kinds(), default="", help="the kind of service, if FILE does not name it")
    decode.add_argument("--content-type", metavar="CT", default="", help="the Content-Type of a captured body")
    decode.add_argument("--json", action="store_true", help="print one JSON object")
    decode.add_argument(
        "file",
        metavar="FILE",
        help="recordings (the last is read) or a captured body; - reads stdin",
    )


def _add_recording(command: argparse.ArgumentParser) -> None:
    command.add_argument("--kind", choices=kinds(), default="", help="the kind of service, if FILE does not name it")
    command.add_argument("file", metavar="FILE", help="recordings, a HAR, evidence, or the output of `curl -N`")


def _add_replay(replay: argparse.ArgumentParser) -> None:
    replay.add_argument("--json", action="store_true", help="print what `send --json` printed; one line for a reply")
    replay.add_argument(
        "--speed",
        type=_speed,
        metavar="X",
        help="X times as fast as recorded; `max` does not wait, as with --json",
    )
    replay.add_argument(
        "--idle-time-limit", type=_span, metavar="SECONDS", help="shorten longer gaps, and report them"
    )
    _add_recording(replay)


def _add_mock(mock: argparse.ArgumentParser) -> None:
    mock.add_argument("--kind", choices=kinds(), default="", help="the kind of service, if a FILE does not name it")
    _add_port(mock)
    mock.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="X times as fast as recorded; `max` does not wait"
    )
    mock.add_argument(
        "--extra",
        type=_error_status,
        default=404,
        metavar="STATUS",
        help="the answer to requests that were not recorded (default: 404)",
    )
    ends = mock.add_mutually_exclusive_group()
    ends.add_argument("--loop", action="store_true", help="start again when all matching recordings were served")
    ends.add_argument("--once", action="store_true", help="stop when every recording was served")
    _add_origin(mock)
    mock.add_argument("--json", action="store_true", help="print one JSON object at the end, and lines to stderr")
    mock.add_argument(
        "files", metavar="FILE", nargs="+", help="recordings, a HAR, evidence, or the output of `curl -N`"
    )


def _add_export(export: argparse.ArgumentParser) -> None:
    which = export.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--conversation",
        metavar="ID",
        action="append",
        default=[],
        help="its id in the history, or the `conversation` of `send --json`; may be repeated",
    )
    which.add_argument("--all", action="store_true", help="all conversations, the newest first")
    export.add_argument(
        "--format", choices=FORMATS, help="the format (default: by the name of the file, else markdown)"
    )
    export.add_argument("-o", "--output", metavar="FILE", default="", help="a new file (default: standard output)")


def _add_port(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=_port, default=0, help="the port on 127.0.0.1 (default: any free one)")


def _add_origin(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        default="",
        help="allow web pages of one origin, such as https://shop.example",
    )


def _error_status(text: str) -> int:
    if not text.isdecimal() or not 400 <= int(text[:4]) <= 599:
        raise argparse.ArgumentTypeError(f"{text!r} is not an error status: use 400 to 599")
    return int(text)


def _speed(text: str) -> float:
    return math.inf if text == "max" else _positive(text, "not a speed: use a number above 0, or max")


def _span(text: str) -> float:
    return _positive(text, "not a duration: use a number of seconds above 0")


def _positive(text: str, problem: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is {problem}")
    return number


def _add_watch(watch: argparse.ArgumentParser) -> None:
    watch.add_argument("--upstream", metavar="URL", required=True, help="the address of the service")
    _add_port(watch)
    watch.add_argument(
        "--kind", choices=kinds(), default="", help="the kind of service (default: recognised from the requests)"
    )
    _add_origin(watch)
    watch.add_argument("--allow-http", action="store_true", help="pass requests on without encryption")
    watch.add_argument("--record", metavar="FILE", default="", help="add every exchange to FILE, without keys")
    watch.add_argument("--print", action="store_true", help="print a line for each exchange instead of the app")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text[:7]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text[:7])


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: use a number from 0 to 65535")
    return int(text)
