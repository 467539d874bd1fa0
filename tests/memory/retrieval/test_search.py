"""Search by words, by vectors, by both: identifiers first, synonyms and slips, references followed, all of it bounded."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from autogen_ext.models.replay import ReplayChatCompletionClient

from macae.config import Settings
from macae.errors import ConfigError, InvalidInput
from macae.llm.offline import OfflineChatCompletionClient
from macae.memory.retrieval import (
    CrossEncoder,
    KnowledgeBase,
    Weights,
    expand_words,
    fuse,
    propose_queries,
    search_in_hops,
    words,
)
from macae.memory.retrieval.codes import codes_in
from macae.memory.retrieval.words import WordIndex, tokens_of
from tests.memory.retrieval.conftest import BAKERY, document


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("see HR-104 and VPN 412, or hr-104-leave.md", {"HR-104", "VPN-412"}),
        ("order PO-2026-0017, LAP-16", {"PO-2026-0017", "LAP-16"}),
        ("in 2026 it has 104 days, at 8 or up to 20", set()),
        ("version 3.11, $600, 10%", set()),
    ],
)
def test_identifiers(text: str, codes: set[str]) -> None:
    assert codes_in(text) == codes


def test_bm25_finds_stems_and_ranks_rare_words_first() -> None:
    index = WordIndex(["the oven is cleaned", "ovens and more ovens", "bread", "bread and rye bread"])
    found = index.search(tokens_of("cleaning the oven"), 3)
    assert next(iter(found)) == 0 and set(found) == {0, 1}
    assert index.search(tokens_of("nothing of it here"), 3) == {}
    assert WordIndex([]).search(["oven"], 3) == {}


def test_fusion_is_by_weighted_ranks() -> None:
    words, vectors = {"a": 9.0, "b": 3.0}, {"b": 0.5, "c": 0.4}
    even = fuse(words, vectors, weights=Weights(0.5, 0.5, rank_constant=1))
    assert list(even) == ["b", "a", "c"]
    assert even["b"] == pytest.approx((0.5 * 2 / 3 + 0.5 * 2 / 2) / 1.0)
    assert next(iter(fuse(words, vectors, weights=Weights(vectors=0.9, words=0.1, rank_constant=1)))) == "b"
    assert next(iter(fuse(words, vectors, weights=Weights(vectors=1.0, words=0.0)))) == "b"
    assert next(iter(fuse(words, vectors, {"c": 1.0}, Weights()))) == "c", "what is named comes first"
    assert all(0 <= score <= 1 for score in fuse(words, vectors, {"c": 1.0}).values())
    assert fuse({}, {}) == {}


def test_expansion_adds_only_words_of_the_documents() -> None:
    tokens = tokens_of("purchase of equipment")
    more = expand_words(tokens, {"bui", "hardwar", "cake"}, 0.5)
    assert "hardwar" in more and "cake" not in more
    assert all(0 < weight <= 0.5 for weight in more.values())
    assert expand_words(tokens_of("vacatoin"), {"vacat"}, 0.1) == expand_words(["vacatoin"], {"vacat"}, 0.1)
    assert "deliveri" in expand_words(["delivrei"], {"deliveri"}, 0.1), "a slip of the pen"


def test_a_slip_is_looked_for_among_words_of_its_first_letter_and_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []
    real = words.nearest
    monkeypatch.setattr(
        words, "nearest", lambda token, known: looked.append(len(known)) or real(token, known)
    )
    index = WordIndex(
        ["delivery of rye", *(f"{letter}{n * 7919}x" for letter in "abcdef" for n in range(50))]
    )
    assert index.guess("delivrei") == "deliveri" and index.guess("zzzzzz") is None
    assert max(looked) * 3 < len(index.vocabulary)


async def test_a_model_s_proposals_are_bounded() -> None:
    lines = ["1. When is it open?", "- WHEN IS IT OPEN?", "x" * 500, *(f"Way {n}?" for n in range(50))]
    many = ReplayChatCompletionClient(["\n".join(lines)])
    assert await propose_queries(many, "Opening hours?") == ["When is it open?", "Way 0?", "Way 1?"]


async def test_modes_and_why(settings: Settings) -> None:
    async with KnowledgeBase(settings, BAKERY) as kb:
        for mode in ("hybrid", "words", "vectors"):
            best = (await kb.search("How long does rye bread bake?", 2, mode))[0]  # type: ignore[arg-type]
            assert (best.chunk.document_id, best.chunk.heading) == ("bread", "Rye"), mode
        both = (await kb.search("How long does rye bread bake?", 2))[0]
        assert set(both.why) == {"words", "vectors"} and 0 < both.score <= 1
        assert await kb.search("zzz", 5, "words") == []
        within = await kb.search("bread", 5, within="opening")
        assert {hit.chunk.document_id for hit in within} == {"opening"}


async def test_a_named_identifier_comes_first(settings: Settings) -> None:
    async with KnowledgeBase(settings, BAKERY) as kb:
        best = (await kb.search("Is the shop open or closed on Sundays when OV 12 shows?", 1))[0]
        assert "OV-12" in best.chunk.text and best.why["codes"] > 0
        without = (
            await kb.search("Is the shop open or closed on Sundays when OV 12 shows?", 1, codes=False)
        )[0]
        assert without.chunk.document_id == "opening"


@pytest.mark.parametrize(
    ("question", "k", "mode"),
    [("", 5, "hybrid"), ("x" * 2001, 5, "hybrid"), ("a", 0, "hybrid"), ("a", 5, "magic")],
)
async def test_what_cannot_be_searched(settings: Settings, question: str, k: int, mode: str) -> None:
    async with KnowledgeBase(settings, BAKERY, on="memory") as kb:
        with pytest.raises(InvalidInput, match="A search needs"):
            await kb.search(question, k, mode)  # type: ignore[arg-type]


async def test_a_hop_follows_what_a_hit_refers_to(settings: Settings) -> None:
    others = [
        document(f"noise-{n}", f"# Oven {n}\n\nThe oven number {n} stands in the shop.") for n in range(8)
    ]
    async with KnowledgeBase(settings, [*BAKERY, *others], on="memory") as kb:
        question = "On which day is that done which who closes the shop does?"
        one, queries = await search_in_hops(kb, question, 3, 1, "words")
        assert "ov-30-cleaning" not in {hit.chunk.document_id for hit in one} and queries == [question]
        more, queries = await search_in_hops(kb, question, 3, 3, "words")
        assert "ov-30-cleaning" in {hit.chunk.document_id for hit in more}
        assert queries[1].startswith("Cleaning the oven:") and len(queries) <= 3 and len(more) <= 3


async def test_both_parts_of_a_question_are_searched(settings: Settings) -> None:
    async with KnowledgeBase(settings, BAKERY, on="memory") as kb:
        hits, queries = await search_in_hops(
            kb, "How long does rye bread bake, and when does the shop open?", 4
        )
        assert queries[1:] == ["How long does rye bread bake", "when does the shop open"]
        assert {"bread", "opening"} <= {hit.chunk.document_id for hit in hits}
        with pytest.raises(InvalidInput, match="hops"):
            await search_in_hops(kb, "bread", hops=11)


class ByLength:
    """A re-ranker that likes short texts."""

    async def scores(self, question: str, texts: list[str]) -> list[float]:
        return [1 / len(text) for text in texts]


async def test_a_re_ranker_orders_anew(settings: Settings) -> None:
    async with KnowledgeBase(settings, BAKERY, on="memory", reranker=ByLength()) as kb:  # type: ignore[arg-type]
        hits = await kb.search("oven", 3)
        assert all("rerank" in hit.why for hit in hits) and len(hits) <= 3
        assert all("rerank" not in hit.why for hit in await kb.search("oven", 3, rerank_hits=False))


async def test_without_its_package_the_cross_encoder_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"macae\[rerank\]"):
        await CrossEncoder().scores("a", ["b"])


async def test_the_cross_encoder_downloads_nothing_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    class Encoder:
        def __init__(self, model: str, local_files_only: bool) -> None:
            asked.append((model, local_files_only))
            if local_files_only:
                raise OSError("not in the cache")

        def predict(self, pairs: list[tuple[str, str]]) -> list[float]:
            return [float(len(text)) for _, text in pairs]

    library = ModuleType("sentence_transformers")
    library.CrossEncoder = Encoder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    with pytest.raises(ConfigError, match="fetch=True"):
        await CrossEncoder("m").scores("a", ["b"])
    first, second = await CrossEncoder("m", fetch=True).scores("a", ["b", "bbb"])
    assert 0 < first < second < 1 and asked == [("m", True), ("m", False)]


async def test_the_offline_model_can_be_asked_for_proposals() -> None:
    assert len(await propose_queries(OfflineChatCompletionClient(), "When does the shop open?")) <= 3
