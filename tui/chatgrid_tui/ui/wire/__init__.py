"""The wire pane: what went over the wire for a reply, record by record."""
