"""Markdown into lines of cells: tokens of markdown-it, walked by hand.

`parser` cuts a text into chunks that can be drawn one at a time; `blocks` draws a chunk at a width, with
`inline`, `tables` and `fences` for its parts. Nothing here knows a widget.
"""
