"""`python -m chatgrid_tui` is the command `chatgrid-tui`."""

from chatgrid_tui.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
