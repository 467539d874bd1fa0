"""Checks of challenge 7 on a document of one's own: what it holds, and that it is stored and found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from macae.errors import StoreError
from macae.memory import Change, SessionMemory, SQLiteStore
from macae.memory.documents import data_type_of
from macae.memory.models import MODEL_CLASS_MAPPING
from macae.models import BaseDataModel
from macae.workshop.sources import OURS, THEIRS
from macae.workshop.trial import Trial

__all__ = ["is_stored_and_found"]

KIND = "customer_note"


def made(attempt: Any, trial: Trial, **fields: Any) -> Any:
    """A note of the learner's model."""
    try:
        return attempt(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "the model"
        trial.fail(
            expected=f"`CustomerNote({', '.join(fields)})` makes a note",
            seen=f"{name}: {first['msg']}",
            look="Who has only a customer and a text gives nothing else: every other field needs a default.",
            kind="no-default",
        )


async def is_stored_and_found(attempt: Any, trial: Trial) -> None:
    """The model validates, is stored, and comes back as itself."""
    trial.expect(
        issubclass(attempt, BaseDataModel),
        expected="a class that derives from BaseDataModel",
        seen=f"one that derives from {', '.join(base.__name__ for base in attempt.__bases__)}",
        look="BaseDataModel brings what every stored document has: id, version, ts. `class CustomerNote(BaseDataModel):`",
        kind="no-base",
    )
    bare = made(attempt, trial, customer="Fabrikam", text="They like tea.")
    full = made(attempt, trial, customer="O'Neill", text="Late again.", topic="delivery", stars=1)
    for name, value in {"topic": "general", "stars": None}.items():
        trial.expect(
            getattr(bare, name, "?") == value,
            expected=f"a note without `{name}` has {value!r} there",
            seen=getattr(bare, name, "no such field"),
            kind="no-default",
        )
    trial.expect(getattr(full, "topic", None) == "delivery" and getattr(full, "stars", None) == 1, expected="the values that were given", seen=full, kind="values-lost")  # fmt: skip
    refuses(attempt, trial)
    is_registered(attempt, trial)
    trial.proven("A note needs a customer and a text; 0 or 6 stars, or stars in words, are refused.")

    store = SQLiteStore(trial.folder / "notes.db")
    try:
        memory = SessionMemory("monday", "ann", store=store)
        await memory.add_item(bare)
        await memory.add_item(full)
        await comes_back(attempt, trial, memory, store, [bare, full])
        await is_readable_when_old(attempt, trial, store)
    finally:
        await store.close()


def refuses(attempt: Any, trial: Trial) -> None:
    """What is no note is refused when it is made."""
    whole = {"customer": "Fabrikam", "text": "Fine."}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"customer": "Fabrikam"}, "a note without a text"),
        ({"text": "Fine."}, "a note without a customer"),
        (whole | {"stars": 6}, "6 stars"),
        (whole | {"stars": 0}, "0 stars"),
        (whole | {"stars": "many"}, "stars that are no number"),
    ]
    for fields, what in cases:
        try:
            note = attempt(**fields)
        except ValidationError:
            continue
        trial.fail(
            expected=f"{what}: refused when the note is made",
            seen=note,
            look="A field without a default is required. `Field(None, ge=1, le=5)` bounds a number.",
            kind="let-through",
        )


def is_registered(attempt: Any, trial: Trial) -> None:
    """The model stands for its kind. A kept copy of it, or ours, may have taken its place meanwhile."""
    stands = MODEL_CLASS_MAPPING.get(data_type_of(attempt) or "")
    homes = (getattr(stands, "__module__", ""), attempt.__module__)
    trial.expect(
        stands is attempt or any(home.startswith((OURS, THEIRS)) for home in homes),
        expected="CustomerNote is registered: whoever finds such a document gets a CustomerNote",
        seen="its kind is not in MODEL_CLASS_MAPPING" if stands is None else "another class stands there",
        look="One line: `@register_model` above the class.",
        kind="not-registered",
    )


async def comes_back(
    attempt: Any, trial: Trial, memory: SessionMemory, store: SQLiteStore, notes: Sequence[Any]
) -> None:
    """The store gives back what was put in, as the learner's model, without being told which."""
    kinds = {row["data_type"] for row in await store.query("SELECT * FROM c", [], user_id="ann")}
    trial.expect(
        kinds == {KIND},
        expected=f"stored with the data_type {KIND!r}",
        seen=", ".join(map(repr, sorted(kinds))),
        look=f'`data_type: Literal["{KIND}"] = "{KIND}"`',
        kind="data-type",
    )
    found = await memory.get_data_by_type(KIND)
    names = sorted({type(one).__name__ for one in found})
    trial.expect(
        names == [attempt.__name__],
        expected=f"asked for {KIND!r} alone, the store gives back CustomerNote objects",
        seen=", ".join(names) or "nothing",
        look="The store looks the model up by its data_type, among those that are registered.",
        kind="not-registered",
    )
    owner = [getattr(found[0], name, None) for name in ("user_id", "session_id")]
    trial.expect(
        owner == ["ann", "monday"],
        expected="a note that is found says whose it is: `user_id` is 'ann', `session_id` is 'monday'",
        seen=", ".join("no such field" if one is None else repr(one) for one in owner),
        look='The store fills both in, where your class has them: `session_id: str = ""` and `user_id: str = ""`.',
        kind="no-owner",
    )
    before, after = [plain(one) for one in notes], [plain(one) for one in found]
    trial.expect(
        before == after,
        expected=str(before),
        seen=str(after),
        look="Each value that was put in comes out again: is a field left out when it is stored?",
        kind="values-lost",
    )
    trial.proven("Two notes were stored, and came back as CustomerNote objects with all their values.")


async def is_readable_when_old(attempt: Any, trial: Trial, store: SQLiteStore) -> None:
    """A note that was stored before there were topics and stars can still be read."""

    class Before(BaseDataModel):
        data_type: str = KIND
        session_id: str = ""
        user_id: str = ""
        customer: str
        text: str

    old = Before(customer="Contoso", text="From last year.")
    await store.write("ann", "last year", [Change(old, 0)])
    try:
        found = await store.get(attempt, old.id, user_id="ann", session_id="last year")
    except StoreError as error:
        trial.fail(
            expected="a note from before the field was added can be read",
            seen=str(error),
            look="Documents live longer than code. A field that is added later needs a default.",
            kind="no-default",
        )
    trial.expect(found is not None, expected="the old note", seen=None, kind="values-lost")
    trial.proven("A note from last year, when there were no topics and stars, can still be read.")


def plain(note: BaseModel) -> dict[str, Any]:
    """The note's own values."""
    return {name: getattr(note, name, "?") for name in ("id", "customer", "text", "topic", "stars")}
