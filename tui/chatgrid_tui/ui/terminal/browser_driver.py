"""Textual's driver for a browser (textual-serve), with our reading of the terminal in it."""

from __future__ import annotations

from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver, _ExitInput

from chatgrid_tui.ui.terminal.input_events import InputEvents


class BrowserDriver(WebDriver):
    """Reads packets from the server: what is typed, and what the browser tells besides."""

    _has_gone = False
    """Whether the browser or the server has gone, and the app was told."""

    def run_input_thread(self) -> None:
        """Read packets and hand on the events of them (Textual runs this in a thread of its own)."""
        inputs, packets = InputEvents(), ByteStream()
        try:
            for data in self._input_reader:
                for kind, payload in packets.feed(data) if data else ():
                    if kind == "D":
                        for event in inputs.feed(payload):
                            self.process_message(event)
                    else:
                        self._on_meta(kind, payload)
                for event in inputs.tick():
                    self.process_message(event)
        except _ExitInput:
            return
        finally:
            self._input_reader.close()
        self._go()

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Do what the server asks. Textual would quit at once, and keep nothing."""
        if packet_type == "quit":
            self._go()
        else:
            super().on_meta(packet_type, payload)

    def _go(self) -> None:
        """End the app as when a terminal goes away."""
        if not self._has_gone and not self.exit_event.is_set():
            self._has_gone = True
            self._app.call_later(self._app.panic)
