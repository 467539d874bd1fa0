"""What the compliance check found, told together: the same kind of thing at the same place is one finding with a count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from macae.monitoring.replay.findings import Violation

__all__ = ["by_entity", "joined", "joined_text"]


def joined(violations: Iterable[Violation]) -> list[Violation]:
    """One for each entity, place and action, at the time of the first, with their counts added up.

    The agent and the step are theirs where all have the same, and "" and None where they have not.
    """
    found: dict[tuple[str, str, str], Violation] = {}
    for one in violations:
        key = one.entity, one.place, one.action
        if (first := found.get(key)) is None:
            found[key] = one
            continue
        found[key] = replace(
            first,
            count=first.count + one.count,
            agent=first.agent if first.agent == one.agent else "",
            step_id=first.step_id if first.step_id == one.step_id else None,
        )
    return list(found.values())


def by_entity(violations: Iterable[Violation]) -> list[list[Violation]]:
    """The joined ones of each entity, in the order in which the entities were first found."""
    found: dict[str, list[Violation]] = {}
    for one in joined(violations):
        found.setdefault(one.entity, []).append(one)
    return list(found.values())


def joined_text(of_one_entity: Sequence[Violation]) -> str:
    """The joined findings of one entity as a line: how often, what was done, and where."""
    if len(of_one_entity) == 1:
        return of_one_entity[0].text
    done: dict[str, list[str]] = {}
    for one in of_one_entity:
        times = f" ({one.count:,})" if one.count > 1 else ""
        done.setdefault(one.done, []).append(f"{one.place}{times}")
    said = "; ".join(f"{what} in {', '.join(places)}" for what, places in done.items())
    return f"{of_one_entity[0].entity} found {sum(one.count for one in of_one_entity):,} times: {said}"
