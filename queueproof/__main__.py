"""`python -m queueproof`."""

from __future__ import annotations

from queueproof.cli.main import main

if __name__ == "__main__":
    main()
