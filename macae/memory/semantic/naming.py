"""Names of collections: one for each user, memory and embedding, whatever characters they hold."""

from __future__ import annotations

import hashlib
import json
import re

from macae.errors import InvalidInput

__all__ = ["collection_name"]

_LONGEST = 500


def collection_name(user_id: str, name: str, embedding: str, detail: str = "") -> str:
    """A name that Chroma takes. Two different quadruples never have the same one: they differ in the checksum at its end.

    `detail` tells apart what has one embedding's name and is configured differently; it is not readable in the name.

    Raises InvalidInput for an empty or overlong part.
    """
    for what, part in (("user_id", user_id), ("name", name), ("embedding", embedding)):
        if not isinstance(part, str) or not part.strip() or len(part) > _LONGEST:
            raise InvalidInput(f"A semantic memory needs a {what} of 1 to {_LONGEST} characters.")
    whole = json.dumps([user_id, name, embedding, detail]).encode("ascii")
    readable = [re.sub(r"[^A-Za-z0-9]+", "-", part)[:40].strip("-") for part in (name, user_id, embedding)]
    return ".".join(["macae", *filter(None, readable), hashlib.sha256(whole).hexdigest()[:32]])
