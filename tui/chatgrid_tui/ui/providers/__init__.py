"""Providers on the screen: the page of all providers, and the form for adding or changing one."""
