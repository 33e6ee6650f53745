"""Options that had another name: the old one is understood for a release, with a warning.

One word a thing, in every command: `--only` says what to play, `--parallel` how many side by side,
`--duration` how long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

#: By command, what its options were called before 0.2 and what they are called now.
RENAMED: dict[str, dict[str, str]] = {
    "gate": {"--lanes": "--parallel"},
    "chaos": {"--at-once": "--parallel", "--scenario": "--only"},
    "explore": {"--at-once": "--parallel", "--minutes": "--duration"},
    "load": {"--processes": "--parallel", "--profile": "--only"},
    "lab": {"--scenario": "--only", "--profile": "--only"},
}


def renamed(command: str, words: Iterable[str], warn: Callable[[str], None]) -> list[str]:
    """The words of a command line as they are called now; `warn` is told of each old one."""
    return list(_renamed(RENAMED.get(command, {}), iter(words), warn))


def _renamed(
    names: dict[str, str], words: Iterator[str], warn: Callable[[str], None]
) -> Iterator[str]:
    for word in words:
        if word == "--":
            yield word
            break
        name, equals, value = word.partition("=")
        new = names.get(name)
        if new is None:
            yield word
            continue
        warn(f"{name} is called {new} now; the old name goes with the next release")
        if not equals:
            value = next(words, "")
        yield f"{new}={_converted(name, value)}"
    yield from words


def _converted(name: str, value: str) -> str:
    """The value as the new option takes it: minutes were a number, a duration has its unit."""
    return f"{value}m" if name == "--minutes" else value
