"""Standard output and error that outlive whoever reads them, and hold no secret.

`queueproof gate … | head -3` closes the pipe after three lines, `2>&-` closes a stream before the
start, a full disk takes no more. None of these is a reason to end a run or to change its verdict:
what cannot be written any more is dropped, and the report is there. Where nobody went away and yet
something is lost, as on a full disk, `not_written` says what and why.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import time
from typing import Any, TextIO

from queueproof.redaction import redacted

_BREATH_S = 0.01
#: A reader that is gone wants no more: nothing is lost.
_NOBODY_READS = (errno.EPIPE, errno.EBADF, errno.ECONNRESET)
_lost: dict[int, str] = {}


class Forgiving(io.RawIOBase):
    """A file descriptor whose reader may go away; from then on it swallows what is written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._gone = False

    def write(self, data: Any) -> int:
        """All of it, or as if."""
        view, sent = memoryview(data).cast("B"), 0
        while sent < len(view) and not self._gone:
            try:
                sent += os.write(self._descriptor, view[sent:])
            except BlockingIOError:
                time.sleep(_BREATH_S)
            except OSError as error:
                self._gone = True
                if error.errno not in _NOBODY_READS:
                    _lost[self._descriptor] = error.strerror or str(error)
        return len(view)

    def writable(self) -> bool:
        """It always is."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether a person looks."""
        return os.isatty(self._descriptor)


class WithoutSecrets(io.TextIOWrapper):
    """Text of which every piece that is written is redacted first: the last net, not the first."""

    def write(self, text: str) -> int:
        """Write it without secrets; its length as it was given."""
        super().write(redacted(text))
        return len(text)


def guard_streams() -> None:
    """Put both standard streams on guard; a closed one becomes a sink.

    Without that the next file that is opened gets the number of a closed stream, and with it
    whatever is printed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _guarded(sys.stdout, 1)
    sys.stderr = _guarded(sys.stderr, 2)


def not_written() -> str:
    """Why standard output is not complete, though it is read; empty where it is."""
    sys.stdout.flush()
    return _lost.get(1, "")


def _guarded(stream: TextIO | None, descriptor: int) -> TextIO:
    encoding = (stream.encoding if stream is not None else None) or "utf-8"
    raw = io.BufferedWriter(Forgiving(descriptor))
    return WithoutSecrets(raw, encoding=encoding, errors="backslashreplace", line_buffering=True)
