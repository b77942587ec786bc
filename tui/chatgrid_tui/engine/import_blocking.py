"""Import a package without a submodule that it can do without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def import_blocked(name: str) -> Iterator[None]:
    """Make imports of a module fail within the block, unless it has been imported already.

    `None` in `sys.modules` does that (Python language reference, 5.3.1). The package must handle the `ImportError`.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = cast(ModuleType, None)
    try:
        yield
    finally:
        del sys.modules[name]
