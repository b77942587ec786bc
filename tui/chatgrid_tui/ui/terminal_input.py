"""What is read from the terminal: Textual's driver, but for a byte that is no UTF-8.

Textual decodes what is typed strictly, and its thread for input ends with the first byte that it cannot decode: one
letter pasted in Latin-1, or one byte that was lost on the way, and nobody can type any more.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import partial

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

__all__ = ["ForgivingDriver", "LinuxDriver"]


class ForgivingDriver(LinuxDriver):
    """Textual's driver for Linux and macOS. A byte that is no UTF-8 comes as U+FFFD, and is typed as that."""

    def run_input_thread(self) -> None:
        """Read what is typed, and hand on the events of it (Textual runs this in a thread of its own)."""
        # The decoder cannot be handed in: Textual makes it from this name, once, where its method begins
        # (test_a_byte_that_is_no_utf_8_is_typed_as_one_that_cannot_be_read).
        vars(linux_driver)["getincrementaldecoder"] = _forgiving
        super().run_input_thread()


def _forgiving(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Return what makes decoders of an encoding, as `codecs.getincrementaldecoder` does."""
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
