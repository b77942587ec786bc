"""Keys for trying out what happens when a key is refused. By default the bots ask for none."""

from __future__ import annotations

from dataclasses import dataclass

CHATGRID_KEY = "cgk_demo_full_access"
CHATGRID_READ_ONLY_KEY = "cgk_demo_read_only"
CHATIQ_KEY = "sk_system_demo_shared"
WIDGET_KEY = "demo-widget-key-0123456789"
OPENAI_KEY = "sk-demo-0123456789"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The keys that each service accepts once keys are required; it refuses all others in its own way."""

    chatgrid: str = CHATGRID_KEY
    chatgrid_read_only: str = CHATGRID_READ_ONLY_KEY
    chatiq: str = CHATIQ_KEY
    widget: str = WIDGET_KEY
    openai: str = OPENAI_KEY
