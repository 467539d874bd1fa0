from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from macae import contoso
from macae.contoso import Company, Diff
from macae.tools import RunningCall
from tests.contoso.cases import TODAY


@pytest.fixture
def company() -> Iterator[Company]:
    """A fresh company, in use, on a Saturday."""
    with Company.create(today=TODAY) as made, contoso.use(made):
        yield made


@pytest.fixture
def rows(company: Company) -> Callable[..., list[tuple[Any, ...]]]:
    """Ask the company's file."""

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in company.db.execute(sql, values)]

    return ask


@pytest.fixture
def unchanged(company: Company) -> Iterator[None]:
    """After the test, nothing in the company may differ."""
    before = company.snapshot()
    yield
    found: Diff = contoso.diff(before, company)
    assert not found, str(found)


def call(key: str, user: str = "local") -> RunningCall:
    """A running call, as the engine would set it."""
    return RunningCall(key, "session", user, "plan", "step", "HrAgent")
