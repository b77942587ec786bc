"""Providers saved with their keys, and what is kept and sent of those."""

from __future__ import annotations

from pathlib import Path

from chatgrid_tui.config.drafts import Checked, Draft, check
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.provider_editor import Begun, ProviderEditor, Saved
from keyrings import Keyring
from session.room import Room

HERE = "http://127.0.0.1:9/v1"
ELSEWHERE = "https://elsewhere.example/v1"
OTHER = "another-key-0123456789"
IN_KEYRING = ("chatgrid-tui", "acme")
TAKEN_OUT = "A key that was still kept under this name was taken out."


def kept(keyring: Keyring, keys_file: Path) -> list[str]:
    """Return the keys that are kept for acme."""
    lines = keys_file.read_text().splitlines() if keys_file.exists() else []
    in_keyring = [entry.rpartition(" ")[2] for entry in keyring.values()]
    return [*in_keyring, *(line.split('"')[1] for line in lines if line.startswith("acme"))]


def draft(address: str = HERE, **typed: object) -> Draft:
    made = Draft("openai", "Acme", address=address, key_from="none")
    for name, value in typed.items():
        setattr(made, name, value)
    return made


async def tried(configuring: ProviderEditor, typed: Draft, begun: Begun) -> str:
    """Return the key that a test would send."""
    checked = check(typed, begun.known)
    assert isinstance(checked, Checked), checked
    secret = await (await configuring.trial(typed, checked, begun.known)).look_up_key()
    return "" if secret is None else secret.reveal()


async def saved(configuring: ProviderEditor, typed: Draft, begun: Begun | None = None) -> Saved:
    known = (begun or await configuring.begin()).known
    checked = check(typed, known)
    assert isinstance(checked, Checked), checked
    return await configuring.save(typed, checked, known)


async def sent(room: Room, provider: Provider) -> str:
    """Return the key that goes to a provider."""
    secret = await (await room.session.clients.of(provider)).look_up_key()
    return "" if secret is None else secret.reveal()
