"""When the garbage collector runs: not while modules are loaded, and never over loaded modules."""

from __future__ import annotations

import gc


def pause() -> None:
    """Disable the garbage collector until `resume`."""
    gc.disable()


def resume() -> None:
    """Enable the garbage collector, but exclude what is loaded, which is never freed.

    Going through all modules repeatedly caused pauses of 40 to 70 ms.
    """
    gc.freeze()
    gc.enable()
