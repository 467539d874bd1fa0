"""workshop.py as a module, for the gates that use it."""

from tests.bootstrap.conftest import workshop

__all__ = ["workshop"]
