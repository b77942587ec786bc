"""The history on disk: SQLite, one writer."""
