"""What is said and what happened, as frozen values: the words every layer shares."""
