"""Markdown without a screen: the parser, links, and the plain text of a reply."""
