"""What Cosmos DB's errors mean to a person, and what they say about a write's outcome. No text of the service is passed on."""

from __future__ import annotations

from typing import Any

from macae.errors import StoreError
from macae.memory.cosmos.place import Place

__all__ = ["GONE", "is_open", "status_of", "store_error"]

GONE = 1003
"""The sub-status of a 404 that is about the database or container, not about the item."""

_ROLE = (
    "Without a key you are who Azure says you are: run `az login`, or set MACAE_COSMOS_KEY. The identity needs the role "
    "Cosmos DB Built-in Data Contributor"
)
_CHANGED = "was changed by too many at the same time. Try again"
_MEANINGS = {
    400: "does not take this: it is malformed or too deeply nested. Store something plainer",
    401: "refuses the key. Check MACAE_COSMOS_KEY (the account's primary key) and that it belongs to MACAE_COSMOS_ENDPOINT",
    403: f"forbids this. Check the account's firewall. {_ROLE}; with that role, the database and container must exist already",
    409: _CHANGED,
    412: _CHANGED,
    413: "takes items and writes of at most 2 MB. Store less at once, or a large text as a file",
    429: "is too busy: its request units are used up. Try again later, or raise the container's throughput",
    449: _CHANGED,
}


def status_of(error: BaseException) -> int:
    """The HTTP status that an error carries, else 0."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else 0


def is_open(error: BaseException) -> bool:
    """Whether a write that ended so may have been made nevertheless."""
    from azure.core.exceptions import AzureError, ServiceRequestError

    if not isinstance(error, AzureError | OSError):
        return False  # it never got as far as sending
    if isinstance(error, ServiceRequestError):
        return not _is_unreachable(error)
    status = status_of(error)
    return status == 0 or status == 408 or status >= 500


def _is_unreachable(error: Any) -> bool:
    from aiohttp import ClientConnectorError

    return isinstance(error.inner_exception, ClientConnectorError)


def store_error(error: BaseException, place: Place) -> StoreError:
    """The error in words: what is wrong, and what to do. What is in words already stays."""
    if isinstance(error, StoreError):
        return error
    return StoreError(f"The {place.name} {_meaning(error, place)}.")


def _meaning(error: BaseException, place: Place) -> str:
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        ServiceRequestError,
        ServiceRequestTimeoutError,
    )

    status = status_of(error)
    if status == 404:
        return (
            "is not there. Check MACAE_COSMOS_DATABASE and MACAE_COSMOS_CONTAINER; open the store again to have them made"
            if _sub_status(error) == GONE
            else "does not have this any more. Try again"
        )
    if status in _MEANINGS:
        return _MEANINGS[status]
    if status >= 400:
        return f"fails (status {status}). Try again; see https://status.azure.com when it goes on"
    if isinstance(error, ClientAuthenticationError):
        return f"cannot be opened: nobody is signed in. {_ROLE}"
    if isinstance(error, TimeoutError | ServiceRequestTimeoutError):
        return f"did not answer within {place.timeout:g} s (MACAE_COSMOS_TIMEOUT). Check MACAE_COSMOS_ENDPOINT and the network, or try again"
    if isinstance(error, ServiceRequestError) and _is_unreachable(error):
        return "cannot be reached. Check MACAE_COSMOS_ENDPOINT and the network; for an emulator, that it runs"
    if isinstance(error, ValueError):  # the key is no base64, which the client finds when it signs
        return "cannot be asked with this key. MACAE_COSMOS_KEY must be the account's primary key, as the portal shows it"
    if not isinstance(error, AzureError | OSError):
        return f"could not be used: unexpected {type(error).__name__}. Please report this"
    return f"broke the connection off ({type(error).__name__}). Check the network, or try again"


def _sub_status(error: Any) -> int:
    return int(getattr(error, "sub_status", None) or 0)
