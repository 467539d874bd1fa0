"""Challenge 7: answers that learners give."""

from __future__ import annotations

FIELDS = """    data_type: Literal["customer_note"] = "customer_note"
    session_id: str = ""
    user_id: str = ""
"""
MODEL = "@register_model\nclass CustomerNote(BaseDataModel):\n" + FIELDS
QUERY = '"SELECT * FROM c WHERE c.data_type=@kind AND c.customer=@customer ORDER BY c.stars"'
PARAMETERS = '[{"name": "@kind", "value": "customer_note"}, {"name": "@customer", "value": customer}]'
NOTES = "return [mine('CustomerNote').model_validate(row) for row in rows]"
BOOK = """
class FactBook:
    def __init__(self, memory):
        self.memory = memory

    async def learn(self, name, text, kind="general"):
        metadata = {"id": name, "kind": kind}
        await self.memory.add(MemoryContent(content=text, mime_type=MemoryMimeType.TEXT, metadata=metadata))

    async def ask(self, question, kind=None):
        where = {"kind": kind} if kind else None
        found = await self.memory.query(question, k=3, threshold=NEAR, where=where)
        return [one.content for one in found.results]
"""
SPEC = '    return AgentSpec("LibraryAgent", "You are the librarian. You look up what the company\'s policies say. You name your sources.", [look_up])\n'
LOOK_UP = '''
def library(kb=None):
    kb = kb or KnowledgeBase()

    @tool(effect="read")
    async def look_up(question: Annotated[str, "what to look up, in a few words"]) -> str:
        """Look up in the library what the company's policies say."""
        hits = [hit for hit in await kb.search(question, k=3) if covered(question, hit.chunk.indexed) >= ENOUGH]
        return "\\n\\n".join(f"[{n}] {hit.chunk.where}:\\n{hit.chunk.text}" for n, hit in enumerate(hits, 1)) or NOTHING

'''
LIBRARY = LOOK_UP + SPEC
HITS = "[hit for hit in await kb.search(question, k=3) if covered(question, hit.chunk.indexed) >= ENOUGH]"
KEPT_ALL = "await kb.search(question, k=3)\n        if not any(covered(question, hit.chunk.indexed) >= ENOUGH for hit in hits):\n            return NOTHING"
ROLES = """
class RoleMemory(Memory):
    def __init__(self, inner, role, emit):
        self.inner, self.role, self.emit = inner, role, emit

    def need(self, right):
        if right not in RIGHTS.get(self.role, set()):
            self.emit({"type": "memory_refused", "role": self.role, "right": right})
            raise NotAllowed(f"The role {self.role!r} may not {right} this memory.")

    async def query(self, query, cancellation_token=None, **kwargs):
        self.need("read")
        return await self.inner.query(query, cancellation_token, **kwargs)

    async def update_context(self, model_context):
        self.need("read")
        return await self.inner.update_context(model_context)

    async def add(self, content, cancellation_token=None):
        self.need("write")
        await self.inner.add(content, cancellation_token)

    async def clear(self):
        self.need("write")
        await self.inner.clear()

    async def close(self):
        await self.inner.close()
"""
STUB = "        raise NotImplementedError('To do: …')\n"


def changed(source: str, *pairs: tuple[str, str]) -> str:
    """The right answer with a mistake in it."""
    for old, new in pairs:
        assert old in source, old
        source = source.replace(old, new)
    return source


