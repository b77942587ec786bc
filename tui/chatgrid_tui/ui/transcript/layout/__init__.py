"""The conversation as rows: what is drawn of each turn, how tall it is, and which parts of a reply are final."""
