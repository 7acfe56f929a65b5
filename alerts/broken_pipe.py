"""Output that nobody reads to its end (``jobspider status | head -1``)."""

import io
import os
from pathlib import Path
from typing import Any, TextIO


class BrokenPipeSafeFile(io.FileIO):
    """A way out that loses what nobody reads any more (``| head``): what was done counts, and so does its exit code."""

    def write(self, data: Any, /) -> int:  # whatever has bytes; Python 3.11 has no name for it
        """Write to who reads."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes

    @classmethod
    def wrap(cls, stream: TextIO | None) -> TextIO:
        """Return a stream to the same file, with the same manners; to nowhere, where it was closed at the start."""
        if stream is None:
            return Path(os.devnull).open("w", encoding="utf-8")
        if not isinstance(stream, io.TextIOWrapper):  # someone in this process listens
            return stream
        raw = cls(stream.fileno(), "wb", closefd=False)
        return io.TextIOWrapper(
            raw if stream.write_through else io.BufferedWriter(raw),
            stream.encoding,
            stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
