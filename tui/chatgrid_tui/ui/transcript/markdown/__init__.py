"""Draw Markdown as lines of cells, from the tokens of `chatgrid_tui.markdown.parser`.

`blocks` draws a chunk at a given width, and uses `inline`, `table_lines` and `fences`. It knows no widgets.
"""
