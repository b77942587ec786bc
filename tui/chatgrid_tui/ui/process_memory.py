"""Memory of the process: when the garbage collector runs, and what goes back to the operating system."""

from __future__ import annotations

import gc
import sys
from typing import Final

_LARGE: Final = 1 << 20
"""Bytes of a block of memory that is returned as soon as it is freed."""
_M_MMAP_THRESHOLD: Final = -3
"""From `malloc.h` of glibc."""


def pause_collection() -> None:
    """Disable the garbage collector until `resume_collection`: it must not run while modules are loaded."""
    gc.disable()


def resume_collection() -> None:
    """Enable the garbage collector, but exclude what is loaded, which is never freed.

    Going through all modules repeatedly caused pauses of 40 to 70 ms.
    """
    gc.freeze()
    gc.enable()


def return_large_blocks() -> None:
    """Return the buffers of long replies to the operating system when they are freed.

    The C library would raise its threshold with each buffer, and keep the next ones: 3 of the 10 MiB that a million
    events left behind.
    """
    if sys.platform == "linux":
        import ctypes

        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # not every C library has it
        if set_option is not None:
            set_option(_M_MMAP_THRESHOLD, _LARGE)
