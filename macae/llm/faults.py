"""What went wrong in a model call, as one of the package's errors, with a text that says what to set."""

from __future__ import annotations

import json
import math
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from macae.errors import (
    ModelAuthError,
    ModelBadReply,
    ModelError,
    ModelFiltered,
    ModelNotFound,
    ModelRateLimited,
    ModelUnavailable,
)
from macae.llm.endpoint import Endpoint

__all__ = ["Fault", "explain", "retry_after"]

_FILTER_CODES = {"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"}
_UNKNOWN_MODEL_CODES = {"model_not_found", "unknown_model", "DeploymentNotFound", "invalid_model"}
_UNKNOWN_MODEL_TEXT = re.compile(
    r"invalid model name|unknown model|model .{0,80}(not found|does not exist)", re.I
)
_BROKEN_JSON = re.compile(r"at line \d+ column \d+$")  # how the parser of streamed structure says it
_NOT_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"})
"""How HTTP clients call what happens before a request is sent."""
_SENT = frozenset(
    {"ReadError", "ReadTimeout", "WriteError", "WriteTimeout", "CloseError", "RemoteProtocolError"}
)
"""And what happens from then on."""
_WRONG_SHAPE = (AttributeError, TypeError, KeyError, IndexError, json.JSONDecodeError, UnicodeDecodeError)


@dataclass(frozen=True)
class Fault:
    """An error to raise, and whether the same call may succeed a moment later."""

    error: ModelError
    again: bool = False
    wait: float | None = None
    """Seconds that the server asks to wait."""
    sent: bool = True
    """Whether a server may have got the request."""


def explain(problem: BaseException, at: Endpoint, timeout: float) -> Fault:
    """The fault behind `problem`. `timeout` (seconds) is only for the text of a time-out."""
    if isinstance(problem, ModelError):
        return Fault(problem, sent=problem.sent)
    if isinstance(problem, TimeoutError) or type(problem).__name__ == "APITimeoutError":
        return Fault(
            ModelUnavailable(
                f"{at} did not answer within {timeout:g} seconds. Try again, or raise {at.timeout_variable}."
            ),
            again=True,
            sent=_may_be_sent(problem),
        )
    library = type(problem).__module__.partition(".")[0]
    if library == "openai":
        return _from_openai(problem, at)
    if library.startswith("httpx") or library.startswith("httpcore") or isinstance(problem, OSError):
        return _no_connection(problem, at)
    if library == "azure":
        return Fault(
            ModelAuthError(
                f"Signing in to Azure for {at} failed ({type(problem).__name__}). "
                f"Run `az login`, or set {at.key_variable}."
            ),
            sent=not at.remote and _may_be_sent(problem),
        )
    if library == "pydantic_core" or (isinstance(problem, ValueError) and _BROKEN_JSON.search(str(problem))):
        return Fault(ModelBadReply(f"{at} answered something else than the structure that was asked for."))
    if at.remote and isinstance(problem, _WRONG_SHAPE):
        return Fault(
            ModelBadReply(
                f"{at} answered something that is no chat completion. "
                f"Check that {at.address_variable} is the API's address (it often ends in /v1)."
            )
        )
    return Fault(ModelError(f"The call to {at} failed. {type(problem).__name__}: {at.quote(problem)}"))


def _from_openai(problem: Any, at: Endpoint) -> Fault:
    import openai

    if isinstance(problem, openai.ContentFilterFinishReasonError):
        return Fault(_filtered(at, "the reply"))
    if isinstance(problem, openai.LengthFinishReasonError):
        return Fault(
            ModelBadReply(
                f"The reply of {at} was cut off at its token limit, so its structure is incomplete."
            )
        )
    if isinstance(problem, openai.APIStatusError):
        return _from_status(problem.status_code, problem.response.headers, problem.body, at)
    if isinstance(problem, openai.APIConnectionError):
        return _no_connection(problem, at)
    if isinstance(problem, openai.APIResponseValidationError):
        return Fault(ModelBadReply(f"{at} answered something that is no chat completion."))
    if isinstance(problem, openai.APIError):  # an error sent in the middle of a stream
        return _from_status(500, {}, problem.body, at)
    return Fault(ModelError(f"The call to {at} failed. {type(problem).__name__}: {at.quote(problem)}"))


