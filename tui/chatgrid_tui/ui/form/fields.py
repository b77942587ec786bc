"""The rows of a form one below the other; what there is no room for scrolls."""

from __future__ import annotations

from textual.containers import VerticalScroll

from chatgrid_tui.ui.widgets.scroll_bar import use_plain_scroll_bar


class FormFields(VerticalScroll, can_focus=False):
    """Holds `FormRow`s on an overlay. Its margins, and its greatest height, are the screen's to say.

    A cell at the right stays blank whether there is a scroll bar behind it or not: what is filled in would else wrap
    anew when the bar comes, and grow after it was scrolled into view.
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
        """Take the plain scroll bar; it cannot be made before there is an app."""
        use_plain_scroll_bar(self)
