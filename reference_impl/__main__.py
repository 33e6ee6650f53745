"""The command line: ``python -m reference_impl langflow|flowise|generic …``.

``langflow [--host HOST] [--port PORT]`` starts its workers. ``flowise start`` (or ``server``) is
the main server, ``flowise worker`` a worker; both take their settings from the environment, and
``--host`` and ``--port`` before these. ``generic front`` and ``generic worker`` are the programs of
the queue of no product.
"""

from __future__ import annotations

import argparse
import sys

from reference_impl.fast import starting


def main() -> int:
    """Run the chosen contract's program."""
    parser = argparse.ArgumentParser(prog="reference_impl", description=__doc__)
    contracts = parser.add_subparsers(dest="contract", required=True)
    langflow = contracts.add_parser("langflow", help="several web workers share a job queue")
    langflow.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    langflow.add_argument("--port", help="port to listen on (default 7860)")
    flowise = contracts.add_parser("flowise", help="a main server gives jobs to workers")
    flowise.add_argument("program", choices=("start", "server", "worker"))
    flowise.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    flowise.add_argument("--port", help="port to listen on (default 3000; a worker's 5566)")
    generic = contracts.add_parser("generic", help="a front gives jobs to workers, by Redis alone")
    generic.add_argument("program", choices=("front", "worker"))
    generic.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    generic.add_argument("--port", help="port to listen on (default 8001)")
    arguments = parser.parse_args()

    starting.begin()
    if arguments.contract == "flowise":
        from reference_impl.flowise import command as flowise_command

        return flowise_command.run(arguments)
    if arguments.contract == "generic":
        from reference_impl.generic import command as generic_command

        return generic_command.run(arguments)
    from reference_impl.langflow import command

    return command.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
