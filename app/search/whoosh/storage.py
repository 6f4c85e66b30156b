"""Access to Whoosh's files: mapped into memory, so that all processes that read an index share them.

Whoosh's own storage copies a segment into the memory of every process (compound files) or reads it byte by byte through
a file object.
"""

from __future__ import annotations

import io
import mmap
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import FileIndex

from app.search.whoosh.schema import SCHEMA


class MappedStorage(FileStorage):
    """A folder whose files are mapped into memory for reading. They are written as in Whoosh's FileStorage."""

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Open an existing file for reading."""
        with (Path(self.folder) / name).open("rb") as file:
            # An empty file cannot be mapped.
            size = file.seek(0, io.SEEK_END)
            content: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else io.BytesIO()
        return StructFile(content, name=name, **kwargs)


# Whoosh's constructors are not typed.
_storage: Any = MappedStorage
_index: Any = FileIndex


def create_index(folder: Path) -> FileIndex:
    """Create an empty index in an existing folder."""
    index: FileIndex = _index.create(_storage(str(folder)), SCHEMA)
    return index


def open_index(folder: Path) -> FileIndex:
    """Open the index in a folder. Raises whatever Whoosh raises if there is none, or if it is damaged."""
    index: FileIndex = _index(_storage(str(folder)), SCHEMA)
    return index
