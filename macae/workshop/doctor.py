"""What is wrong with this installation, and how to mend it. Every check is bounded in time, and none shows a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from macae.workshop.findings import Finding, problem

if TYPE_CHECKING:
    from macae.config import Settings

__all__ = ["Finding", "examine"]


def examine(settings: Settings | None = None) -> Iterator[Finding]:
    """Look at everything, one finding after the other. Never raises: a check that breaks is a finding too.

    Without `settings` they are loaded here; when they cannot be, what does not need them is still looked at.
    """
    yield from checked("Python", python)
    yield from checked("Packages", packages)
    yield from checked("Kernel", kernel)
    if settings is None:
        from macae.config import load_settings

        try:
            settings = load_settings()
        except Exception as error:
            yield problem("Settings", str(error), "Set the named variables, in the environment or in .env.")
            return
    loaded = settings
    yield from checked("Disk", lambda: disk(loaded))
    yield from checked("Store", lambda: store(loaded))
    yield from checked("Sessions", lambda: sessions(loaded))
    yield from checked("Embedding", lambda: embedding(loaded))
    yield from checked("Documents", lambda: documents(loaded))
    yield from checked("Vectors", lambda: vectors(loaded))
    yield from checked("Policy", lambda: policy(loaded))
    yield from checked("Sinks", lambda: sinks(loaded))
    yield from checked("Alerts", lambda: alerts(loaded))
    yield from checked("Provider", lambda: provider(loaded))


def checked(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """The check's findings, or one that says that the check itself broke."""
    try:
        return check()
    except Exception as error:
        fix = "Install again (python workshop.py --fresh); if that does not help, report it with this line."
        return [problem(name, f"The check broke: {type(error).__name__}: {error}", fix)]


def python() -> list[Finding]:
    """This Python's version."""
    from macae.workshop.installation import check_python

    return check_python()


def packages() -> list[Finding]:
    """The installed packages, against the pinned ones."""
    from macae.workshop.installation import check_packages

    return check_packages()


def kernel() -> list[Finding]:
    """What notebooks run in."""
    from macae.workshop.installation import check_kernel

    return check_kernel()


def disk(settings: Settings) -> list[Finding]:
    """Room, and the kind of folder."""
    from macae.workshop.storage import check_folder, check_space

    return [*check_space(settings.home), *check_folder(settings.home)]


def store(settings: Settings) -> list[Finding]:
    """Whether the store can be opened, locked and written."""
    from macae.workshop.storage import check_store

    return asyncio.run(check_store(settings))


def sessions(settings: Settings) -> list[Finding]:
    """Whether sessions stand still, because their process is gone."""
    from macae.workshop.unattended import check_sessions

    return asyncio.run(check_sessions(settings))


def embedding(settings: Settings) -> list[Finding]:
    """What turns texts into vectors, and whether the model is there. Nothing is fetched."""
    from macae.workshop.embedding import check_embedding

    return check_embedding(settings)


def documents(settings: Settings) -> list[Finding]:
    """Whether the documents that agents look things up in can be read."""
    from macae.workshop.knowing import check_documents

    return check_documents(settings)


def vectors(settings: Settings) -> list[Finding]:
    """Whether the place where vectors are kept can be used."""
    from macae.workshop.knowing import check_vectors

    return check_vectors(settings)


def policy(settings: Settings) -> list[Finding]:
    """Whether the compliance policy can be used."""
    from macae.workshop.receiving import check_policy

    return check_policy(settings)


def sinks(settings: Settings) -> list[Finding]:
    """Whether the sinks can be used, and somebody listens where they send to."""
    from macae.workshop.receiving import check_sinks

    return check_sinks(settings)


def alerts(settings: Settings) -> list[Finding]:
    """Whether the alert rules and receivers can be used, and somebody listens where alerts go."""
    from macae.workshop.receiving import check_alerts

    return check_alerts(settings)


def provider(settings: Settings) -> list[Finding]:
    """Which model is set up, and whether it answers."""
    from macae.workshop.provider import check_provider

    return asyncio.run(check_provider(settings))
