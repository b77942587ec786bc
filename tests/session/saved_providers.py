"""Providers saved with their keys, and what is stored and sent of those."""

from __future__ import annotations

from pathlib import Path

from chatgrid_tui.config.provider_fields import ProviderFields, ValidProvider, validate
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.provider_editor import EditStart, ProviderEditor, Saved
from form_entries import filled
from keyrings import Keyring
from session.room import Room

HERE = "http://127.0.0.1:9/v1"
ELSEWHERE = "https://elsewhere.example/v1"
OTHER = "another-key-0123456789"
IN_KEYRING = ("chatgrid-tui", "acme")
TAKEN_OUT = "An old key stored under this name was removed."


def kept(keyring: Keyring, keys_file: Path) -> list[str]:
    """Return the keys that are kept for acme."""
    lines = keys_file.read_text().splitlines() if keys_file.exists() else []
    in_keyring = [entry.rpartition(" ")[2] for entry in keyring.values()]
    return [*in_keyring, *(line.split('"')[1] for line in lines if line.startswith("acme"))]


def draft(address: str = HERE, **typed: object) -> ProviderFields:
    return filled(filled(kind="openai", title="Acme", base_url=address, key_from="none"), **typed)


async def tried(configuring: ProviderEditor, typed: ProviderFields, begun: EditStart) -> str:
    """Return the key that a test would send."""
    valid = validate(typed, begun.context)
    assert isinstance(valid, ValidProvider), valid
    secret = await (await configuring.trial(typed, valid, begun.context)).look_up_key()
    return "" if secret is None else secret.reveal()


async def saved(configuring: ProviderEditor, typed: ProviderFields, begun: EditStart | None = None) -> Saved:
    context = (begun or await configuring.begin()).context
    valid = validate(typed, context)
    assert isinstance(valid, ValidProvider), valid
    return await configuring.save(typed, valid, context)


async def sent(room: Room, provider: Provider) -> str:
    """Return the key that goes to a provider."""
    secret = await (await room.session.clients.get(provider)).look_up_key()
    return "" if secret is None else secret.reveal()
