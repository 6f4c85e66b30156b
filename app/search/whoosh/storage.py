"""How Whoosh gets at its files: mapped into memory, shared by all processes that read them.

Whoosh by itself either copies a segment into the memory of every process (compound files, although it maps them first)
or reads it byte by byte through a file object.
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
    """A folder whose files are read through a mapping. Writing is as in any folder."""

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """Open an existing file for reading."""
        with (Path(self.folder) / name).open("rb") as file:
            # An empty file cannot be mapped.
            size = file.seek(0, io.SEEK_END)
            content: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else io.BytesIO()
        return StructFile(content, name=name, **kwargs)


# Whoosh's constructors have no types.
_storage: Any = MappedStorage
_index: Any = FileIndex


def create_index(folder: Path) -> FileIndex:
    """A new, empty index in a folder that exists."""
    index: FileIndex = _index.create(_storage(str(folder)), SCHEMA)
    return index


def open_index(folder: Path) -> FileIndex:
    """The index in a folder. Raises whatever Whoosh raises on what is no index."""
    index: FileIndex = _index(_storage(str(folder)), SCHEMA)
    return index
