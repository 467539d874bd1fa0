"""The tool catalogue is read in every form that prompts hold it."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from macae.llm.offline.catalogue import read_catalogue

HEADINGS = """You plan.
Rules:
- At most 6 steps.
## HrAgent: people
- assign_mentor(employee_name: string (who gets one), days: integer = 5, kind: 'a' | 'b' = 'a') [change]: Assign a mentor (a buddy): kindly.
- list_open_positions(department: string (which; empty: all) = '') [read]: List them.
- other_tool
- (3 more tools that have little to do with the goal)

## GenericAgent: general help
"""
ROWS = [
    {"agent": "BakerAgent", "function": "bake_cookies", "description": "Bake a customer's cookies", "arguments": {"cookie_type": "str", "quantity": "int"}},
    {"agent": "BakerAgent", "function": "prepare_dough", "description": "Prepare dough", "arguments": "{'dough_type': {'type': 'string', 'description': 'which'}}"},
]  # fmt: skip


def test_headings_and_lines() -> None:
    hr, generic = read_catalogue(HEADINGS)
    assert (hr.name, generic.name, generic.tools) == ("HrAgent", "GenericAgent", ())
    mentor, positions, other = hr.tools
    assert [(p.name, p.type, p.required, p.description) for p in mentor.params] == [
        ("employee_name", "string", True, "who gets one"),
        ("days", "integer", False, ""),
        ("kind", "string", False, ""),
    ]
    assert mentor.params[2].choices == ("a", "b")
    assert (mentor.effect, mentor.description) == ("change", "Assign a mentor (a buddy): kindly.")
    assert (positions.effect, positions.params[0].default) == ("read", "")
    assert not other.known_params


@pytest.mark.parametrize(
    "text",
    [f"Functions:\n{json.dumps(ROWS)}\nBe brief.", f"You have {ROWS}", "\n".join(map(json.dumps, ROWS))],
)
def test_lists_of_objects(text: str) -> None:
    (baker,) = read_catalogue(text)
    assert baker.name == "BakerAgent"
    assert [(t.name, [(p.name, p.type) for p in t.params]) for t in baker.tools] == [
        ("bake_cookies", [("cookie_type", "string"), ("quantity", "integer")]),
        ("prepare_dough", [("dough_type", "string")]),
    ]


def test_json_schemas_of_tools() -> None:
    rows = [
        {
            "agent": "A_agent",
            "tools": [
                {
                    "name": "go",
                    "parameters": {
                        "type": "object",
                        "properties": {"n": {"type": "integer"}},
                        "required": ["n"],
                    },
                }
            ],
        }
    ]
    (agent,) = read_catalogue(json.dumps(rows))
    assert agent.tools[0].params[0].type == "integer"


@pytest.mark.parametrize(
    "text", ["", "You are a helpful assistant. Note: be kind.\nAnswer: short.", "Today is 2026-11-21."]
)
def test_no_catalogue(text: str) -> None:
    assert read_catalogue(text) == ()


@given(st.text(alphabet="ab_({[:,'\"=-# \n)}]", max_size=120))
@example("_(=,{)}")
def test_any_text_is_survived(text: str) -> None:
    read_catalogue(f"## XAgent: x\n{text}")
