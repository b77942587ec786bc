"""`chatgrid-tui send`: one turn without a screen. It neither reads nor changes the history."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

from chatgrid_tui.cli.demo import with_embedded
from chatgrid_tui.cli.http_transport import http_transport
from chatgrid_tui.cli.outcome import exit_code, reply_json, truth_object
from chatgrid_tui.cli.printing import TextPrinter, print_rest
from chatgrid_tui.cli.streams import standard_input
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.settings import Settings, load
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.metered_trace import report_of
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.transport import ANSWER_TIMEOUT
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.request import Outgoing
from chatgrid_tui.session.providers.clients import Clients
from chatgrid_tui.session.truth.sent_check import SentCheck
from chatgrid_tui.session.turns.turn_run import BoardFound, TurnRun
from chatgrid_tui.session.user_files import check_new_file, path_of
from chatgrid_tui.session.wording.truth import counts
from chatgrid_tui.text import clean, clean_line


@dataclass(frozen=True, slots=True)
class SendOptions:
    """The arguments of the command line."""

    message: str
    provider: str = ""
    board: str = ""
    conversation: str = ""
    stream: bool = True
    json: bool = False
    record: str = ""
    """The file to save what went over the wire in, or empty."""
    check: bool = False
    """Whether to compare the reply with what the service stored."""


def send(options: SendOptions, paths: Paths) -> int:
    """Send one message, print the reply, and return the exit code.

    Raises:
        UsageProblem, ConfigProblem, KeyProblem: nothing was sent.
    """
    if options.record:
        check_new_file(path_of(options.record))
    return asyncio.run(_send(options, paths))


def message_from(argument: str) -> str:
    """Return the message: the argument, or standard input without its last line end if it is `-`."""
    if argument != "-":
        return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        message = standard_input().read()
    except OSError as problem:
        raise UsageProblem(f"Standard input cannot be read: {problem.strerror}.") from problem
    return message.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


async def _send(options: SendOptions, paths: Paths) -> int:
    async with AsyncExitStack() as stack:
        settings = await _settings(paths, stack)
        provider = settings.provider(options.provider)
        assert provider is not None, "with nothing configured, the embedded providers are"
        clients = Clients(settings, paths, lambda: http_transport([provider]))
        stack.push_async_callback(clients.close)
        client = await clients.get(provider)
        run = _turn_run(options, client)
        check = SentCheck(client, options.message) if options.check else None
        try:
            if options.json:
                await _finish(run, None, check)
            else:
                await _finish(run, TextPrinter(run.reply, side_by_side=client.dialect.bubbles_are_choices), check)
                resend = client.dialect.resend_at(provider)
                print_rest(run.reply, clients.key_status(provider), resend, client.dialect)
        finally:  # also if nobody reads the output any more
            is_saved = not options.record or _save(options.record, run.recordings)
        if check is not None:
            await _run_check(check, run)
        if options.json:
            _print_json(run, client, check)
        elif check is not None:
            outcome = check.problem if check.outcome is None else f"Truth check: {counts(check.outcome)}"
            sys.stderr.write(f"{clean_line(outcome, 500)}\n")
        is_stored = check is None or (check.outcome is not None and check.outcome.verdict == "same")
        return exit_code(run.reply) or (0 if is_stored else 8) or (0 if is_saved else 1)


def _print_json(run: TurnRun, client: Client, check: SentCheck | None) -> None:
    stream = report_of(run.recordings, client.dialect)
    truth = None if check is None else truth_object(check.outcome, check.problem)
    remote_id = run.remote_id or None
    print(reply_json(run.reply, remote_id, with_conversation=True, stream=stream, truth=truth))  # noqa: T201


async def _run_check(check: SentCheck, run: TurnRun) -> None:
    """Compare the reply with what is stored, unless the user stops that."""
    try:
        await check.run(run.remote_id, run.reply)
    except asyncio.CancelledError:
        check.problem = "Stopped before the service was asked for the last time."


def _save(name: str, recordings: Sequence[Recording]) -> bool:
    """Save what went over the wire, and return whether that succeeded."""
    from chatgrid_tui.session.saved_recordings import save_recordings  # rarely needed

    try:
        if not recordings:
            raise UsageProblem("Nothing was sent.")
        save_recordings(path_of(name), recordings)
    except UsageProblem as problem:
        sys.stderr.write(clean(f"chatgrid-tui: The recording was not saved: {problem}\n"))
        return False
    return True


async def _settings(paths: Paths, stack: AsyncExitStack) -> Settings:
    settings = load(paths.config_file)
    if settings.providers:
        return settings
    return with_embedded(settings, await stack.enter_async_context(DemoServer()))


def _turn_run(options: SendOptions, client: Client) -> TurnRun:
    """Return the turn to run.

    Raises:
        UsageProblem: the message, or its conversation, is not possible.
    """
    provider = client.provider
    client.dialect.check(options.message)
    if options.conversation and (client.dialect.conversations == "none" or provider.private):
        raise UsageProblem(f"{provider.shown} does not store conversations, so none can be continued.")
    return TurnRun(
        client,
        Outgoing(provider, "", options.message, options.conversation, stream=options.stream),
        board=options.board,
        silence_timeout=provider.silence_timeout,
        answer_timeout=min(ANSWER_TIMEOUT, provider.silence_timeout),
    )


async def _finish(run: TurnRun, printer: TextPrinter | None, check: SentCheck | None) -> None:
    """Run the turn to its end, and print the text as it grows. The outcome is in the reply."""
    try:
        async with aclosing(run.steps()) as steps:
            async for step in steps:
                if check is not None and isinstance(step, BoardFound):
                    await check.begin(step.board.id, run.remote_id)
                if printer is not None:
                    printer.grow()
    except asyncio.CancelledError:
        run.reply.stop(run.elapsed)
    if printer is not None:
        printer.finish()
