"""Failures and states as sentences for the user."""
