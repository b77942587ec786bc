"""The servers that many people have: where they answer, and whether they want a key.

Source: the documents of each server on its OpenAI-compatible interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chatgrid_tui.model.provider import Kind


@dataclass(frozen=True, slots=True)
class Preset:
    """A well-known server."""

    id: str
    """Its name in a configuration where no other is wished."""
    title: str
    kind: Kind
    base_url: str
    wants_key: bool = True
    variable: str = ""
    """The environment variable that its own programs read the key from."""
    port: int = 0
    """Where it answers on this machine by itself; 0 for what is elsewhere."""


PRESETS: Final = (
    Preset("ollama", "Ollama", "openai", "http://localhost:11434/v1", False, port=11434),
    Preset("llama-cpp", "llama.cpp", "openai", "http://localhost:8080/v1", False, port=8080),
    Preset("vllm", "vLLM", "openai", "http://localhost:8000/v1", False, port=8000),
    Preset("lm-studio", "LM Studio", "openai", "http://localhost:1234/v1", False, port=1234),
    Preset("openrouter", "OpenRouter", "openai", "https://openrouter.ai/api/v1", variable="OPENROUTER_API_KEY"),
    Preset("openai", "OpenAI", "openai", "https://api.openai.com/v1", variable="OPENAI_API_KEY"),
)

USUAL_ADDRESS: Final[dict[Kind, str]] = {
    "chatgrid": "https://api.chatgrid.ai/v1",
    "chatiq": "https://www.chatiq.io/api",
    "widget": "http://localhost:4000",
    "openai": "",
}
"""Where each kind of service answers by itself. An OpenAI-compatible server can be anywhere."""


def preset(name: str) -> Preset | None:
    """Return the server of that id; None where there is none."""
    return next((known for known in PRESETS if known.id == name), None)