WRONG = {
    "CustomerNote": [
        ("not-attempted", "class CustomerNote(BaseDataModel):\n    def __init__(self, **values):\n" + STUB),
        (
            "no-base",
            "from pydantic import BaseModel\n\nclass CustomerNote(BaseModel):\n    customer: str\n    text: str\n",
        ),
        ("instance", MODEL + "    customer: str\n    text: str\n\nCustomerNote = CustomerNote(customer='a', text='b')\n"),
        (
            "let-through",
            MODEL + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int | None = None\n",
        ),
        (
            "let-through",
            MODEL
            + "    customer: str = ''\n    text: str = ''\n    topic: str = 'general'\n    stars: int | None = Field(None, ge=1, le=5)\n",
        ),
        (
            "no-default",
            MODEL + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int = Field(ge=1, le=5)\n",
        ),
        (
            "no-default",
            MODEL + "    customer: str\n    text: str\n    topic: str\n    stars: int | None = Field(None, ge=1, le=5)\n",
        ),
        (
            "let-through",
            MODEL
            + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int | None = Field(None, ge=0, le=5)\n",
        ),
        (
            "data-type",
            MODEL.replace('"customer_note"', '"note"')
            + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int | None = Field(None, ge=1, le=5)\n",
        ),
        (
            "not-registered",
            MODEL.replace("@register_model\n", "")
            + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int | None = Field(None, ge=1, le=5)\n",
        ),
        (
            "no-owner",
            MODEL.replace('    session_id: str = ""\n    user_id: str = ""\n', "")
            + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int | None = Field(None, ge=1, le=5)\n",
        ),
        (
            "values-lost",
            MODEL
            + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: int | None = Field(None, ge=1, le=5, exclude=True)\n",
        ),
    ],
    "notes_about": [
        ("not-attempted", "async def notes_about(store, user_id, customer):\n" + STUB),
        (
            "spliced",
            f"""
async def notes_about(store, user_id, customer):
    rows = await store.query(f"SELECT * FROM c WHERE c.data_type='customer_note' AND c.customer='{{customer}}'", [], user_id=user_id)
    {NOTES}
""",
        ),
        (
            "wrong-user",
            f"""
async def notes_about(store, user_id, customer):
    rows = await store.query({QUERY}, {PARAMETERS}, user_id="ann")
    {NOTES}
""",
        ),
        (
            "one-session",
            f"""
async def notes_about(store, user_id, customer):
    rows = await store.query({QUERY}, {PARAMETERS}, user_id=user_id, session_id="tuesday")
    {NOTES}
""",
        ),
        (
            "other-kinds",
            f"""
async def notes_about(store, user_id, customer):
    query = "SELECT * FROM c WHERE c.customer=@customer ORDER BY c.stars"
    rows = await store.query(query, [{{"name": "@customer", "value": customer}}], user_id=user_id)
    {NOTES}
""",
        ),
        (
            "read-all",
            """
async def notes_about(store, user_id, customer):
    notes = await store.find(mine("CustomerNote"), user_id=user_id)
    return sorted([note for note in notes if note.customer == customer], key=lambda note: note.stars or 0)
""",
        ),
        (
            "order",
            f"""
async def notes_about(store, user_id, customer):
    rows = await store.query("SELECT * FROM c WHERE c.data_type=@kind AND c.customer=@customer", {PARAMETERS}, user_id=user_id)
    {NOTES}
""",
        ),
        (
            "order",
            f"""
async def notes_about(store, user_id, customer):
    rows = await store.query("SELECT * FROM c WHERE c.data_type=@kind AND c.customer=@customer ORDER BY c.stars DESC", {PARAMETERS}, user_id=user_id)
    {NOTES}
""",
        ),
        (
            "rows",
            f"""
async def notes_about(store, user_id, customer):
    return await store.query({QUERY}, {PARAMETERS}, user_id=user_id)
""",
        ),
        (
            "no-await",
            f"""
async def notes_about(store, user_id, customer):
    rows = store.query({QUERY}, {PARAMETERS}, user_id=user_id)
    {NOTES}
""",
        ),
    ],
    "remembering_agent": [
        ("not-attempted", "def remembering_agent(model, store, session_id, user_id):\n" + STUB),
        (
            "forgotten",
            """
def remembering_agent(model, store, session_id, user_id):
    return AssistantAgent("clerk", model_client=model)
""",
        ),
        (
            "forgotten",
            """
from autogen_core.model_context import BufferedChatCompletionContext

def remembering_agent(model, store, session_id, user_id):
    return AssistantAgent("clerk", model_client=model, model_context=BufferedChatCompletionContext(20))
""",
        ),
        (
            "forgotten",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, 20, store=store, agent="clerk", write_through=False)
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "forgotten",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, 20, agent="clerk")
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "forgotten",
            """
import uuid

def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(str(uuid.uuid4()), user_id, 20, store=store, agent="clerk")
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "mixed-up",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext("s1", user_id, 20, store=store, agent="clerk")
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "mixed-up",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, "ann", 20, store=store, agent="clerk")
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "no-name",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, 20, store=store)
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "no-limit",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, store=store, agent="clerk")
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "other-limit",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, 19, store=store, agent="clerk")
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "other-name",
            """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, 20, store=store, agent="secretary")
    return AssistantAgent("secretary", model_client=model, model_context=context)
