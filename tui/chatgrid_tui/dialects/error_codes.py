"""The HTTP statuses that correspond to error codes within a stream, whose own status is 200."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CHATIQ: Final[Mapping[str, int]] = MappingProxyType(
    {"INVALID_INPUT": 400, "MISSING_REQUIRED_FIELD": 400, "BAD_REQUEST": 400}
    | {"UNAUTHORIZED": 401, "INVALID_API_KEY": 401}
    | {"QUOTA_EXCEEDED": 402}
    | {"FORBIDDEN": 403, "EVALUATION_EXPIRED": 403}
    | {"NOT_FOUND": 404, "BOT_NOT_FOUND": 404}
    | {"CONFLICT": 409}
    | {"MODERATION_FLAGGED": 422}
    | {"RATE_LIMIT": 429, "RATE_LIMIT_EXCEEDED": 429}
    | {"INTERNAL_SERVER_ERROR": 500, "SERVER_ERROR": 500, "DATABASE_ERROR": 500}
    | {"OPENAI_API_ERROR": 502, "MODERATION_API_ERROR": 502}
    | {"SERVICE_UNAVAILABLE": 503}
)
"""The HTTP status of each of ChatIQ's codes (api, "Error codes"). It streams by default, with status 200."""
OPENAI: Final[Mapping[str, int]] = MappingProxyType(
    {"invalid_request_error": 400, "context_length_exceeded": 400, "permission_error": 403, "model_not_found": 404}
)
STATUSES: Final = MappingProxyType({**CHATIQ, **OPENAI})
