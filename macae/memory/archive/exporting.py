"""A session as a JSON file: readable, complete, and without the secrets that are known here."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from macae.config import Settings
from macae.errors import InvalidInput, StoreError
from macae.memory.archive.protocol import Record, Stored, body_text
from macae.memory.documents import STAMPS, revive
from macae.memory.models import find_model
from macae.models import Event

__all__ = ["Exported", "as_export", "known_secrets", "read_export", "read_file", "write_private"]

FORMAT, VERSION = "macae session", 1
MASK = "(secret removed)"
LARGEST = 500_000_000
"""Bytes of a file that is read in."""
SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)S?$")
_BESIDE = ("id", "data_type", "plan_id", "version", "ts")


def known_secrets(settings: Settings) -> list[str]:
    """The keys and passwords of the settings and the environment, longest first."""
    given = [getattr(settings, name) for name in type(settings).model_fields]
    found = {value.get_secret_value() for value in given if isinstance(value, SecretStr)}
    found |= {value for name, value in os.environ.items() if SECRET_NAME.search(name.upper())}
    return sorted((value for value in found if len(value) >= 8), key=len, reverse=True)


def as_export(record: Record, secrets: Iterable[str] = ()) -> tuple[dict[str, Any], int]:
    """The file's content, and how many secrets were removed from it."""
    documents = [{field: getattr(d, field) for field in _BESIDE} | {"body": d.body} for d in record.documents]
    events = [
        event.model_dump(mode="json", exclude={"user_id", "session_id"}, exclude_defaults=True)
        for event in record.events
    ]
    count = [0]
    content = _masked({"documents": documents, "events": events}, list(secrets), count)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "user_id": record.user_id,
        "session_id": record.session_id,
        "sha256": _digest(content),
    }
    return head | content, count[0]


def _masked(value: Any, secrets: list[str], count: list[int]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            if secret in value:
                count[0] += value.count(secret)
                value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {_masked(key, secrets, count): _masked(inner, secrets, count) for key, inner in value.items()}
    return [_masked(inner, secrets, count) for inner in value] if isinstance(value, list) else value


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps([content["documents"], content["events"]], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_export(content: Any, name: str, user_id: str | None = None) -> Record:
    """The session of an export; `name` is the file's, for errors, and `user_id` whose it becomes (None: whose it was).

    Raises InvalidInput for what is no export, is cut or changed, or is of a newer macae.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InvalidInput(f"{name} is no exported session. Give a file that `macae store export` wrote.")
    if not isinstance(content.get("version"), int) or content["version"] > VERSION:
        raise InvalidInput(
            f"{name} was written by a newer macae (format {content.get('version')!r}; this one knows {VERSION}). Update macae."
        )
    try:
        if _digest(content) != content["sha256"]:
            raise InvalidInput(f"{name} was changed or cut after it was exported. Export the session again.")
        user, session = user_id or content["user_id"], content["session_id"]
        documents = tuple(_stored(given) for given in content["documents"])
        events = tuple(
            Event.model_validate(given | {"user_id": user, "session_id": session})
            for given in content["events"]
        )
        if not all(isinstance(value, str) and value for value in (user, session)):
            raise TypeError("user_id, session_id")
    except (KeyError, TypeError, AttributeError, ValidationError, RecursionError) as error:
        what = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InvalidInput(f"{name} is no complete export ({what}). Export the session again.") from None
    record = Record(user, session, documents, events)
    _check_readable(record, name)
    return record


class Exported:
    """An export that was read, as a source to copy from."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def census(self) -> list[tuple[str, str]]:
        """The one session."""
        return [(self._record.user_id, self._record.session_id)]

    async def record(self, user_id: str, session_id: str) -> Record:
        """All of it."""
        return self._record

    async def owner_alive(self, owner: str) -> bool:
        """No process works in a file."""
        return False


def _check_readable(record: Record, name: str) -> None:
    """Raises InvalidInput when a document of a known kind could not be read after it was stored."""
    for document in record.documents:
        model = find_model(document.data_type)
        if model is None:
            continue
        stamps = {field: getattr(document, field) for field in _BESIDE}
        stamps |= {"user_id": record.user_id, "session_id": record.session_id}
        try:
            revive(model, body_text(document), [stamps[field] for field in STAMPS])
        except StoreError as error:
            raise InvalidInput(
                f"{name} cannot be used: its {document.data_type} {document.id[:100]}: {error}"
            ) from None


def _stored(given: Any) -> Stored:
    fields = {field: given[field] for field in (*_BESIDE, "body")}
    kinds = (str, str, str, int, int, dict)
    for (field, value), kind in zip(fields.items(), kinds, strict=True):
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError(f"a document's {field} is {value!r:.40}")
    if double := set(STAMPS) & set(fields["body"]):  # it would stand in for the real one
        raise TypeError(f"a document's body has {min(double)!r}")
    if not fields["id"] or not fields["data_type"] or fields["version"] < 1:
        raise TypeError(f"a document's id is {fields['id']!r:.40}, its version {fields['version']}")
    return Stored(**fields)


def read_file(path: Path) -> Any:
    """The JSON of a file. Raises InvalidInput naming the file."""
    try:
        if path.stat().st_size > LARGEST:
            raise InvalidInput(f"{path} is too large ({path.stat().st_size:,} bytes; at most {LARGEST:,}).")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}). Check its name.") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{path} is no JSON file ({str(error)[:100]}).") from None


def write_private(path: Path, pieces: Iterable[str]) -> None:
    """Write a new file for its owner's eyes only, whole or not at all. Raises InvalidInput where one is there, or cannot be."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise InvalidInput(f"{path} exists already. Name another file, or move it away.")
        with os.fdopen(
            os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written ({error.strerror}). Name another folder.") from None
    finally:
        part.unlink(missing_ok=True)
