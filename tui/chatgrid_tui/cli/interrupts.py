"""Ctrl+C before the program can handle it. This is imported first, so it imports little itself."""

import os
import signal
from types import FrameType


def exit_at_once() -> None:
    """Make Ctrl+C end the process without a traceback, unless it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _exit)


def raise_interrupts() -> None:
    """Make Ctrl+C raise KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _exit:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _exit(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)
