"""Textual's driver for a browser (textual-serve), with our reading of the terminal in it."""

from __future__ import annotations

from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver, _ExitInput

from chatgrid_tui.ui.terminal.drivers import InputEvents


class BrowserDriver(WebDriver):
    """Reads packets from the server: what is typed, and what the browser tells besides."""

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
        if not self.exit_event.is_set():  # the server has gone
            self._app.call_later(self._app.panic)
