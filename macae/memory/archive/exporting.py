"""A session as a JSON file: readable and complete. Its sum guards against damage, not against forgery."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from macae.errors import InvalidInput, StoreError
from macae.memory.archive.companies import Tables, as_section
from macae.memory.archive.masking import Mask
from macae.memory.archive.protocol import Record, Stored, body_text
from macae.memory.documents import STAMPS, revive
from macae.memory.models import find_model
from macae.models import Event

__all__ = [
    "Exported",
    "as_export",
    "as_text",
    "check_readable",
    "read_export",
]

FORMAT, VERSION = "macae session", 1
_BESIDE = ("id", "data_type", "plan_id", "version", "ts")


def as_export(
    record: Record, secrets: Iterable[str] | None = None, company: Tables | None = None
) -> tuple[dict[str, Any], int]:
    """The file's content, and how many keys and passwords were removed from it (none of them where `secrets` is None).

    `company` has the rows of the session's copy of the sample company.
    """
    content: dict[str, Any] = {
        "documents": [
            {field: getattr(d, field) for field in _BESIDE} | {"body": d.body} for d in record.documents
        ],
        "events": [
            event.model_dump(mode="json", exclude={"user_id", "session_id"}, exclude_defaults=True)
            for event in record.events
        ],
    }
    removed = 0
    if secrets is not None:
        mask = Mask(secrets)
        content, company = mask(content), mask(company, free=True)
        removed = mask.count
    head = {
        "format": FORMAT,
        "version": VERSION,
        "user_id": record.user_id,
        "session_id": record.session_id,
        "sha256": _digest(content),
    }
    more = {} if company is None else {"company": as_section(company)}
    return head | content | more, removed


def as_text(content: dict[str, Any]) -> str:
    """The export as it is written: a line for each value, the company's many rows in one."""
    text = json.dumps({k: v for k, v in content.items() if k != "company"}, indent=2, ensure_ascii=False)
    if "company" in content:
        text = f'{text[:-2]},\n  "company": {json.dumps(content["company"], ensure_ascii=False)}\n}}'
    return text + "\n"


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
    check_readable(record, name)
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


def check_readable(record: Record, name: str) -> None:
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
