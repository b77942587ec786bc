"""What is done with a bubble and its files."""
