"""The error tree. The message of each error is a sentence for the user.

ChatgridError
  UsageProblem        what was asked cannot be done: an unknown provider or board, an empty message
  ConfigProblem       the configuration has an error; knows the file, line and column
  KeyProblem          a key is missing or cannot be used
  StorageProblem      the history cannot be read or written
  ConnectionProblem   a request got no answer; carries the `Failure` as a value
  ServiceProblem      the service answered with an error; carries the `Failure` as a value
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from chatgrid_tui.model.failure import Failure


class ChatgridError(Exception):
    """The base class of all errors that are raised on purpose."""


class UsageProblem(ChatgridError):
    """What was asked cannot be done."""


class ConfigProblem(ChatgridError):
    """The configuration has an error at a position in a file. Line and column start at 1; 0 is unknown."""

    def __init__(self, message: str, *, path: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.column = column


class KeyProblem(ChatgridError):
    """A key is missing or cannot be used. The message never contains the key."""


StorageFault: TypeAlias = Literal["locked", "full", "unwritable", "moved", "slow", "gone", "other"]
"""`gone`: what was to be written belongs to something that was deleted."""


class StorageProblem(ChatgridError):
    """The history cannot be read or written."""

    def __init__(self, message: str, fault: StorageFault = "other") -> None:
        super().__init__(message)
        self.fault = fault

    @property
    def passing(self) -> bool:
        """Whether the same operation may succeed later."""
        return self.fault not in ("gone", "other")


class _WithFailure(ChatgridError):
    def __init__(self, message: str, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class ConnectionProblem(_WithFailure):
    """A request got no answer, or the answer ended early."""


class ServiceProblem(_WithFailure):
    """The service answered with an error."""
