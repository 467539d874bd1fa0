"""What a collector answers: a request that it took may still hold spans that it refused."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from macae.monitoring.otel.outbox import NotSent

__all__ = ["MOST", "refusal_in"]

MOST = 65_536
"""Bytes of an answer that are read."""
LONGEST = 200
"""Characters that are told of a server's words."""
CODED = frozenset({"gzip", "deflate"})
ANY_HEADER = 32 + zlib.MAX_WBITS
"""For zlib: gzip's header, or its own."""


def refusal_in(
    body: bytes, headers: Mapping[str, str], host: str, secrets: Iterable[str] = ()
) -> NotSent | None:
    """What an answer with a good status says of spans that were not taken, None when all were.

    What is no answer of a collector (a login page) means that nothing was.
    """
    if not body:
        return None
    try:
        told = parsed(body, headers).partial_success
    except (DecodeError, json_format.ParseError, ValueError, zlib.error, RecursionError):
        return NotSent(f"{host} does not answer like a collector: is the address right?")
    if told.rejected_spans <= 0:
        return None
    words = told.error_message
    for secret in sorted({part for text in secrets for part in (text, *text.split())}, key=len, reverse=True):
        words = words.replace(secret, "…")
    shown = "".join(c if c.isprintable() else " " for c in words[:LONGEST]).strip()
    why = f"{host} refused {told.rejected_spans} spans{f': {shown}' if shown else '.'}"
    return NotSent(why, items=told.rejected_spans)


def parsed(body: bytes, headers: Mapping[str, str]) -> ExportTraceServiceResponse:
    """The answer. The one to metrics is read alike: it counts its data points in the same place."""
    if headers.get("content-encoding", "").strip().lower() in CODED:
        body = zlib.decompressobj(ANY_HEADER).decompress(body, MOST + 1)
    if len(body) > MOST or headers.get("content-type", "").strip().lower().startswith("text/"):
        raise ValueError("this is no answer of a collector")
    answer = ExportTraceServiceResponse()
    if body.lstrip()[:1] == b"{":
        json_format.Parse(body, answer, ignore_unknown_fields=True)
    else:
        answer.ParseFromString(body)
    return answer
