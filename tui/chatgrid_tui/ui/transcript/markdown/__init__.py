"""Draws Markdown as lines of cells, from the tokens of `chatgrid_tui.markdown.parser`.

`blocks` draws a chunk at a width, with `inline`, `table_lines` and `fences` for its parts. It knows no widget.
"""
