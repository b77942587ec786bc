"""A recorded request as a text to copy: a command, or a program."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple, assert_never

from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.engine.key_mask import without_known_keys
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.request_export import ExportFormat, as_curl, as_httpx, export_request
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider


class CopiedRequest(NamedTuple):
    """A request as text, without any key that this process knows."""

    text: str
    variables: tuple[str, ...] = ()
    """The environment variables that it reads."""
    body_file: Path | None = None
    """The temporary file with the body, if that cannot be in the text."""


def copied_request(
    recording: Recording, provider: Provider, source: KeySource | None, form: ExportFormat
) -> CopiedRequest:
    """Return the request of a recording as text. `source` is where the provider's key is stored.

    Raises:
        UsageProblem: no other program could send the request, or its body cannot be written to a file.
    """
    request = export_request(recording, provider, "" if source is None else source.variable)
    body_file: Path | None = None
    match form:
        case "curl":
            if request.body_file is not None:
                body_file = _write_body(request.body_file)
            text = as_curl(request) if body_file is None else as_curl(request, str(body_file))
        case "httpx":
            text = as_httpx(request)
        case _:
            assert_never(form)
    return CopiedRequest(without_known_keys(text), request.variables, body_file)


def _write_body(body: bytes) -> Path:
    try:
        descriptor, name = tempfile.mkstemp(prefix="chatgrid-tui-", suffix=".bin")  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
    except OSError as problem:
        raise UsageProblem(f"The body of the request cannot be written to a file: {problem.strerror}.") from problem
    return Path(name)
