"""`python -m macae.cli` is the `macae` command."""

import sys

from macae.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
