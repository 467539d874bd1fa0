"""Challenge 7: Memory."""

from __future__ import annotations

from typing import Any

from macae.workshop.exercise import Challenge
from macae.workshop.props.access_checks import keeps_the_door
from macae.workshop.props.chat_memory_checks import remembers_after_a_restart
from macae.workshop.props.fact_checks import knows_and_forgets_nothing
from macae.workshop.props.library_checks import answers_with_sources
from macae.workshop.props.note_checks import is_stored_and_found
from macae.workshop.props.note_query_checks import finds_the_notes
from macae.workshop.trial import Trial

__all__ = ["CHALLENGE"]

CHALLENGE = Challenge(7, "Memory", minutes=60, notebook="07-memory")


@CHALLENGE.exercise(
    "CustomerNote",
    title="A document of your own",
    kind="class",
    minutes=7,
    hints=(
        "Which of the fields must be given, and which may be missing? A field without a default is required.",
        '`customer: str` is required. `topic: str = "general"` is not. `stars: int | None = Field(None, ge=1, le=5)` may be missing, '
        "and is bounded where it is there.",
        '```\n@register_model\nclass CustomerNote(BaseDataModel):\n    data_type: Literal["customer_note"] = "customer_note"\n'
        '    session_id: str = ""\n    user_id: str = ""\n    customer: str\n    text: str\n    topic: str = "general"\n'
        "    stars: int | None = Field(None, ge=1, le=5)\n```",
    ),
    when={
        "no-base": "`class CustomerNote(BaseDataModel):` – the base brings id, version and ts, and the store asks for them.",
        "let-through": "Bounds belong to the field: `Field(None, ge=1, le=5)`. Then pydantic refuses 0 and 6 by itself.",
        "no-default": "Notes from last year have no stars. What does a field need so that it may be missing?",
        "data-type": "The store names the kind after your `data_type`, or else after the class. The notebook says which name is wanted.",
        "no-owner": '`session_id: str = ""` and `user_id: str = ""` are fields too: the store fills them in, and whoever finds a note can read whose it is.',
        "not-registered": "One line above the class tells the store that this model is for this kind of document.",
        "values-lost": "Something that was put in did not come out. Is every field declared, with its type?",
    },
)
async def CustomerNote(attempt: Any, trial: Trial) -> None:
    """A stored document of your own: a note about a customer, with a topic and one to five stars that may be missing."""
    await is_stored_and_found(attempt, trial)


@CHALLENGE.exercise(
    "notes_about",
    title="Ask the store",
    minutes=8,
    hints=(
        "Three things decide which rows come: whose they are (`user_id=`), of which kind (`c.data_type`), and about whom (`c.customer`).",
        "`SELECT * FROM c WHERE c.data_type=@kind AND c.customer=@customer ORDER BY c.stars`, and a list of two parameters, each "
        '`{"name": "@kind", "value": …}`.',
        '```\nrows = await store.query(\n    "SELECT * FROM c WHERE c.data_type=@kind AND c.customer=@customer ORDER BY c.stars",\n'
        '    [{"name": "@kind", "value": "customer_note"}, {"name": "@customer", "value": customer}],\n    user_id=user_id,\n)\n'
        'return [mine("CustomerNote").model_validate(row) for row in rows]\n```',
    ),
    when={
        "spliced": "A name with a quotation mark ends your text too early; a hostile one would end it on purpose. Values travel as parameters.",
        "wrong-user": "You asked in somebody else's name. Who asks is a parameter of your function.",
        "one-session": "Leave `session_id` out: then all sessions of the user are searched.",
        "other-kinds": "Every kind of document is in the same container. Say which one you want: `c.data_type=@kind`.",
        "read-all": "Put the condition into the query. Python should not throw rows away that the store has read, sent and billed.",
        "order": "The store sorts: `ORDER BY c.stars` at the end of the query, the fewest first. Notes without stars then come before all others.",
        "rows": "A row is a dict. `model_validate(row)` makes a note of it, and checks it on the way.",
    },
)
async def notes_about(attempt: Any, trial: Trial) -> None:
    """An async function that gives one user's notes about one customer, the fewest stars first."""
    from macae.workshop.parts import mine

    await finds_the_notes(attempt, trial, mine("CustomerNote"))


