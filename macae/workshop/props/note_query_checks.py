"""Checks of challenge 7 on a query for documents of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from macae.errors import InvalidInput
from macae.memory import Change, SQLiteStore
from macae.models import BaseDataModel
from macae.workshop.trial import Trial

__all__ = ["finds_the_notes"]


class Invoice(BaseDataModel):
    """Another kind of document, with a field of the same name."""

    data_type: str = "invoice"
    session_id: str = ""
    user_id: str = ""
    customer: str
    stars: int = 1


class Reader:
    """A store that counts the rows it hands out."""

    def __init__(self, store: SQLiteStore) -> None:
        self.store, self.rows = store, 0

    async def query(self, query: str, parameters: Sequence[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:  # fmt: skip
        """See `Store.query`."""
        found = await self.store.query(query, parameters, **more)
        self.rows += len(found)
        return found

    async def find(self, model: Any, **more: Any) -> list[Any]:
        """See `Store.find`."""
        found = await self.store.find(model, **more)
        self.rows += len(found)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


HOSTILE = "x' OR c.user_id='bob"
NOTES = (  # user, session, customer, text, stars
    ("ann", "monday", "O'Neill", "Late again.", 2),
    ("ann", "tuesday", "O'Neill", "Very happy now.", 5),
    ("ann", "tuesday", "O'Neill", "The box was broken.", 1),
    ("ann", "monday", "Fabrikam", "Fine.", 4),
    ("ann", "tuesday", "Fabrikam", "Without stars.", None),
    ("bob", "friday", "O'Neill", "Bob's own secret.", 1),
    ("ann", "monday", HOSTILE, "A strange name.", 3),
)


async def finds_the_notes(attempt: Any, trial: Trial, model: Any) -> None:
    """The learner's query gives one user's notes about one customer, in order, and reads no others."""
    store = SQLiteStore(trial.folder / "notes.db")
    try:
        for user, session, customer, text, stars in NOTES:
            note = model(customer=customer, text=text, stars=stars)
            await store.write(user, session, [Change(note, 0), Change(Invoice(customer=customer), 0)])
        for number in range(30):
            note = model(customer=f"Customer {number}", text="Nothing special.", stars=3)
            await store.write("ann", "monday", [Change(note, 0)])
        wanted = ["The box was broken.", "Late again.", "Very happy now."]
        reader = Reader(store)
        await gives(attempt, trial, reader, "ann", "O'Neill", wanted)
        await gives(attempt, trial, reader, "bob", "O'Neill", ["Bob's own secret."])
        await gives(attempt, trial, reader, "ann", "Fabrikam", ["Without stars.", "Fine."])
        trial.proven("Ann's notes about O'Neill, of two sessions, the unhappiest first; Bob's stay Bob's.")
        trial.proven("A note without stars came before those with stars.")
        await gives(attempt, trial, reader, "ann", HOSTILE, ["A strange name."])
        await gives(attempt, trial, reader, "ann", "Nobody", [])
        trial.proven(f"A customer called {HOSTILE} is only a name, and unknown ones give an empty list.")
        trial.expect(
            reader.rows <= 7,
            expected="7 rows read for the 7 notes that were wanted",
            seen=f"{reader.rows} rows",
            look="Let the store choose: put the condition into the query. In the cloud every row that is read costs money.",
            kind="read-all",
        )
        trial.proven("Only the rows that were wanted were read.")
    finally:
        await store.close()


async def gives(attempt: Any, trial: Trial, store: Reader, user: str, customer: str, wanted: list[str]) -> None:  # fmt: skip
    """One call of the learner's function."""
    call = f'notes_about(store, "{user}", "{customer}")'
    try:
        found = await trial.call(attempt, store, user, customer)
    except InvalidInput as error:
        trial.fail(
            expected=f"{call} is a query that the store understands",
            seen=str(error),
            look="A value never stands in the text of a query. Write `@customer` there, and give the value as a parameter.",
            kind="spliced",
        )
    except ValidationError as error:
        trial.fail(
            expected=f"{call} gives notes",
            seen=f"something that is no note: {error.errors()[0]['loc']} {error.errors()[0]['msg']}",
            look="Invoices have a customer too. Which condition keeps them out?",
            kind="other-kinds",
        )
    trial.expect(isinstance(found, list), expected=f"{call} gives a list", seen=found, kind="no-list")
    for one in found:
        trial.expect(
            type(one).__name__ != "Invoice" and not (isinstance(one, dict) and one.get("data_type") == "invoice"),
            expected="notes only", seen="an invoice",
            look="Invoices have a customer too. Which condition keeps them out?", kind="other-kinds",
        )  # fmt: skip
        trial.expect(
            hasattr(one, "text"),
            expected="CustomerNote objects",
            seen=one,
            look="The store's rows are dicts: `CustomerNote.model_validate(row)` for each.",
            kind="rows",
        )
    texts = [one.text for one in found]
    if texts == wanted:
        return
    if foreign := [one for one in found if getattr(one, "user_id", user) not in ("", user)]:
        trial.fail(
            expected=f"{user}'s notes only",
            seen=f"a note of {foreign[0].user_id}: {foreign[0].text}",
            look="Whose notes? The user is a parameter of your function: hand it on.",
            kind="wrong-user",
        )
    if sorted(texts) == sorted(wanted):
        trial.fail(expected=f"{call}: {wanted}", seen=texts, look="`ORDER BY c.stars` at the end.", kind="order")  # fmt: skip
    if user == "ann" and customer == "O'Neill" and texts and set(texts) < set(wanted):
        trial.fail(
            expected=f"{call}: {wanted}, of all of Ann's sessions",
            seen=texts,
            look="With a `session_id` the store looks into one session only.",
            kind="one-session",
        )
    trial.fail(expected=f"{call}: {wanted}", seen=texts, look="Which documents fulfil all your conditions?", kind="wrong-notes")  # fmt: skip
