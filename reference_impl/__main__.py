"""The command line: ``python -m reference_impl langflow [--host HOST] [--port PORT]``."""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    """Run the chosen contract's server."""
    parser = argparse.ArgumentParser(prog="reference_impl", description=__doc__)
    contracts = parser.add_subparsers(dest="contract", required=True)
    langflow = contracts.add_parser("langflow", help="several web workers share a job queue")
    langflow.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    langflow.add_argument("--port", help="port to listen on (default 7860)")
    arguments = parser.parse_args()

    from reference_impl.langflow import command

    return command.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
