"""Prepares a recorded request to be sent again."""

from __future__ import annotations

from dataclasses import replace

from chatgrid_tui.config.providers import same_place
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.engine.key_mask import MASK, KeyMask
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.transport import place_of
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request


def request_again(recording: Recording, provider: Provider) -> Request:
    """Return the request of a recording, with the values that `provider` gives to headers recorded by name only. The
    key is not included.

    Raises:
        UsageProblem: it was sent to a server other than the provider's, or it was not recorded completely.
    """
    request = recording.request
    if not same_place(provider.base_url, request.url):
        recorded_place, now = place_of(request.url), place_of(provider.base_url)
        raise UsageProblem(
            f"This request went to {recorded_place}, but {provider.shown} is at {now} now. Nothing was sent."
        )
    if "postData" in recording.unknown.get("request", {}):
        raise UsageProblem("The body of this request is not a JSON object. Nothing was sent.")
    url = _with_keys(request.url, provider)
    if MASK.search(url) or MASK.search(str(request.body)):
        raise UsageProblem("This request contained a key, which is not recorded. Nothing was sent.")
    configured = {name.lower(): (name, value) for name, value in provider.headers}
    key_header = DIALECTS[provider.kind].header_of(provider)[0].lower()
    if missing := [name for name in recording.redacted if name not in configured and name != key_header]:
        raise UsageProblem(f"The header {missing[0]} of this request is not recorded. Nothing was sent.")
    headers = (*request.headers, *(configured[name] for name in recording.redacted if name in configured))
    return replace(request, url=url, headers=headers)


def _with_keys(url: str, provider: Provider) -> str:
    """Return a URL with its masked keys restored, if it is the address of the provider itself."""
    mask = KeyMask.of(Request("POST", provider.base_url), None)
    return provider.base_url if mask is not None and mask.text(provider.base_url) == url else url
