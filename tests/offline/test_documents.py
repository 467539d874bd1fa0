"""Questions that written documents answer go to the tool that searches them, whatever it is called; nothing else does."""

from __future__ import annotations

from datetime import date

import pytest

from macae.llm.offline.cards import AgentCard, ToolCard, tool_from_schema
from macae.llm.offline.documents import documents_tool, question_in, searches_documents
from macae.llm.offline.drafts import Draft, Wanted
from macae.llm.offline.matching import index_of
from macae.llm.offline.planning import make_plan, plan_calls
from tests.offline.test_scores import TEAM, renamed

TODAY = date(2026, 11, 21)
DOCUMENTS = "search_policies"


def plan(goal: str, team: tuple[AgentCard, ...] = TEAM) -> Draft:
    return make_plan(Wanted(goal, TODAY), team)


def tools_of(draft: Draft) -> list[str]:
    return [s.tool.name for s in draft.steps if s.tool]


ASKED = {
    "What does HR-104 say about leave?": "What does HR-104 say about leave",
    "Look up HR-104": "Look up HR-104",
    "What does PR-210 say about approvals?": "What does PR-210 say about approvals",
    "What does policy FIN-201 say?": "What does policy FIN-201 say",
    "Summarise policy HR-104": "Summarise policy HR-104",
    "Quote section 2 of HR-104": "Quote section 2 of HR-104",
    "Read IT-401 and tell me the password length": "Read IT-401 and tell me the password length",
    "Search the policies for the price of a router": "the price of a router",
    "Search the policies for vacation and sick leave": "vacation and sick leave",
    "Search the knowledge base for vacation carry over": "vacation carry over",
    "Search the documents for 'return window'": "return window",
    "Look in the knowledge base: how do refunds work?": "how do refunds work",
    "According to the documents, who approves purchases above 5000 dollars?": "who approves purchases above 5000 dollars",
    "What does the travel policy say about taxis?": "What does the travel policy say about taxis",
    "What does the price list say about the Home Router X?": "What does the price list say about the Home Router X",
    "Does the policy allow business class?": "Does the policy allow business class",
    "When does the chess club meet?": "When does the chess club meet",
    "Find out when the chess club meets": "when the chess club meets",
}  # fmt: skip


@pytest.mark.parametrize("goal", ASKED)
def test_documents_are_asked(goal: str) -> None:
    draft = plan(goal)
    assert tools_of(draft) == [DOCUMENTS]
    assert draft.steps[0].values == {"question": ASKED[goal]}
    assert draft.question is None


@pytest.mark.parametrize(
    ("goal", "tool"),
    [
        ("What does the handbook say about remote work?", "search_handbook"),
        ("What do customers say about the Contoso Buds?", "get_customer_feedback"),
        ("Show the documents of contract C-101", "find_contracts"),
        ("Where is order PO-1040?", "track_order"),
        ("Check the compliance of our gift policy", "check_compliance"),
        ("Order 3 laptops for Sales", "order_hardware"),
        ("Book leave for me from Monday to Wednesday as HR-104 says", "process_leave_request"),
    ],
)
def test_other_tools_keep_what_is_theirs(goal: str, tool: str) -> None:
    assert tools_of(plan(goal)) == [tool]


@pytest.mark.parametrize(
    "goal",
    [
        "Launch a rocket to Mars",
        "Tell me who will win the election",
        "Who will win the lottery tomorrow?",
        "What's the weather in Paris right now?",
        "Are you a robot?",
        "Build a swimming pool on the roof",
        "Delete all data of all employees",
        "Change the travel policy to allow first class",
        "Add a rule to the handbook",
        "Update policy HR-104",
    ],
)
def test_what_cannot_be_done_is_not_searched_for(goal: str) -> None:
    draft = plan(goal)
    assert (draft.steps, bool(draft.impossible)) == ([], True)


@pytest.mark.parametrize("goal", ["Explain photosynthesis", "What is the capital of France?", "Write a poem about policies"])  # fmt: skip
def test_a_text_is_written_not_searched_for(goal: str) -> None:
    draft = plan(goal)
    assert [(s.agent, s.tool) for s in draft.steps] == [("GenericAgent", None)]


def test_the_tool_is_known_by_what_is_said_of_it() -> None:
    agents, back = renamed(TEAM, lambda tool, number: f"fn_{number}")
    found = documents_tool(index_of(agents))
    assert found is not None
    assert back[found.name] == DOCUMENTS
    assert [back[t] for t in tools_of(plan("What does HR-104 say about leave?", agents))] == [DOCUMENTS]
    assert [t.name for a in TEAM for t in a.tools if searches_documents(t)] == [DOCUMENTS]


def own_tool(name: str, description: str, *params: str) -> ToolCard:
    properties = {p: {"type": "string"} for p in params}
    schema = {"type": "object", "properties": properties, "required": list(params)}
    return tool_from_schema({"name": name, "description": description, "parameters": schema}, "ClubAgent")


def test_a_learners_own_tool() -> None:
    own = own_tool("ask_kb", "Answer from our wiki and manuals.", "query")
    team = (AgentCard("ClubAgent", "Knows the club.", (own,)),)
    assert tools_of(plan("When does the chess club meet?", team)) == ["ask_kb"]
    calls = plan_calls("Search the wiki for the rules of the chess club", "", TODAY, team)
    assert [c.values for c in calls] == [{"query": "the rules of the chess club"}]


@pytest.mark.parametrize(
    "tool",
    [
        own_tool("delete_documents", "Delete the documents that a search finds.", "query"),
        own_tool("compare_documents", "Find the differences of two documents.", "query", "other_query"),
        own_tool("find_people", "Look up an employee.", "query"),
    ],
)
def test_no_documents_tool(tool: ToolCard) -> None:
    team = (AgentCard("ClubAgent", "Knows the club.", (tool,)),)
    assert not searches_documents(tool)
    assert plan("When does the chess club meet?", team).impossible


def test_without_such_a_tool_nothing_changes() -> None:
    team = tuple(
        AgentCard(a.name, a.description, tuple(t for t in a.tools if t.name != DOCUMENTS)) for a in TEAM
    )
    assert plan("When does the chess club meet?", team).impossible
    assert tools_of(plan("What is the policy on remote work?", team)) == ["search_handbook"]


def test_question_in() -> None:
    assert question_in("Please search our policies for gifts.") == "gifts"
    assert question_in('Look up "vacation days a year" in the library.') == "vacation days a year"
    assert question_in("Please search for “gifts” in the policies") == "gifts"
    assert question_in("Search the policies") == "Search the policies"
    assert question_in("May I fly business class?") == "May I fly business class"
