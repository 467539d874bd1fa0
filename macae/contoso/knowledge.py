"""Contoso's written knowledge: policies, price lists and product sheets, to search and to cite."""

from __future__ import annotations

from pathlib import Path

__all__ = ["policies_folder"]


def policies_folder() -> Path:
    """The folder of Contoso's policies: Markdown, text, CSV and PDF files in one folder a department.

    A file's stem is its document id. They agree with the company's data and with what its tools do, except the
    old editions, which say that they are superseded.
    """
    return Path(__file__).parent / "policies"
