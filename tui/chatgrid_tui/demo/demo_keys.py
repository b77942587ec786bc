"""Keys for those who want to see a key refused. Without them the bots ask for none."""

from __future__ import annotations

from dataclasses import dataclass

CHATGRID_KEY = "cgk_demo_full_access"
CHATGRID_READ_ONLY_KEY = "cgk_demo_read_only"
CHATIQ_KEY = "sk_system_demo_shared"
WIDGET_KEY = "demo-widget-key-0123456789"
OPENAI_KEY = "sk-demo-0123456789"


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The keys each service accepts once keys are asked for; any other is refused in that service's way."""

    chatgrid: str = CHATGRID_KEY
    chatgrid_read_only: str = CHATGRID_READ_ONLY_KEY
    chatiq: str = CHATIQ_KEY
    widget: str = WIDGET_KEY
    openai: str = OPENAI_KEY
