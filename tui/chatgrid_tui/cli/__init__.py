"""The command line: arguments, composition, exit codes."""
