"""Import a package without one of its modules that is not needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def absent(name: str) -> Iterator[None]:
    """Let the import of a module fail for a while, unless it is imported already.

    `None` in `sys.modules` does that (the Python language reference, 5.3.1). The package must handle the error.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = cast(ModuleType, None)
    try:
        yield
    finally:
        del sys.modules[name]