""",
        ),
        (
            "async-def",
            """
async def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(session_id, user_id, 20, store=store, agent="clerk")
    await context.open()
    return AssistantAgent("clerk", model_client=model, model_context=context)
""",
        ),
        (
            "no-agent",
            """
def remembering_agent(model, store, session_id, user_id):
    return CosmosBufferedChatCompletionContext(session_id, user_id, 20, store=store, agent="clerk")
""",
        ),
    ],
    "FactBook": [
        (
            "not-attempted",
            "class FactBook:\n    def __init__(self, memory):\n        self.memory = memory\n\n"
            "    async def learn(self, name, text, kind='general'):\n" + STUB,
        ),
        ("twice", changed(BOOK, ('{"id": name, "kind": kind}', '{"name": name, "kind": kind}'))),
        ("anything", changed(BOOK, ("threshold=NEAR, ", ""))),
        ("wrong-kind", changed(BOOK, (", where=where", ""))),
        (
            "filtered-late",
            changed(
                BOOK,
                (", where=where", ""),
                ("for one in found.results", "for one in found.results if kind in (None, one.metadata['kind'])"),
            ),
        ),
        ("not-texts", changed(BOOK, ("[one.content for one in found.results]", "found.results"))),
        ("not-texts", changed(BOOK, ("[one.content for one in found.results]", "found"))),
        (
            "forgotten",
            """
class FactBook:
    def __init__(self, memory):
        self.facts = {}

    async def learn(self, name, text, kind="general"):
        self.facts[name] = (text, kind)

    async def ask(self, question, kind=None):
        words = set(question.lower().strip("?").split())
        near = [(len(words & set(text.lower().strip(".").split())), text) for text, k in self.facts.values() if kind in (None, k)]
        return [text for count, text in sorted(near, reverse=True) if count > 1][:3]
