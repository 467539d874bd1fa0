"""Which company the tools work on: a context variable, so that tasks and threads can each have their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from macae.contoso.company import Company
from macae.errors import NotFound

__all__ = ["current", "use"]

_current: ContextVar[Company | Callable[[], Company] | None] = ContextVar("macae_company", default=None)


@contextmanager
def use(company: Company | Callable[[], Company]) -> Iterator[None]:
    """Let the tools called inside (also in tasks started there) work on this company.

    A function is called when a tool first needs the company: tools of another kind then cost no file.
    """
    token = _current.set(company)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Company:
    """The company in use here. Raises NotFound when there is none."""
    company = _current.get()
    if company is None:
        raise NotFound(
            "No sample company is in use here. Call the tool inside `with contoso.use(contoso.Company.create()):`."
        )
    return company if isinstance(company, Company) else company()
