"""The conversation itself: one widget on the line API."""
