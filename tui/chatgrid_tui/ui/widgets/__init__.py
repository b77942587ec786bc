"""The parts of the frame round the conversation."""
