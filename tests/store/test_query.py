"""The part of Cosmos SQL that is understood, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from macae.errors import InvalidInput
from macae.memory import Change, Store
from macae.models import BaseDataModel


class Cookie(BaseDataModel):
    kind: str = ""
    count: int = 0
    warm: bool = False
    box: dict[str, Any] | None = None


@pytest.fixture
async def cookies(store: Store) -> list[Cookie]:
    made = [
        Cookie(kind="oat", count=12, warm=True, box={"size": "big"}),
        Cookie(kind="oat", count=1),
        Cookie(kind="1", count=7, box={"size": "[1]"}),
    ]
    for number, cookie in enumerate(made):
        await store.write("ann", f"s{number % 2}", [Change(cookie, 0)])
    return made


def given(**values: Any) -> list[dict[str, Any]]:
    return [{"name": f"@{name}", "value": value} for name, value in values.items()]


async def found(store: Store, query: str, **values: Any) -> list[tuple[str, int]]:
    return [(row["kind"], row["count"]) for row in await store.query(query, given(**values), user_id="ann")]


@pytest.mark.parametrize(
    ("query", "values", "expected"),
    [
        ("SELECT * FROM c WHERE c.kind=@k", {"k": "oat"}, [12, 1]),
        ("select * from c where c.kind = @k order by c.count", {"k": "oat"}, [1, 12]),
        ("SELECT * FROM c WHERE c.data_type=@t ORDER BY c.count DESC", {"t": "cookie"}, [12, 7, 1]),
        ("SELECT *\n FROM c\n WHERE c.kind=@k\n AND c.count=@n", {"k": "oat", "n": 12}, [12]),
        ("SELECT * FROM c WHERE c.session_id=@s AND c.user_id=@u", {"s": "s0", "u": "ann"}, [12, 7]),
        ("SELECT * FROM c WHERE c.warm=@w", {"w": True}, [12]),
        ("SELECT * FROM c WHERE c.warm=@w", {"w": 1}, []),
        ("SELECT * FROM c WHERE c.count=@n", {"n": True}, []),
        ("SELECT * FROM c WHERE c.count=@n", {"n": "1"}, []),
        ("SELECT * FROM c WHERE c.kind=@k", {"k": 1}, []),
        ("SELECT * FROM c WHERE c.count=@n", {"n": 7.0}, [7]),
        ("SELECT * FROM c WHERE c.box=@n", {"n": None}, [1]),
        ("SELECT * FROM c WHERE c.box.size=@z", {"z": "big"}, [12]),
        ("SELECT * FROM c WHERE c.version=@v ORDER BY c.kind", {"v": 1}, [7, 12, 1]),
        ("SELECT * FROM c WHERE c.absent=@v", {"v": "x"}, []),
        ("SELECT * FROM c WHERE c.version=@v", {"v": True}, []),
        ("SELECT * FROM root WHERE root.kind=@k", {"k": "1"}, [7]),
        ("SELECT * FROM c", {}, [12, 1, 7]),
        ("SELECT * FROM c WHERE c.kind=@k", {"k": "' OR 1=1 --"}, []),
    ],
)
async def test_what_is_understood(
    store: Store, cookies: list[Cookie], query: str, values: dict[str, Any], expected: list[int]
) -> None:
    assert [count for _, count in await found(store, query, **values)] == expected


async def test_a_query_stays_in_its_session(store: Store, cookies: list[Cookie]) -> None:
    rows = await store.query(
        "SELECT * FROM c WHERE c.kind=@k", given(k="oat"), user_id="ann", session_id="s1"
    )
    assert [row["count"] for row in rows] == [1]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", ""),
        ("DELETE FROM c", "DELETE FROM c"),
        ("SELECT c.kind FROM c", "c.kind"),
        ("SELECT TOP 5 * FROM c", "TOP 5"),
        ("SELECT * FROM c WHERE c.kind=@k OR c.kind=@k", "OR"),
        ("SELECT * FROM c WHERE c.kind='oat'", "c.kind='oat'"),
        ("SELECT * FROM c WHERE c.count > @k", "c.count > @k"),
        ("SELECT * FROM c WHERE d.kind=@k", "d.kind"),
        ("SELECT * FROM c WHERE c.kind=@k; DROP TABLE documents", "DROP TABLE"),
        ("SELECT * FROM c WHERE c.kind=@k -- c", "-- c"),
        ("SELECT * FROM c WHERE c.kind')=@k", "kind')"),
        ('SELECT * FROM c WHERE c.kind"=@k', "kind"),
        ("SELECT * FROM c WHERE c['kind']=@k", "c['kind']"),
        ("SELECT * FROM c WHERE c.kind[0]=@k", "kind[0]"),
        ("SELECT * FROM c WHERE c.$.x=@k", "c.$"),
        ("SELECT * FROM c WHERE c.kind=@k LIMIT 5", "LIMIT 5"),
        ("SELECT * FROM c WHERE c.kind=@k OFFSET 0 LIMIT 5", "OFFSET"),
        ("SELECT * FROM c WHERE c.kind=@k ORDER BY c.kind, c.count", "ORDER BY"),
        ("SELECT * FROM c WHERE c.kind=@k ORDER BY (SELECT 1)", "ORDER BY"),
        ("SELECT * FROM c WHERE c.kind=@k ORDER BY c.kind ORDER BY c.kind", "ORDER BY"),
        ("SELECT * FROM c WHERE", ""),
        ("SELECT * FROM c WHERE c.kind=@k AND", ""),
        ("SELECT * FROM c HAVING c.kind=@k", "HAVING"),
        ("SELECT * FROM c JOIN d WHERE c.kind=@k", "JOIN"),
        ("SELECT * FROM c WHERE " + " AND ".join(["c.kind=@k"] * 51), "51"),
    ],
)
async def test_what_is_not_is_named(store: Store, cookies: list[Cookie], query: str, named: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await found(store, query, k="oat")
    assert named in str(caught.value)
    assert len(await found(store, "SELECT * FROM c")) == 3


@pytest.mark.parametrize(
    "parameters",
    [
        [],
        [{"name": "@other", "value": 1}],
        [{"name": "@k"}],
        [{"value": 1}],
        ["@k"],
        [{"name": "@k", "value": [1]}],
        [{"name": "@k", "value": {}}],
    ],
)
async def test_parameters_that_cannot_be_used_are_refused(
    store: Store, cookies: list[Cookie], parameters: list[Any]
) -> None:
    with pytest.raises(InvalidInput):
        await store.query("SELECT * FROM c WHERE c.kind=@k", parameters, user_id="ann")


@pytest.mark.parametrize("value", [2**70, "\ud800"])
async def test_values_that_no_store_can_hold_are_refused(
    store: Store, cookies: list[Cookie], value: object
) -> None:
    with pytest.raises(InvalidInput):
        await store.query("SELECT * FROM c WHERE c.kind=@k", given(k=value), user_id="ann")


async def test_a_long_hostile_query_is_refused_quickly(store: Store) -> None:
    for query in (
        "SELECT * FROM c WHERE " + "c.a" * 20000,
        "SELECT" + " " * 50000,
        "SELECT * FROM c WHERE c." + "a." * 30000 + "=@k",
    ):
        with pytest.raises(InvalidInput):
            await store.query(query, given(k=1), user_id="ann")
