"""What lies over the page: lists to choose from, questions, words."""