""",
        ),
        ("where-none", changed(BOOK, ('{"kind": kind} if kind else None', '{"kind": kind}'))),
        ("not-found", changed(BOOK, ("threshold=NEAR", "threshold=0.95"))),
        ("no-await", changed(BOOK, ("await self.memory.add", "self.memory.add"))),
        ("too-many", changed(BOOK, ("k=3", "k=50"))),
    ],
    "library": [
        ("not-attempted", changed(LIBRARY, (f"        hits = {HITS}\n", STUB))),
        ("guess", changed(LIBRARY, (HITS, "await kb.search(question, k=3)"))),
        (
            "guess",
            changed(
                LIBRARY,
                (HITS, "[hit for hit in await kb.search(question, k=3) if hit.score > 0.4]"),
            ),
        ),
        ("no-source", changed(LIBRARY, ("[{n}] {hit.chunk.where}:\\n", "[{n}] "))),
        ("no-source", changed(LIBRARY, ("{hit.chunk.where}", "{hit.chunk.document_id}"))),
        ("no-passage", changed(LIBRARY, (":\\n{hit.chunk.text}", ""))),
        ("no-passage", changed(LIBRARY, ("{hit.chunk.text}", "{hit.chunk.text[:12]}…"))),
        ("empty", changed(LIBRARY, (" or NOTHING", ""))),
        ("not-text", changed(LIBRARY, (" or NOTHING", ""), ('return "\\n\\n".join(f', "return list(f"))),
        ("too-much", changed(LIBRARY, ("k=3", "k=20"))),
        ("too-few", changed(LIBRARY, ("k=3", "k=1"))),
        ("not-kept", changed(LIBRARY, (HITS, KEPT_ALL))),
        ("text-alone", changed(LIBRARY, ("hit.chunk.indexed", "hit.chunk.text"))),
        ("other-words", changed(LIBRARY, ("or NOTHING", "or 'Sorry, I do not know that.'"))),
        ("source-after", changed(LIBRARY, ("[{n}] {hit.chunk.where}:\\n{hit.chunk.text}", "{hit.chunk.text}\\n[{n}] {hit.chunk.where}"))),
        ("no-number", changed(LIBRARY, ("[{n}] {hit", "{hit"))),
        ("no-number", changed(LIBRARY, ("[{n}]", "[1]"))),
        ("async-def", changed(LIBRARY, ("\ndef library", "\nasync def library"))),
        ("not-a-spec", LOOK_UP + "    return look_up\n"),
        ("exception", changed(LIBRARY, ("await kb.search", "kb.find"))),
    ],
    "RoleMemory": [
        (
            "not-attempted",
            "class RoleMemory(Memory):\n    def __init__(self, inner, role, emit):\n        self.inner = inner\n\n"
            "    async def query(self, query, cancellation_token=None, **kwargs):\n" + STUB
            + "\n    add = update_context = clear = close = query\n",
        ),
        (
            "back-door",
            changed(ROLES, ('        self.need("read")\n        return await self.inner.update', "        return await self.inner.update")),
        ),
        ("back-door", changed(ROLES, ('        self.need("write")\n        await self.inner.clear', "        await self.inner.clear"))),
        ("unknown-role", changed(ROLES, ("RIGHTS.get(self.role, set())", "RIGHTS[self.role]"))),
        (
            "silent",
            changed(
                ROLES,
                ('raise NotAllowed(f"The role {self.role!r} may not {right} this memory.")', "return False\n        return True"),
                ('        self.need("write")\n', '        if not self.need("write"):\n            return\n'),
                ('        self.need("read")\n', '        if not self.need("read"):\n            return\n'),
            ),
        ),
        (
            "no-event",
            changed(ROLES, ('            self.emit({"type": "memory_refused", "role": self.role, "right": right})\n', "")),
        ),
        (
            "no-event",
            """
class RoleMemory(Memory):
    def __init__(self, inner, role, emit):
        self.inner, self.role, self.emit = inner, role, emit

    def need(self, right):
        if right not in RIGHTS.get(self.role, set()):
            raise NotAllowed(f"The role {self.role!r} may not {right} this memory.")
            self.emit({"role": self.role, "right": right})
"""
            + ROLES[ROLES.index("\n    async def query") :],
        ),
        (
            "too-late",
            changed(
                ROLES,
                ('        self.need("write")\n        await self.inner.clear()', '        await self.inner.clear()\n        self.need("write")'),
            ),
        ),
        ("kwargs-lost", changed(ROLES, ("cancellation_token, **kwargs)\n\n    async def update", "cancellation_token)\n\n    async def update"))),
        ("token-lost", changed(ROLES, ("query(query, cancellation_token, **kwargs)", "query(query, **kwargs)"))),
        ("token-lost", changed(ROLES, ("inner.add(content, cancellation_token)", "inner.add(content)"))),
        ("other-event", changed(ROLES, ('"memory_refused"', '"refused"'))),
        ("other-event", changed(ROLES, ('{"type": "memory_refused", "role": self.role, "right": right}', 'f"{self.role} may not {right}"'))),
        ("no-result", changed(ROLES, ("return await self.inner.query", "await self.inner.query"))),
        ("locked-out", changed(ROLES, ('self.need("read")\n        return await self.inner.query', 'self.need("write")\n        return await self.inner.query'))),
        ("mute", changed(ROLES, ('f"The role {self.role!r} may not {right} this memory."', '"Access denied."'))),
        ("told-too-much", changed(
            ROLES,
            ("def need(self, right):", "def need(self, right, content=''):"),
            ('"right": right}', '"right": right, "content": content}'),
            ('self.need("write")\n        await self.inner.add', 'self.need("write", content)\n        await self.inner.add'),
        )),
        ("not-passed-on", changed(ROLES, ("await self.inner.close()", "pass"))),
    ],
}  # fmt: skip

RIGHT = {
    "CustomerNote": [
        MODEL
        + "    customer: str\n    text: str\n    topic: str = 'general'\n    stars: Annotated[int, Field(ge=1, le=5)] | None = None\n",
        """
