"""Options from the environment: `QUEUEPROOF_` and the option's name in capitals.

One rule for every option of the commands that run something, so that a job in CI is described by
variables alone. What chooses another thing to do than the command's own is left to the command
line; the Redis URL is read where its password is understood, and so is the way in to the target.
"""

from __future__ import annotations

from typing import Any

from queueproof.config.environment_keys import variable_of

COMMANDS = ("gate", "chaos", "explore", "load", "watch")
_COMMAND_LINE_ONLY = (
    *("list_them", "replay", "replay_file", "sweep", "cell", "join_at", "listen", "once", "help"),
    *("last_failed",),
    *("redis_url", "urls", "ca", "proxy"),
)


def settable_by_environment(name: str, command: Any) -> None:
    """Give each option of a command the variable of its name."""
    if name not in COMMANDS:
        return
    for parameter in command.params:
        if parameter.name not in _COMMAND_LINE_ONLY:
            parameter.envvar = variable_of(option_of(parameter).removeprefix("--"))
            # A line of help for each would say the same rule thirty times.
            parameter.show_envvar = False


def option_of(parameter: Any) -> str:
    """An option's long name, such as `--wait-ready`; empty for an argument."""
    return next((word for word in parameter.opts if word.startswith("--")), "")
