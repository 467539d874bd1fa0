"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.compliance.findings import Finding

__all__ = ["emails"]

DOMAIN = re.compile(
    r"@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8})([^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w@-])"
)
LOCAL = frozenset("._%+-'")
FILES = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "js",
        "ts",
        "jsx",
        "tsx",
        "css",
        "json",
        "xml",
        "pdf",
        "txt",
        "csv",
        "yaml",
        "yml",
        "html",
        "zip",
    ]
)
"""Ends of file names that are no ends of addresses: logo@2x.png."""
OURS = "masked.example"
"""The domain of our own placeholders: nobody's address."""


def emails(text: str) -> Iterator[Finding]:
    """E-mail addresses. From each at-sign outwards, so that a text of any kind takes a time in proportion to its length."""
    at = text.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in LOCAL):
            start -= 1
        while start < at and not text[start].isalnum() and text[start] not in "_+":
            start += 1
        match = DOMAIN.match(text, at) if start < at and text[at - 1] != "." else None
        if match is not None:
            name, end = text[start:at], match.end()
            shell = name == "git" and text[end : end + 1] in (":", "/")
            shell = shell or is_login(text, start, end) or in_an_address(text, start)
            if not (shell or match[2].lower() in FILES or match[0][1:].lower() == OURS):
                yield Finding("EMAIL_ADDRESS", start, end)
                at = end - 1
        at = text.find("@", at + 1)


SHELL = re.compile(r"(?<![\w-])(?:ssh|scp|sftp|rsync|mosh)(?: -\w+| -[ip] \S{1,60})? $")


def is_login(text: str, start: int, end: int) -> bool:
    """Whether it is a user at a machine: "https://user@host/path", "user@host:/path", "ssh user@host"."""
    if text[start - 3 : start] == "://" and text[end : end + 1] in ("/", ":", "?"):
        return True
    return text[end : end + 2] in (":/", ":~") or SHELL.search(text[max(0, start - 80) : start]) is not None


def in_an_address(text: str, start: int) -> bool:
    """Whether what stands there is the end of a password: "postgresql://user:password@server" is for those who look for these."""
    before = text[max(0, start - 200) : start]
    word = before[before.rfind(" ") + 1 :]
    _, slashes, user = word.rpartition("://")
    return bool(slashes) and ":" in user and "/" not in user and "?" not in user
