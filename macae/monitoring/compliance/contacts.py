"""Addresses: e-mail and IP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from macae.monitoring.compliance.findings import Finding

__all__ = ["addresses", "emails"]

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
            shell = shell or in_an_address(text, start)
            if not (shell or match[2].lower() in FILES or match[0][1:].lower() == OURS):
                yield Finding("EMAIL_ADDRESS", start, end)
                at = end - 1
        at = text.find("@", at + 1)


def in_an_address(text: str, start: int) -> bool:
    """Whether what stands there is the end of a password: "postgresql://user:password@server" is for those who look for these."""
    before = text[max(0, start - 200) : start]
    word = before[before.rfind(" ") + 1 :]
    _, slashes, user = word.rpartition("://")
    return bool(slashes) and ":" in user and "/" not in user and "?" not in user


V4 = re.compile(r"\d(?<![\w.-]\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w-]|\.\d)")
V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{3,}+(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])")
RELEASE = re.compile(
    r"(?i)(?:\bv|version|release|rel|build|firmware|driver|section|chapter|clause|§|abschnitt|kapitel|update to|upgrade to|v\.)[ :.]{0,2}$"
)


def addresses(text: str) -> Iterator[Finding]:
    """IP addresses that a machine somewhere can have: none of a machine's own, none that nobody is given."""
    if text.count(".") >= 3:
        for match in V4.finditer(text):
            if is_v4(match[0]) and not RELEASE.search(text[max(0, match.start() - 16) : match.start()]):
                yield Finding("IP_ADDRESS", match.start(), match.end(), 0.9)
    if "::" in text or text.count(":") >= 7:
        for match in V6.finditer(text):
            end = match.end()
            while end > match.start() and text[end - 1] == ":" and text[end - 2] != ":":
                end -= 1  # "2001:db8::1: no answer"
            if is_v6(text[match.start() : end]):
                yield Finding("IP_ADDRESS", match.start(), end)


def is_v4(text: str) -> bool:
    """Whether it is an address of the internet or of a private network."""
    try:
        found = IPv4Address(text)
    except AddressValueError:
        return False
    return not (found.is_loopback or found.is_multicast or found.packed[0] in (0, *range(240, 256)))


def is_v6(text: str) -> bool:
    """Whether it is an address, and no piece of a program (`a::b`)."""
    if not 7 <= len(text) <= 45 or not any(sign.isdigit() for sign in text):
        return False
    try:
        found = IPv6Address(text)
    except AddressValueError:
        return False
    return not (found.is_loopback or found.is_unspecified or found.is_multicast)
