"""The parts of a form."""
