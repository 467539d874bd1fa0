"""IP addresses, and what only looks like one: versions, sections, object identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from macae.monitoring.compliance.findings import Finding

__all__ = ["addresses"]

V4 = re.compile(
    r"\d(?<![\w.]\d)(?<!(?<!\.\d)(?<!\.\d\d)(?<!\.\d\d\d)-\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?!\w|\.\d|-(?!\d{1,3}\.\d{1,3}\.))"
)
V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{3,}+(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])")
RELEASE = re.compile(
    r"(?i)(?:(?<![^\W_])(?:v|ver|versi[oó]n[es]?|versie|wersja|release|rel|rev(?:ision)?|build|firmware|bios|driver|treiber|kernel|sdk|patch|hotfix|"
    r"(?:sub)?section|sec|chapter|clause|paragraph|para|annex|appendix|requirement|rule|table|figure|oid|abschnitt|kapitel|ziffer|punkt|absatz|anhang|"
    r"secci[oó]n|cap[ií]tulo|chapitre|sezione|capitolo|update to|upgrade to|downgrade to)s?[\"']?|§|[=~<>!]=|[\w\]]@)"
    r"[ :.=(\"']{0,3}(?:(?:is|now|number|no|nr|to|from|of|ist|jetzt|auf|von)\.?[ :]{1,2}){0,2}$"
)
SAID = re.compile(
    r"(?i)(?<![^\W_])(?:ip(?:v4)?s?|ip[ _-]?add?ress?\w*|addr(?:ess)?|adress\w*|hosts?|server\w*|dns|nameserver|ping\w*|gateway|router|subnet|netz\w*|net|"
    r"network|remote|client|peer|src|dst|source|from|firewall|ssh|vpn|login|logged|proxy|traceroute|route|block\w*|ban\w*|port|nat|resolver|endpoint|bind|listen)(?![^\W_])"
)
BEHIND = re.compile(r":\d{2,5}(?!\d)|/\d{1,2}(?!\d)")
SMALL = 30
"""Up to here the first three numbers of a version reach. Of the addresses that are in use one in several hundred has only such."""
RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})
"""Addresses with small numbers that everybody writes as such."""
BEFORE = 40
"""Characters before an address in which a word is looked for that says that it is one."""


def addresses(text: str) -> Iterator[Finding]:
    """IP addresses that a machine somewhere can have: none of a machine's own, none that nobody is given."""
    if text.count(".") >= 3:
        for match in V4.finditer(text):
            if is_v4(match[0]) and not is_release(text, match):
                yield Finding("IP_ADDRESS", match.start(), match.end(), 0.9)
    if "::" in text or text.count(":") >= 7:
        for match in V6.finditer(text):
            end = match.end()
            while end > match.start() and text[end - 1] == ":" and text[end - 2] != ":":
                end -= 1  # "2001:db8::1: no answer"
            if is_v6(text[match.start() : end]):
                yield Finding("IP_ADDRESS", match.start(), end)


def is_release(text: str, match: re.Match[str]) -> bool:
    """Whether it is a version or a section: a word before it says so, or its numbers are small and no word says otherwise."""
    start, end = match.span()
    before = text[max(0, start - BEFORE) : start]
    if RELEASE.search(before):
        return True
    first, second, third, _ = map(int, match[0].split("."))
    if first == 10 or max(first, second, third) > SMALL or match[0] in RESOLVERS:
        return False
    alone = len(text) - (end - start) <= 2
    return not (
        alone or BEHIND.match(text, end) or SAID.search(before) or text[max(0, start - 3) : start] == "://"
    )


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
