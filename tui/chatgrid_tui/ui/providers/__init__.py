"""Providers on the screen: the page of all, and the form in which one is added or changed."""
