"""Sentences about files that could not be fetched."""

from __future__ import annotations

from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.wording.connection_failures import explain_connection
from chatgrid_tui.text import clean_line


def why_not_fetched(failure: Failure) -> str:
    """Return why a file could not be fetched."""
    place = clean_line(failure.place) or "The server"
    match failure.cause:
        case "said" if failure.status in (401, 403):
            return f"{place} does not give this file to everyone ({failure.status}). No key was sent."
        case "said" if failure.status in (404, 410):
            return f"{place} does not have this file ({failure.status})."
        case "said":
            return f"{place} answered with status {failure.status}."
        case "silence":
            return f"{place} stopped sending."
        case "no answer in time":
            return f"{place} did not answer in time."
        case "dropped" | "broken chunks":
            return f"The connection to {place} was lost before the file was complete."
        case "compressed" | "broken compression" | "too long":
            return "The file was sent compressed, and cannot be decompressed."
        case "insecure":
            return f"{place} would be reached without encryption, and was not asked."
        case _:
            return explain_connection(failure, None).headline
