"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from macae.errors import InvalidInput

__all__ = ["put_file"]


def put_file(path: str | Path, content: bytes) -> Path:
    """Write a file whole or not at all, in place of one that is there (a link itself, not what it names). Only its owner may read it.

    Raises InvalidInput saying why it cannot be written.
    """
    path = Path(path)
    part: str | None = None
    try:
        # A file of its own, made new: what somebody planted under a guessed name is neither followed nor kept.
        handle, part = tempfile.mkstemp(prefix=".macae-", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(part).replace(path)
        part = None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InvalidInput(f"{path} cannot be written ({why}). Name another file or folder.") from None
    finally:
        if part is not None:
            with suppress(OSError):  # what went wrong is told already
                Path(part).unlink()
    return path