def _from_status(status: int, headers: Mapping[str, str], body: object, at: Endpoint) -> Fault:
    detail: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    inner = detail.get("innererror")
    codes = {str(detail.get("code")), str(inner.get("code")) if isinstance(inner, Mapping) else ""}
    if isinstance(body, str) and "<html" in body[:2000].lower():
        text = f"a web page (HTTP {status}), not the API; perhaps from a proxy"
        return Fault(
            ModelUnavailable(f"{at} answered {text}. Check {at.address_variable} and HTTPS_PROXY."),
            status >= 500,
        )
    said = at.quote(detail.get("message") or (body if isinstance(body, str) else "") or "no reason given")
    quoted = f'The server says: "{said}"'
    if codes & _FILTER_CODES:
        return Fault(_filtered(at, "the request"))
    if status == 401:
        return Fault(ModelAuthError(f"{at} refuses the key. Set {at.key_variable} to a valid one. {quoted}"))
    if status == 403:
        return Fault(
            ModelAuthError(
                f"The key has no right to use {at}. Check {at.key_variable} and its permissions. {quoted}"
            )
        )
    if status == 404 or codes & _UNKNOWN_MODEL_CODES or (status == 400 and _UNKNOWN_MODEL_TEXT.search(said)):
        return Fault(
            ModelNotFound(f"{at} is unknown. Check {at.model_variable} and {at.address_variable}. {quoted}")
        )
    if status == 429:
        return _rate_limited(headers, codes, at, quoted)
    if status == 413 or "context_length_exceeded" in codes:
        return Fault(
            ModelError(
                f"The messages are too long for {at}. Lower MACAE_BUFFER_SIZE or MACAE_BUFFER_TOKENS. {quoted}"
            )
        )
    if status in (408, 409) or status >= 500:
        return Fault(
            ModelUnavailable(f"{at} fails (HTTP {status}). Try again later. {quoted}"),
            True,
            retry_after(headers),
        )
    hint = " Set MACAE_TEMPERATURE=none." if detail.get("param") == "temperature" else ""
    return Fault(ModelError(f"{at} does not accept the request (HTTP {status}).{hint} {quoted}"))


def _rate_limited(headers: Mapping[str, str], codes: set[str], at: Endpoint, quoted: str) -> Fault:
    wait = retry_after(headers)
    if "insufficient_quota" in codes:
        text = (
            f"The quota of the key for {at} is used up. Add credit, or set {at.key_variable} to another one."
        )
        return Fault(ModelRateLimited(f"{text} {quoted}", wait))
    text = f"{at} asks to slow down (429)" + (f", for {wait:g} seconds." if wait else ".")
    return Fault(
        ModelRateLimited(f"{text} Wait, or use a model with a higher limit. {quoted}", wait), True, wait
    )


def _filtered(at: Endpoint, what: str) -> ModelFiltered:
    return ModelFiltered(f"The content filter of {at} stopped {what}. Put it in other words.")


def _no_connection(problem: BaseException, at: Endpoint) -> Fault:
    causes = list(_causes(problem))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        what, again = "its name cannot be resolved: no network, or a wrong name", True
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        what, again = (
            "no trusted TLS connection; behind a company proxy set SSL_CERT_FILE to its certificates",
            False,
        )
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        what, again = "the connection is refused: is the server running?", True
    elif any("Proxy" in type(cause).__name__ for cause in causes):
        what, again = "the proxy does not let it through; check HTTPS_PROXY", False
    elif any("ConnectError" in type(cause).__name__ for cause in causes):
        what, again = "no connection", True
    else:
        what, again = "the connection broke off", True
    where = at.address or at.model
    text = f"{where} cannot be reached ({what}). Check {at.address_variable}."
    return Fault(ModelUnavailable(text), again, sent=_may_be_sent(problem))


def _may_be_sent(problem: BaseException) -> bool:
    """Whether a server may have got the request. Only where it is sure that none did, nothing was paid for."""
    causes = list(_causes(problem))
    kinds = {type(cause).__name__ for cause in causes}
    before = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
    never = bool(kinds & _NOT_SENT) or any(isinstance(cause, before) for cause in causes)
    return not never or bool(kinds & _SENT)


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    """`problem`, and what lies behind it."""
    seen: set[int] = set()
    todo = [problem]
    while todo:
        error = todo.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        todo += [error.__cause__, error.__context__]
        if isinstance(error, BaseExceptionGroup):
            todo += error.exceptions


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a reply's headers ask to wait, or None. Reads seconds, milliseconds and dates."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, TypeError):
                continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None