from pydantic import field_validator

class CustomerNote(BaseDataModel):
    session_id: str = ""
    user_id: str = ""
    customer: str
    text: str
    topic: str = "general"
    stars: int | None = None

    @field_validator("stars")
    @classmethod
    def possible(cls, stars):
        if stars is not None and not 1 <= stars <= 5:
            raise ValueError("1 to 5 stars")
        return stars

register_model(CustomerNote)
""",
    ],
    "notes_about": [
        f"""
async def notes_about(store, user_id, customer):
    query = "select * from c where c.customer=@who and c.data_type=@type order by c.stars asc"
    parameters = [{{"name": "@who", "value": customer}}, {{"name": "@type", "value": "customer_note"}}]
    rows = await store.query(query, parameters, user_id=user_id, session_id=None)
    {NOTES}
""",
        f"""
async def notes_about(store, user_id, customer):
    rows = await store.query("SELECT * FROM c WHERE c.data_type=@kind AND c.customer=@customer", {PARAMETERS}, user_id=user_id)
    return sorted([mine("CustomerNote")(**row) for row in rows], key=lambda note: note.stars or 0)
""",
    ],
    "remembering_agent": [
        """
def remembering_agent(model, store, session_id, user_id):
    context = CosmosBufferedChatCompletionContext(
        session_id=session_id, user_id=user_id, store=store, agent="clerk", buffer_size=20
    )
    return AssistantAgent(name="clerk", model_client=model, system_message="Be brief.", model_context=context)
""",
    ],
    "FactBook": [
        """
class FactBook:
    def __init__(self, memory):
        self._inner = memory

    async def learn(self, name, text, kind="general"):
        await self._inner.add_many([MemoryContent(content=text, mime_type="text/plain", metadata={"kind": kind, "id": name})])

    async def ask(self, question, kind=None):
        more = {"where": {"kind": kind}} if kind is not None else {}
        found = await self._inner.query(question, k=3, **more)
        return [str(one.content) for one in found.results if one.metadata["score"] >= NEAR]
""",
    ],
    "library": [
        '''
def library(kb=None):
    shelf = kb or KnowledgeBase()

    async def look_up(question: Annotated[str, "what to look up"]) -> str:
        """Look up in the library what the company's policies say."""
        told = []
        for hit in await shelf.search(question, k=3, mode="words"):
            if covered(question, f"{hit.chunk.title} {hit.chunk.heading} {hit.chunk.text}") >= ENOUGH:
                told.append(f"Source {len(told) + 1}: {hit.chunk.title}, {hit.chunk.heading}\\n\\n{hit.chunk.text}")
        if not told:
            return NOTHING
        return "\\n---\\n".join(told)

    look_up = tool(effect="read")(look_up)
'''
        + SPEC,
    ],
    "RoleMemory": [
        """
class RoleMemory(Memory):
    def __init__(self, inner, role, emit):
        self._memory = inner
        self._role = role
        self._tell = emit

    async def _ask(self, right, work):
        rights = RIGHTS[self._role] if self._role in RIGHTS else ()
        if right in rights:
            return await work()
        self._tell(dict(type="memory_refused", role=self._role, right=right, kind="memory"))
        raise NotAllowed(f"{self._role} may not {right}")

    async def add(self, content, cancellation_token=None):
        return await self._ask("write", lambda: self._memory.add(content, cancellation_token))

    async def query(self, query, *rest, **kwargs):
        return await self._ask("read", lambda: self._memory.query(query, *rest, **kwargs))

    async def update_context(self, model_context):
        return await self._ask("read", lambda: self._memory.update_context(model_context))

    async def clear(self):
        await self._ask("write", self._memory.clear)

    async def close(self):
        await self._memory.close()
""",
    ],
}
