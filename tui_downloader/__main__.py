"""`python -m tui_downloader`."""

import sys

from tui_downloader.cli import main

if __name__ == "__main__":
    sys.exit(main())