@CHALLENGE.exercise(
    "remembering_agent",
    title="A conversation that survives",
    minutes=8,
    hints=(
        "An AssistantAgent keeps its conversation in its `model_context`. Without one it takes a list in memory, and that dies with the kernel.",
        '`CosmosBufferedChatCompletionContext(session_id, user_id, buffer_size=20, store=store, agent="clerk")` is a `model_context` that '
        "lives in the store.",
        '```\ncontext = CosmosBufferedChatCompletionContext(session_id, user_id, buffer_size=20, store=store, agent="clerk")\n'
        'return AssistantAgent("clerk", model_client=model, model_context=context)\n```',
    ),
    when={
        "forgotten": "Where were the words when the store was opened again? Which `model_context` does your agent have, and over which store?",
        "mixed-up": "Session and user come as parameters, and each call of your function makes a new context from them.",
        "no-name": "Two agents in one session would read each other's conversation. `agent=` names whose it is.",
        "no-limit": "`buffer_size=20`. What is older stays in the store; it is only not sent each time.",
        "other-limit": "The notebook asks for the last 20 messages: `buffer_size=20`.",
        "async-def": "`def`, not `async def`: to make a context and an agent, nothing has to be waited for.",
        "no-agent": "Your function gives back the agent itself: `return AssistantAgent(…)`.",
    },
)
async def remembering_agent(attempt: Any, trial: Trial) -> None:
    """A function that gives an AssistantAgent whose conversation is kept in the store, for one session of one user."""
    await remembers_after_a_restart(attempt, trial)


@CHALLENGE.exercise(
    "FactBook",
    title="Find it by what it means",
    kind="class",
    minutes=10,
    seconds=30.0,
    hints=(
        "Two methods: one puts a fact into the memory, the other asks it. The memory does the searching; you say what a fact carries, and what "
        "counts as near enough.",
        '`MemoryContent(content=text, mime_type=MemoryMimeType.TEXT, metadata={"id": name, "kind": kind})`. The same id again replaces the '
        "old fact. `query(question, k=3, threshold=NEAR, where=…)` gives a result whose `.results` have `.content`.",
        '```\nasync def learn(self, name, text, kind="general"):\n    metadata = {"id": name, "kind": kind}\n'
        "    await self.memory.add(MemoryContent(content=text, mime_type=MemoryMimeType.TEXT, metadata=metadata))\n\n"
        'async def ask(self, question, kind=None):\n    where = {"kind": kind} if kind else None\n'
        "    found = await self.memory.query(question, k=3, threshold=NEAR, where=where)\n    return [one.content for one in found.results]\n```",
    ),
    when={
        "twice": "What was corrected is still there beside the correction. Which metadata tells the memory that it is the same fact?",
        "anything": "The nearest fact may still be far away. `threshold=NEAR` leaves out what has nothing to do with the question.",
        "wrong-kind": '`where={"kind": kind}` in the query; without a kind, no `where` at all.',
        "where-none": '`{"kind": None}` is a filter like any other. `where = {"kind": kind} if kind else None` has none where no kind was given.',
        "filtered-late": "You filter what is left after the three nearest were chosen. The memory has to filter first: `where=`.",
        "forgotten": "A variable of the object is gone with the object. What is to stay goes into `self.memory`.",
        "not-texts": "A result holds MemoryContent objects. Their words are in `.content`.",
        "too-many": "`k=3`: a model reads what you give it, and pays for all of it.",
    },
)
async def FactBook(attempt: Any, trial: Trial) -> None:
    """A class over a semantic memory: it learns facts under names, and answers a question with the facts that are near it."""
    await knows_and_forgets_nothing(attempt, trial)


