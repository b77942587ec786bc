"""The scrolling rows of a form."""

from __future__ import annotations

from textual.containers import VerticalScroll

from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar


class FormFields(VerticalScroll, can_focus=False):
    """Holds `FormRow`s on an overlay. The screen sets its margins and its maximum height.

    A cell at the right stays blank even without a scroll bar. Otherwise the fields would wrap again when the bar
    appears, and grow after they were scrolled into view.
    """

    DEFAULT_CSS = """
    FormFields {
        height: auto;
        overflow-x: hidden;
        overflow-y: auto;
        background: $cg-overlay;
        scrollbar-size-vertical: 1;
        scrollbar-color: $cg-line;
        scrollbar-background: $cg-overlay;
        scrollbar-background-hover: $cg-overlay;
        scrollbar-background-active: $cg-overlay;

        & > FormRow, & > FormFindings {
            padding-right: 1;
        }
        & > FormRow {
            margin-bottom: 1;
        }
    }
    """

    def on_mount(self) -> None:
        """Use the plain scroll bar, which cannot be created before the app."""
        use_plain_scroll_bar(self)
