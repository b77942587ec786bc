"""Importing a package without a part of it that nobody needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def absent(name: str) -> Iterator[None]:
    """Have a module not to be found meanwhile, unless it is imported already: `None` in `sys.modules` says so to the
    import system (the Python language reference, 5.3.1). The package has to bear it.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = cast(ModuleType, None)
    try:
        yield
    finally:
        del sys.modules[name]
