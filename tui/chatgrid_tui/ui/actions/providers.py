"""The actions on providers."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.action import Action

ADD_PROVIDER: Final = Action(
    "provider.add", "provider('add')", (), "Add a provider", "a service of any kind, or a model", "Providers"
)
EDIT_PROVIDER: Final = Action(
    "provider.edit",
    "provider('edit')",
    (),
    "Edit this provider",
    "its address, key, boards and more",
    "Providers",
)
TEST_PROVIDER: Final = Action(
    "provider.test",
    "provider('test')",
    (),
    "Test this provider",
    "address, key and listing; sends no message",
    "Providers",
)
REMOVE_PROVIDER: Final = Action(
    "provider.remove",
    "provider('remove')",
    (),
    "Remove this provider",
    "and its key; conversations stay",
    "Providers",
)
PROVIDERS: Final = Action(
    "provider.list", "offer('providers')", (), "Providers and keys", "status, key and credits", "Providers"
)
PROVIDER_ACTIONS: Final = (PROVIDERS, ADD_PROVIDER, EDIT_PROVIDER, TEST_PROVIDER, REMOVE_PROVIDER)
OPEN_CONFIGURATION: Final = Action(
    "app.configuration",
    "offer('configuration')",
    (),
    "Open configuration",
    "all settings, in an editor",
    "Providers",
)
