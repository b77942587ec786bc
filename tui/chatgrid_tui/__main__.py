"""The command `chatgrid-tui`, also as `python -m chatgrid_tui`."""

from chatgrid_tui.cli import interrupts


def run() -> int:
    """Run the program and return its exit code. Importing it takes a while, and Ctrl+C may come before or after."""
    interrupts.exit_at_once()
    from chatgrid_tui.cli.main import main

    try:
        return main()
    finally:
        interrupts.exit_at_once()


if __name__ == "__main__":
    raise SystemExit(run())
