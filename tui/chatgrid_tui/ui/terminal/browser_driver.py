"""Textual's driver for a browser (textual-serve), with our own parsing of input."""

from __future__ import annotations

from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver, _ExitInput

from chatgrid_tui.ui.terminal.input_events import InputEvents


class BrowserDriver(WebDriver):
    """Reads packets from the server: what is typed, and other messages of the browser."""

    _has_gone = False
    """Whether the browser or the server is gone, and the app knows."""

    def run_input_thread(self) -> None:
        """Read packets and pass on their events. Textual runs this in a separate thread."""
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
        """Do what the server asks. Textual would quit at once, without saving."""
        if packet_type == "quit":
            self._go()
        else:
            super().on_meta(packet_type, payload)

    def _go(self) -> None:
        """End the app as if a terminal was closed."""
        if not self._has_gone and not self.exit_event.is_set():
            self._has_gone = True
            self._app.call_later(self._app.panic)
