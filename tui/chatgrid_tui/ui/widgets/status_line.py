"""The row above the keys: the key in use, remaining credits and requests, and the state of the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Look, Speaker
from chatgrid_tui.ui.widgets.cells import cut, is_tall, own_words
from chatgrid_tui.ui.widgets.one_line import OneLine, styled
from chatgrid_tui.ui.widgets.tone import Tone, part_of, sign_of

_BETWEEN = 2
"""The fewest cells between the ends."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line shows."""

    bot: Speaker
    provider: str = ""
    details: tuple[str, ...] = ()
    """The source of the key, credits, remaining requests. The last one is left out first."""
    production: bool = False
    state: str = ""
    state_short: str = ""
    """A shorter state, for when the other does not fit; the same if empty."""
    tone: Tone = "quiet"
    first_short: str = ""
    """A shorter first detail, for when the other does not fit."""
    alarms: tuple[str, ...] = ()
    """Current problems, in two or three words each. They are never left out."""


class StatusLine(OneLine):
    """Shows a `Status`. Under a composer of one row it also names bot and provider, which are never left out."""

    def __init__(self, status: Status | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._status = status or Status(Speaker(""))

    @property
    def status(self) -> Status:
        """What is shown."""
        return self._status

    def show(self, status: Status) -> None:
        """Show another status."""
        if status != self._status:
            self._status = status
            self.refresh()

    def ends(self, look: Look, room: int) -> tuple[Content, Content]:
        """Overrides `OneLine.ends`."""
        status = self._status
        long, short = self._state(look, status.state), self._state(look, status.state_short or status.state)
        details = list(status.details)
        shortest = [status.first_short] if status.first_short else details[:1]
        # The first detail, the key in use, takes precedence over a long state.
        tries = [(details[:count], long) for count in range(len(details), 0, -1)]
        tries += [(shortest, long), (shortest, short), ([], long), ([], short)]
        for shown, right in tries:
            left = self._left(look, shown)
            if left.cell_length + _BETWEEN + right.cell_length <= room:
                return left, right
        return self._squeezed(look, room - _BETWEEN - short.cell_length), short

    def _left(self, look: Look, details: list[str]) -> Content:
        dot = styled(f" {look.signs.dot} ", "muted")
        parts = [styled(own_words(detail, look.signs), "muted") for detail in details if detail]
        if not is_tall(self):
            provider = styled(clean_line(self._status.provider), "muted")
            parts = [look.speaker_name(self._status.bot), provider, *parts]
        return Content.assemble(self._warnings(look), dot.join(part for part in parts if part))

    def _squeezed(self, look: Look, room: int) -> Content:
        """Return bot and provider if even they are too long: both are cut, neither is left out."""
        status, warnings = self._status, self._warnings(look)
        if is_tall(self):
            return warnings
        room = max(0, room - warnings.cell_length)
        provider = f" {look.signs.dot} {clean_line(status.provider)}" if status.provider else ""
        name = look.speaker_name(status.bot, max(room - len(provider), (room + 1) // 2))
        rest = cut(provider, max(0, room - name.cell_length), look.signs.more)
        return Content.assemble(warnings, name, styled(rest, "muted"))

    def _warnings(self, look: Look) -> Content:
        warnings = [styled(f"{look.signs.failed} {words}", "error", "bold") for words in self._status.alarms]
        if self._status.production and not is_tall(self):
            warnings.append(production(look))
        return Content.assemble(*(part for warning in warnings for part in (warning, "  ")))

    def _state(self, look: Look, words: str) -> Content:
        tone = self._status.tone
        sign = sign_of(tone, look.signs)
        # While a reply is written, only the sign has the accent colour: the text is figures to be read.
        text = styled(own_words(words, look.signs), "text" if tone == "live" else part_of(tone))
        return Content.assemble(styled(f"{sign} ", part_of(tone)), text) if sign else text


def production(look: Look) -> Content:
    """Return the warning that messages reach real customers."""
    return styled(f"{look.signs.waiting} PRODUCTION", "warn", "bold")
