"""The picture of whose parts the engine is made of."""

from __future__ import annotations

import pytest

from macae.workshop.growth import Growth
from macae.workshop.picture import in_lines, parts_card

NAMES = {"bakery": "agents", "library": "agents", "PlannerAgent": "planner", "HumanAgent": "human", "GroupChatManager": "manager"}  # fmt: skip


@pytest.mark.parametrize(
    ("theirs", "broke", "count", "label"),
    [
        (set(), {}, 0, "Your department"),
        ({"library"}, {}, 1, "library"),
        ({"bakery", "library"}, {}, 1, "bakery, library"),
        (set(NAMES), {}, 4, "bakery, library"),
        (set(NAMES), {"library": "<b>"}, 4, "bakery, library"),
        ({"library"}, {"library": "<b>"}, 0, "library"),
    ],
)
def test_all_departments_of_somebody_are_one_part(
    theirs: set[str], broke: dict[str, str], count: int, label: str
) -> None:
    card = parts_card(Growth(dict(NAMES), theirs, broke))
    html = card._repr_html_()
    assert f"{count} of 4 are yours" in html and f">{label}</text>" in html
    assert ("yours broke: ours" in html) == bool(broke) and "<b><" not in html
    assert repr(card).splitlines()[1] == f"library: {'broke' if broke else 'yours' if 'library' in theirs else 'ours'}"  # fmt: skip


def test_titles_on_the_way_have_room_beside_each_other() -> None:
    assert in_lines("Typed messages", 95) == ["Typed messages"]
    assert in_lines("Typed messages", 77) == ["Typed", "messages"]
    assert in_lines("Preflight", 20) == ["Preflight"], "one word stays whole"
