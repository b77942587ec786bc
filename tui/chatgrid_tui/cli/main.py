"""The command line: run the command that the arguments name."""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from chatgrid_tui.cli import library
from chatgrid_tui.cli.arguments import parser
from chatgrid_tui.cli.interrupts import raise_interrupts
from chatgrid_tui.cli.streams import is_terminal, prepare
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.text import clean


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    try:
        prepare()
        parsed = parser().parse_args(arguments)
        with _log(parsed.log):
            command = _loaded(parsed, Paths.usual(parsed.config, parsed.data_dir))
            raise_interrupts()
            code = command()
        sys.stdout.flush()  # here rather than at exit, where errors would not be caught
        return code
    except ChatgridError as problem:
        _write_error(str(problem))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of the output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as problem:  # the output could not be written; all other errors are ChatgridErrors
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _write_error(f"the output cannot be written: {problem.strerror}.")
        return 1


def _log(file: Path | None) -> contextlib.AbstractContextManager[None]:
    if file is None:
        return contextlib.nullcontext()
    from chatgrid_tui.cli.log import log_to

    return log_to(file)


def _write_error(sentence: str) -> None:
    with contextlib.suppress(OSError):  # the exit code must do then
        sys.stderr.write(f"chatgrid-tui: {clean(sentence)}\n")


def _loaded(arguments: argparse.Namespace, paths: Paths) -> Callable[[], int]:
    """Return the command to run. Meanwhile no garbage is collected: that would go through all modules repeatedly."""
    gc.disable()
    try:
        return _command(arguments, paths)
    finally:
        gc.freeze()
        gc.enable()


def _command(arguments: argparse.Namespace, paths: Paths) -> Callable[[], int]:
    """Return the command to run. Each command imports what it needs itself, and only the app imports Textual."""
    match arguments.command:
        case "send":
            from chatgrid_tui.cli.send import SendOptions, message_from, send

            options = SendOptions(
                message_from(arguments.message),
                arguments.provider or "",
                arguments.board or "",
                arguments.conversation or "",
                not arguments.no_stream,
                arguments.json,
                arguments.record,
                arguments.check,
            )
            if arguments.config is not None and not arguments.provider and not paths.config_file.exists():
                # If a named file does not exist, that is an error, which answers of the demo bots would hide.
                raise UsageProblem(f"There is no {paths.config_file}. Without --config, the demo bots answer.")
            return partial(send, options, paths)
        case "decode":
            from chatgrid_tui.cli.decode import decode

            return partial(decode, arguments.kind, arguments.file, arguments.content_type, as_json=arguments.json)
        case "open":
            return partial(_open_file, arguments, paths)
        case "replay":
            return partial(_replay, arguments, paths)
        case "mock":
            from chatgrid_tui.cli.mock import MockOptions, mock

            mocked = MockOptions(
                *(arguments.files, arguments.kind, arguments.port, arguments.speed, arguments.extra),
                *(arguments.loop, arguments.once, arguments.json, arguments.allow_origin),
            )
            return partial(mock, mocked)
        case "list":
            return partial(library.print_list, paths.data_folder, as_json=arguments.json)
        case "search":
            words = " ".join(arguments.query)
            folder, limit = paths.data_folder, arguments.limit
            return partial(library.print_hits, folder, words, limit=limit, as_json=arguments.json)
        case "doctor":
            from chatgrid_tui.cli.doctor import doctor

            return partial(doctor, paths, as_json=arguments.json, named=arguments.config is not None)
        case "export":
            from chatgrid_tui.cli.export import ExportOptions, export

            wanted = ExportOptions(arguments.conversation, arguments.format, arguments.output)
            return partial(export, wanted, paths)
        case "import":
            from chatgrid_tui.cli.import_file import import_file

            return partial(import_file, arguments.file, paths)
        case "watch":
            return partial(_watch, arguments, paths)
        case "demo" if arguments.serve:
            from chatgrid_tui.cli.demo import serve

            return partial(serve, arguments.port)
        case _:
            from chatgrid_tui.cli import app

            demo = arguments.command == "demo"
            opening = app.OpeningOptions(
                arguments.provider or "",
                arguments.board or "",
                arguments.theme or "",
                demo,
                arguments.port if demo else 0,
            )
            return partial(app.run_app, paths, opening)


def _open_file(arguments: argparse.Namespace, paths: Paths) -> int:
    """Open the app on a file of recordings."""
    from chatgrid_tui.cli import app

    return app.run_app(
        paths, app.OpeningOptions(theme=arguments.theme or "", file=arguments.file, kind=arguments.kind)
    )


def _replay(arguments: argparse.Namespace, paths: Paths) -> int:
    """Play recorded replies: on a terminal in the app, else as text."""
    limit = math.inf if arguments.idle_time_limit is None else arguments.idle_time_limit
    if arguments.json or not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        from chatgrid_tui.cli.headless_replay import ReplayOptions, replay

        return replay(ReplayOptions(arguments.file, arguments.kind, arguments.speed, limit, arguments.json))
    from chatgrid_tui.cli import app
    from chatgrid_tui.ui.startup import Pace

    pace = Pace(arguments.speed or 1.0, limit)
    return app.run_app(
        paths, app.OpeningOptions(theme=arguments.theme or "", file=arguments.file, kind=arguments.kind, replay=pace)
    )


def _watch(arguments: argparse.Namespace, paths: Paths) -> int:
    """Watch other clients: on a terminal in the app, else as lines."""
    from chatgrid_tui.cli.watch import WatchOptions, print_exchanges

    options = WatchOptions(
        arguments.upstream,
        arguments.port,
        arguments.kind,
        arguments.allow_origin,
        arguments.allow_http,
        arguments.record,
    )
    if arguments.print or not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        return print_exchanges(options)
    from chatgrid_tui.cli import app

    return app.run_app(paths, app.OpeningOptions(theme=arguments.theme or "", watch=options))
