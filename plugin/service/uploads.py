"""Files of a form as pictures to be: their bytes, and whether a job may begin with them.

Only headers are looked at here; pixels are decoded by the workers.
"""

from __future__ import annotations

from typing import Final

from fastapi import UploadFile
from starlette.exceptions import HTTPException

from ...core.images import printable_path
from ...core.images.decoding import peek
from .exchange import Upload

__all__ = ["read_upload"]

_LONGEST_NAME: Final = 200


async def read_upload(file: UploadFile, field: str, max_pixels: int) -> Upload:
    """Take one file of a form.

    Args:
        file: As the form holds it.
        field: Name of the form's field.
        max_pixels: Width times height above which it is refused from its header.

    Raises:
        HTTPException: 413 if the picture is too large, 422 if it is empty or none.
    """
    data = await file.read()
    if not data:
        raise HTTPException(422, f"expected a picture, got an empty file: the field {field}")
    header = peek(data)
    if header is not None and header.width * header.height > max_pixels:
        raise HTTPException(
            413,
            f"expected at most {max_pixels / 1e6:g} megapixels, got {header.width}x"
            f"{header.height}: the field {field}; scale the picture down",
        )
    name = printable_path(file.filename)[:_LONGEST_NAME] if file.filename else None
    return Upload(data, field, name)