@CHALLENGE.exercise(
    "library",
    title="A tool that names its sources",
    minutes=10,
    part="agents",
    seconds=30.0,
    hints=(
        "Search first. Is there anything that supports an answer? If so, give the passages, each with where it stands; if not, say so.",
        "`hits = await kb.search(question, k=3)`. Keep the hits that support an answer. A hit has `.chunk.title`, `.chunk.heading` and "
        "`.chunk.text`. No hits left: `return NOTHING`.",
        "```\nhits = [hit for hit in await kb.search(question, k=3) if hit.score >= ENOUGH]\nif not hits:\n    return NOTHING\n"
        'return "\\n\\n".join(f"[{n}] {hit.chunk.title}, {hit.chunk.heading}:\\n{hit.chunk.text}" for n, hit in enumerate(hits, 1))\n```',
    ),
    when={
        "guess": "Search always finds something: the nearest, however far. What has to hold before you pass it on?",
        "no-source": "A passage without its source cannot be looked up. Title and heading stand in `hit.chunk`.",
        "no-passage": "The model can quote only what it was given: `hit.chunk.text` belongs in the answer.",
        "invented": "The tool gives what is written, word for word. It is the model's part to make a sentence of it.",
        "empty": "An empty text says nothing. `NOTHING` tells the model what to answer.",
        "too-much": "Three passages are enough: `k=3`.",
        "too-few": "Where several passages fit, up to three are handed on: `k=3`.",
        "not-kept": "One good hit does not make the others good. Choose hit by hit: `[hit for hit in hits if covered(…) >= ENOUGH]`.",
        "text-alone": "A title says what its passages are about. `hit.chunk.indexed` holds title, heading and text.",
        "other-words": "Give back `NOTHING` itself. Whoever changes the sentence later changes it in one place.",
        "source-after": "First where it stands, then what it says: the line with number, title and heading comes before its passage.",
        "no-number": "`for number, hit in enumerate(hits, 1)`: each passage has a number, so that an answer can name it.",
        "async-def": "`def library`, as the cell came: it only declares. `look_up` inside is the one that waits.",
    },
)
async def library(attempt: Any, trial: Trial) -> None:
    """A function that gives the AgentSpec of the LibraryAgent, whose tool looks a question up and names its sources."""
    await answers_with_sources(attempt, trial)


@CHALLENGE.exercise(
    "RoleMemory",
    title="Who may read, who may write",
    kind="class",
    minutes=9,
    hints=(
        "`need(right)` asks: may this role do that? Each of the four other methods calls it first, and then the memory inside.",
        "`RIGHTS.get(self.role, set())` are the role's rights. Is `right` not among them? Then two things happen, one after the other. And the "
        "first line of each other method is `self.need(…)`: with which right?",
        "```\ndef need(self, right):\n    if right not in RIGHTS.get(self.role, set()):\n"
        "        self.emit({\"type\": \"memory_refused\", \"role\": self.role, \"right\": right})\n"
        "        raise NotAllowed(f\"The role {self.role!r} may not {right} this memory.\")\n\n"
        "async def query(self, query, cancellation_token=None, **kwargs):\n    self.need(\"read\")\n"
        "    return await self.inner.query(query, cancellation_token, **kwargs)\n```",
    ),
    when={
        "back-door": "Five methods lead to the memory. Which of them do you not guard yet? An agent reads through `update_context`.",
        "unknown-role": "`RIGHTS[role]` fails for a role that nobody thought of. `.get(role, set())` gives it no rights.",
        "silent": "Nothing found and not allowed look the same from outside, unless you raise.",
        "no-event": "First `self.emit(…)`, then `raise`. Nobody else will tell.",
        "too-late": "Ask before you touch the memory: `self.need(…)` is the first line of each method.",
        "other-event": "The event is a dict, and its type is `memory_refused`, exactly so: others look for that word.",
        "token-lost": "`cancellation_token` is how work is stopped from outside. Hand it on, like the question: `self.inner.query(query, cancellation_token, **kwargs)`.",
        "kwargs-lost": "Your memory stands in for any other. What it does not know (`k`, `where`, …), it hands on: `**kwargs`.",
        "no-result": "`return await …`: without `return`, what was found stays inside.",
        "not-passed-on": "After the question comes the work: `await self.inner.…`, also for `close`.",
        "mute": "Name the role and the right, in the event and in the error.",
    },
)  # fmt: skip
async def RoleMemory(attempt: Any, trial: Trial) -> None:
    """A Memory around another one that lets each role do what it may; a refusal is an error and an event."""
    await keeps_the_door(attempt, trial)
