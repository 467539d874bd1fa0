"""The peer answers Azure's own client as the service would, also where the library behind it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.cosmos import PartitionKey, exceptions
from azure.cosmos.aio import ContainerProxy, CosmosClient

from tests.cosmos.peer import Peer


@pytest.fixture
async def client(cosmos_peer: Peer) -> AsyncIterator[CosmosClient]:
    async with CosmosClient(
        cosmos_peer.endpoint, cosmos_peer.key, retry_total=0, retry_throttle_total=1
    ) as opened:
        yield opened


@pytest.fixture
async def container(client: CosmosClient, cosmos_database: str) -> ContainerProxy:
    database = await client.create_database(cosmos_database)
    policy = {
        "compositeIndexes": [
            [{"path": "/kind", "order": "ascending"}, {"path": "/n", "order": "descending"}],
        ]
    }
    return await database.create_container(
        "c", PartitionKey("/session_id"), indexing_policy=policy, default_ttl=-1
    )


def document(id: str, session: str = "s", **more: Any) -> dict[str, Any]:
    return {"id": id, "session_id": session, **more}


async def found(container: ContainerProxy, query: str = "SELECT * FROM c", **more: Any) -> list[str]:
    return sorted([row["id"] async for row in container.query_items(query, **more)])


async def test_what_is_not_there_is_not_found(client: CosmosClient, container: ContainerProxy) -> None:
    for call in (
        container.read_item("no", "s"),
        container.delete_item("no", "s"),
        container.replace_item("no", document("no")),
        client.get_database_client("none").read(),
        client.get_database_client("none").get_container_client("c").read_item("x", "s"),
    ):
        with pytest.raises(exceptions.CosmosResourceNotFoundError):
            await call


async def test_the_same_id_in_two_partitions_is_two_documents(container: ContainerProxy) -> None:
    await container.create_item(document("1", "s", n=1))
    await container.create_item(document("1", "t", n=2))
    assert (await container.read_item("1", "t"))["n"] == 2
    with pytest.raises(exceptions.CosmosResourceExistsError):
        await container.create_item(document("1", "t"))


async def test_a_partition_is_queried_by_its_key_alone(container: ContainerProxy) -> None:
    for session, id in (("s", "1"), ("s", "2"), ("t", "3")):
        await container.create_item(document(id, session))
    assert await found(container, partition_key="s") == ["1", "2"]
    assert await found(container) == ["1", "2", "3"]


async def test_etags_guard_writes_and_spare_reads(container: ContainerProxy) -> None:
    first = await container.create_item(document("1"))
    second = await container.replace_item(
        "1", document("1", n=2), etag=first["_etag"], match_condition=MatchConditions.IfNotModified
    )
    for call in (container.replace_item, container.upsert_item):
        given = ("1", document("1")) if call == container.replace_item else (document("1"),)
        with pytest.raises(exceptions.CosmosAccessConditionFailedError):
            await call(*given, etag=first["_etag"], match_condition=MatchConditions.IfNotModified)
    with pytest.raises(exceptions.CosmosAccessConditionFailedError):
        await container.delete_item(
            "1", "s", etag=first["_etag"], match_condition=MatchConditions.IfNotModified
        )
    seen: list[str] = []
    unchanged = await container.read_item(
        "1",
        "s",
        etag=second["_etag"],
        match_condition=MatchConditions.IfModified,
        response_hook=lambda headers, _: seen.append(headers["etag"]),
    )
    assert not unchanged and seen == [second["_etag"]]


async def test_a_batch_is_made_whole_or_not_at_all(container: ContainerProxy) -> None:
    stored = await container.create_item(document("old", n=1))
    done = await container.execute_item_batch(
        [
            ("create", (document("new"),)),
            ("upsert", (document("also"),)),
            ("replace", ("old", document("old", n=2)), {"if_match_etag": stored["_etag"]}),
            ("patch", ("old", [{"op": "incr", "path": "/n", "value": 5}])),
            ("read", ("old",)),
            ("delete", ("also",)),
        ],
        "s",
    )
    assert [result["statusCode"] for result in done] == [201, 201, 200, 200, 200, 204]
    assert done[4]["resourceBody"]["n"] == 7
    with pytest.raises(exceptions.CosmosBatchOperationError) as caught:
        await container.execute_item_batch(
            [
                ("create", (document("never"),)),
                ("delete", ("new",)),
                ("replace", ("old", document("old")), {"if_match_etag": stored["_etag"]}),
                ("create", (document("neither"),)),
            ],
            "s",
        )
    assert [result["statusCode"] for result in caught.value.operation_responses] == [424, 424, 412, 424]
    assert (caught.value.error_index, caught.value.status_code) == (2, 412)
    assert await found(container, partition_key="s") == ["new", "old"]
    with pytest.raises(exceptions.CosmosBatchOperationError) as caught:
        await container.execute_item_batch([("create", (document("x", "t"),))], "s")
    assert caught.value.status_code == 400


async def test_a_patch_changes_one_field_where_its_condition_holds(container: ContainerProxy) -> None:
    await container.create_item(document("1", n=1, kind="a"))
    changed = await container.patch_item("1", "s", [{"op": "set", "path": "/n", "value": 9}])
    assert (changed["n"], changed["kind"]) == (9, "a")
    with pytest.raises(exceptions.CosmosAccessConditionFailedError):
        await container.patch_item(
            "1", "s", [{"op": "remove", "path": "/n"}], filter_predicate="from c where c.n = 1"
        )


async def test_pages_go_on_where_they_ended_also_after_changes(container: ContainerProxy) -> None:
    for n in range(7):
        await container.create_item(document(str(n), n=n, kind="ab"[n % 2]))
    await container.replace_item("0", document("0", n=0, kind="a"))
    query = "SELECT * FROM c WHERE c.session_id = @s ORDER BY c.kind ASC, c.n DESC"
    values = [{"name": "@s", "value": "s"}]
    pages, token = [], None
    while True:
        pager = container.query_items(query, parameters=values, partition_key="s", max_item_count=3).by_page(
            token
        )
        pages.append([row["n"] async for row in await anext(pager)])
        token = pager.continuation_token  # type: ignore[attr-defined]
        if not token:
            break
    assert pages == [[6, 4, 2], [0, 5, 3], [1]]
    with pytest.raises(exceptions.CosmosHttpResponseError, match="composite index"):
        await found(container, "SELECT * FROM c ORDER BY c.n ASC, c.kind ASC", partition_key="s")


async def test_what_is_sorted_over_all_partitions_goes_by_a_plan(
    cosmos_peer: Peer, container: ContainerProxy
) -> None:
    for n in range(7):
        await container.create_item(document(str(n), f"s{n % 3}", n=n, kind="ab"[n % 2]))
    cosmos_peer.forget()
    query = "SELECT TOP 5 * FROM c WHERE c.n < 6 ORDER BY c.kind ASC, c.n DESC"
    rows = [row["n"] async for row in container.query_items(query, max_item_count=2)]
    assert rows == [4, 2, 0, 5, 3]
    assert cosmos_peer.requests("query")[0]["status"] == 400
    assert len(cosmos_peer.requests("query_plan")) == 1


async def test_what_has_outlived_its_time_is_gone(cosmos_peer: Peer, container: ContainerProxy) -> None:
    await container.create_item(document("short", ttl=60))
    await container.create_item(document("long"))
    cosmos_peer.sleep(59)
    assert await found(container) == ["long", "short"]
    cosmos_peer.sleep(61)
    assert await found(container) == ["long"]
    with pytest.raises(exceptions.CosmosResourceNotFoundError):
        await container.read_item("short", "s")


async def test_a_partition_key_of_two_paths(client: CosmosClient, cosmos_database: str) -> None:
    database = await client.create_database(cosmos_database)
    container = await database.create_container(
        "c", PartitionKey(["/user_id", "/session_id"], kind="MultiHash")
    )
    for user in ("ann", "bob"):
        await container.create_item(document("1", user_id=user))
    await container.create_item(document("2", "t", user_id="ann"))
    assert (await container.read_item("1", ["bob", "s"]))["user_id"] == "bob"
    assert await found(container, partition_key=["ann", "s"]) == ["1"]
    assert len(await found(container)) == 3
    await container.execute_item_batch([("delete", ("1",))], ["ann", "s"])
    assert await found(container, partition_key=["bob", "s"]) == ["1"]
    with pytest.raises(exceptions.CosmosResourceNotFoundError):
        await container.read_item("1", ["ann", "s"])


async def test_a_wrong_key_is_refused(cosmos_peer: Peer) -> None:
    client = CosmosClient(cosmos_peer.endpoint, "d3Jvbmc=")
    try:
        with pytest.raises(exceptions.CosmosHttpResponseError) as caught:
            await client.__aenter__()
        assert caught.value.status_code == 401
    finally:  # a client that could not be entered does not close itself
        await client.close()


async def test_the_same_over_tls(cosmos_peer: Peer, container: ContainerProxy, cosmos_database: str) -> None:
    await container.create_item(document("ä ö"))
    async with CosmosClient(cosmos_peer.secure, cosmos_peer.key, connection_verify=False) as client:
        other = client.get_database_client(cosmos_database).get_container_client("c")
        assert (await other.read_item("ä ö", "s"))["id"] == "ä ö"


async def test_what_is_told_to_go_wrong_does_and_is_counted(
    cosmos_peer: Peer, container: ContainerProxy
) -> None:
    cosmos_peer.forget()
    cosmos_peer.fail(status=429, retry_after_ms=1, times=1, kind="create")
    await container.create_item(document("1"))  # the client tries again by itself
    assert [request["status"] for request in cosmos_peer.requests("create")] == [429, 201]

    cosmos_peer.fail("drop", kind="create", times=1)
    with pytest.raises(AzureError):
        await container.create_item(document("before"))
    cosmos_peer.fail("drop_after", kind="create", times=1)
    with pytest.raises(AzureError):
        await container.create_item(document("after"))
    assert await found(container) == ["1", "after"]

    cosmos_peer.fail("hang", path="/docs/1$", times=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await container.read_item("1", "s")
    cosmos_peer.fail(status=500, method="DELETE", skip=1)
    await container.delete_item("1", "s")
    with pytest.raises(exceptions.CosmosHttpResponseError):
        await container.delete_item("after", "s")
    cosmos_peer.heal()
    await container.delete_item("after", "s")
