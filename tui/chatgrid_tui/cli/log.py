"""The log that `--log FILE` writes: one line per event, without keys, header values and message texts."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO, TypeAlias

from chatgrid_tui.cli import environment
from chatgrid_tui.cli.crash import traceback_lines
from chatgrid_tui.config.secret import Secret, known_secrets
from chatgrid_tui.engine.key_mask import SHORTEST, KeyMask
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean_line

logger = logging.getLogger(__name__)

_LONGEST_LINE: Final = 1_000
_LEVELS: Final = {"chatgrid_tui": logging.INFO, "asyncio": logging.WARNING}
"""The loggers whose events are written. Those of httpx and httpcore would write queries and headers."""
_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


@contextlib.contextmanager
def log_to(file: Path) -> Iterator[None]:
    """Append a log to `file` within the context.

    Raises:
        UsageProblem: the file cannot be written.
    """
    handler = _Handler(_open(file))
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    previous_levels = {name: logging.getLogger(name).level for name in _LEVELS}
    for name, level in _LEVELS.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).addHandler(handler)
    previous_hook = threading.excepthook

    def log_thread_error(args: threading.ExceptHookArgs) -> None:
        logger.critical("Unhandled exception in a thread", exc_info=args.exc_value)
        previous_hook(args)

    threading.excepthook = log_thread_error
    try:
        facts = {**environment.versions(), **environment.terminal(os.environ)}
        logger.info("Start: %s", ", ".join(f"{name} {value}" for name, value in facts.items()))
        yield
        logger.info("End")
    except Exception as error:
        logger.error("Ended by %s", type(error).__name__, exc_info=True)
        raise
    finally:
        threading.excepthook = previous_hook
        for name, level in previous_levels.items():
            logging.getLogger(name).removeHandler(handler)
            logging.getLogger(name).setLevel(level)
        handler.close()


def _open(file: Path) -> TextIO:
    # Without O_NONBLOCK, opening a pipe would wait for a reader.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(file, flags, 0o600)
    except OSError as error:
        reason = "it is not a regular file" if error.errno == errno.ENXIO else error.strerror
        raise UsageProblem(f"The log {file} cannot be written: {reason}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageProblem(f"The log {file} cannot be written: it is not a regular file.")
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it may belong to another user
            os.fchmod(descriptor, 0o600)
    return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Overrides `Handler.handleError`, which would print over the interface. A full disk loses log lines."""

    def close(self) -> None:
        """Overrides `Handler.close`: closes the file as well."""
        super().close()
        with contextlib.suppress(OSError):
            self.stream.close()


class _Formatter(logging.Formatter):
    """Formats an event as one line with keys masked, followed by the types and calls of its exception."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self._mask: KeyMask | None = None
        self._masked: tuple[Secret, ...] = ()

    def format(self, record: logging.LogRecord) -> str:
        """Overrides `Formatter.format`."""
        # asyncio puts the repr of a task, with its exception, on the lines after the first.
        message = record.getMessage().partition("\n")[0]
        line = clean_line(self._without_keys(message), _LONGEST_LINE)
        # A copy without `exc_text`, in which another handler may have stored the messages of exceptions.
        copy = {**record.__dict__, "msg": line, "args": (), "exc_text": None}
        return super().format(logging.makeLogRecord(copy))

    def formatException(self, ei: _ExcInfo) -> str:
        """Overrides `Formatter.formatException`: leaves out messages, which may quote a key or a reply."""
        return "" if ei[1] is None else "\n".join(f"  {line}" for line in traceback_lines(ei[1]))

    def _without_keys(self, text: str) -> str:
        secrets = known_secrets()
        if secrets != self._masked:
            self._masked = secrets
            maskable = [secret for secret in secrets if len(secret.reveal()) >= SHORTEST]
            self._mask = KeyMask(maskable) if maskable else None
        return text if self._mask is None else self._mask.text(text)
