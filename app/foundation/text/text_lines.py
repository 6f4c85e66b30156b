"""Reading text files that somebody else made, line by line and within limits."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from app.foundation.errors import Refused


def read_lines(path: Path, *, max_bytes: int, max_length: int) -> Iterator[str]:
    """The lines of a UTF-8 text file with their line endings, one at a time, without a byte order mark.

    Raises Refused, in one line, for a file that cannot be read, is empty, has more than `max_bytes` bytes or a line of
    more than `max_length` bytes, or is not UTF-8.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{path}: not a file")
        if not status.st_size:
            raise Refused(f"{path}: the file is empty")
        if status.st_size > max_bytes:
            raise Refused(f"{path}: larger than {max_bytes // 1024**2} MB")
        file = path.open("rb")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    offset = 0
    with file:
        # Read as bytes: an endless line is refused before it fills the memory, and the offset of a wrong byte is known.
        for number, raw in enumerate(iter(lambda: file.readline(max_length + 1), b""), start=1):
            if len(raw) > max_length:
                raise Refused(f"{path}: line {number} has more than {max_length:,} bytes")
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Refused(f"{path}: not UTF-8 at byte {offset + error.start} (line {number})") from None
            offset += len(raw)
            yield text.removeprefix("\ufeff") if number == 1 else text
