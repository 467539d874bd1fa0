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
    r"(?:sub)?section|chapter|clause|paragraph|annex|appendix|oid|abschnitt|kapitel|ziffer|punkt|absatz|anhang|"
    r"secci[oó]n|cap[ií]tulo|chapitre|sezione|capitolo|update to|upgrade to|downgrade to)s?[\"']?|§)"
    r"[ :.=(\"']{0,3}(?:(?:is|now|number|no|nr|of|ist|jetzt)\.?[ :]{1,2}){0,2}$"
)
WORD = re.compile(r"[^\W\d_]+")
SAID = frozenset(
    WORD.findall(
        "ip ips ipv addr addrs address addresses adress adresse adressen direccion dirección indirizzo host hosts hostname server servers serveur servidor "
        "dns nameserver ping pings pinged gateway gateways router routers route routes subnet subnets net nets netz network networks netzwerk réseau remote "
        "client clients peer peers src dst source firewall ssh sshd vpn login logged proxy traceroute block blocks blocked ban banned port ports nat resolver "
        "endpoint bind listen"
    )
)
"""Words that say that an address follows. So does "from", but not in "upgrade from"."""
CHANGES = frozenset(
    WORD.findall(
        "upgrade upgrades upgraded update updates updated downgrade downgraded migrate migrated migrating changed moved release version"
    )
)
BEHIND = re.compile(r":\d{2,5}(?!\d)|/\d{1,2}(?![\d.])| - \S{1,60} \[")
"""What only an address is followed by: a port, the size of a network, the rest of a server's log."""
LISTED = frozenset({",", "and", "or", "und", "oder", "et", "y", "e", "->", "/", "|", ";", ""})
SMALL = 30
"""Up to here the first three numbers of a version reach. Of the addresses that are in use one in several hundred has only such."""
RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})
"""Addresses with small numbers that everybody writes as such."""
BEFORE = 40
"""Characters before an address in which a word is looked for that says that it is one."""


def addresses(text: str) -> Iterator[Finding]:
    """IP addresses that a machine somewhere can have: none of a machine's own, none that nobody is given."""
    if text.count(".") >= 3:
        last = -1
        for match in V4.finditer(text):
            listed = last >= max(0, match.start() - 8) and text[last : match.start()].strip() in LISTED
            if is_v4(match[0]) and (listed or not is_release(text, match)):
                last = match.end()
                yield Finding("IP_ADDRESS", match.start(), last, 0.9)
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
    if BEHIND.match(text, end):
        return False
    first, second, third, _ = map(int, match[0].split("."))
    if first != 10 and max(first, second, third) <= SMALL and match[0] not in RESOLVERS:
        alone = len(text) - (end - start) <= 2 or text[max(0, start - 3) : start] == "://"
        if not (alone or is_said(text[max(0, start - BEFORE) : start])):
            return True
    return RELEASE.search(text[max(0, start - BEFORE) : start]) is not None


def is_said(before: str) -> bool:
    """Whether one of the words before it says that it is an address."""
    words = WORD.findall(before.lower())
    return not SAID.isdisjoint(words) or ("from" in words and CHANGES.isdisjoint(words))


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
