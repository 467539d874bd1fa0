"""What opens doors: keys, tokens, private keys, connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.compliance.findings import Finding, found
from macae.monitoring.compliance.nearby import at_words
from macae.monitoring.compliance.passwords import NO_PASSWORD, WHOSE

__all__ = ["connections", "keys", "private_keys", "tokens"]

KEYS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("sk-", r"(?<![A-Za-z0-9_-])sk-(?=[A-Za-z_-]{0,60}\d)[A-Za-z0-9_-]{16,300}"),  # OpenAI and those who copied it
        *((f"{kind}_", rf"(?<![A-Za-z0-9_]){kind}_(?:live|test)_[A-Za-z0-9]{{10,200}}") for kind in ("sk", "rk")),  # Stripe
        ("JQQJ", r"(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ[A-Za-z0-9]{28}(?![A-Za-z0-9])"),  # Azure AI
        ("==", r"(?<![A-Za-z0-9+/=-])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9=])"),  # Azure Storage, Cosmos DB
        ("AKIA", r"(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])"),  # AWS
        ("ASIA", r"(?<![A-Za-z0-9])ASIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
        ("AIza", r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),  # Google
        *((f"gh{kind}_", rf"(?<![A-Za-z0-9_])gh{kind}_[A-Za-z0-9]{{20,255}}") for kind in "pousr"),
        ("github_pat_", r"(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{20,255}"),
        ("glpat-", r"(?<![A-Za-z0-9_-])glpat-[A-Za-z0-9_-]{20,64}"),
        ("xox", r"(?<![A-Za-z0-9])xox[abeoprs]-(?=[A-Za-z-]{0,60}\d)[A-Za-z0-9-]{10,250}"),  # Slack
        ("hf_", r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,60}"),
        ("npm_", r"(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
        ("SG.", r"(?<![A-Za-z0-9.])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),  # SendGrid
        ("shp", r"(?<![A-Za-z0-9])shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?![A-Za-z0-9])"),  # Shopify
        ("_v1_", r"(?<![A-Za-z0-9_])do[opr]_v1_[0-9a-f]{32,64}(?![A-Za-z0-9])"),  # DigitalOcean
        ("hvs.", r"(?<![A-Za-z0-9.])hvs\.[A-Za-z0-9_-]{24,200}"),  # Vault
        ("glsa_", r"(?<![A-Za-z0-9_])glsa_[A-Za-z0-9_]{30,300}"),  # Grafana
        ("glc_", r"(?<![A-Za-z0-9_])glc_[A-Za-z0-9+/=]{30,300}"),
        ("ATATT", r"(?<![A-Za-z0-9])ATATT[A-Za-z0-9_=-]{50,300}"),  # Atlassian
        ("dckr_pat_", r"(?<![A-Za-z0-9_])dckr_pat_[A-Za-z0-9_-]{20,60}"),
        ("pypi-", r"(?<![A-Za-z0-9_-])pypi-A[A-Za-z0-9_-]{40,300}"),
        ("gsk_", r"(?<![A-Za-z0-9_])gsk_[A-Za-z0-9]{30,100}"),  # Groq
        ("GOCSPX-", r"(?<![A-Za-z0-9_-])GOCSPX-[A-Za-z0-9_-]{20,40}"),
        ("ya29.", r"(?<![A-Za-z0-9.])ya29\.[A-Za-z0-9_-]{20,300}"),
        ("whsec_", r"(?<![A-Za-z0-9_])whsec_[A-Za-z0-9+/=]{20,100}"),
        ("Q~", r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])"),  # Entra ID
        ("hooks.slack.com", r"hooks\.slack\.com/services/(T[A-Z0-9]{6,20}/B[A-Z0-9]{6,20}/[A-Za-z0-9]{16,40})"),
    )
)  # fmt: skip
"""A piece of text without which the pattern cannot match, and the pattern. What its group holds is the key, if it has one."""
PLAIN_KEYS = tuple(row for row in KEYS if "_" not in row[0])

FILLED = re.compile(r"([A-Za-z0-9])\1{7}")
"""What stands in an example instead of a key: one sign again and again."""

NAMED = re.compile(
    r"(?i)(?:(?<![a-z])|(?<=api)|(?<=access)|(?<=account)|(?<=subscription)|(?<=client)|(?<=auth)|(?<=refresh)|(?<=bot)|(?<=secret)|(?<=shared)|(?<=primary)|(?<=master))(?:key(?:[ _-]?id)?|secret|token)"
    rf"[\"']?{WHOSE}"
    r"(?:[ ]?[:=]{1,2}>?[ ]?|[ ]is[ ]|[ ])[\"'`]?(?=[A-Za-z_./+~=-]{0,120}\d)(?=[\d_./+~=-]{0,120}[A-Za-z])([A-Za-z0-9_./+~=-]{16,400}(?<!\.))"
)
NO_KEY = re.compile(
    r"(?i)^(?:https?[:/]|sha\d{1,3}-|\d{4}-\d\d|[a-z]{1,12}[._-]?\d{1,3}$|[a-z0-9_-]*(?:\.[a-z_]+){2,}$)|[./](?:py|md|json|yaml|pdf|html?)$|^(?-i:[a-z0-9_.-]+/[a-z0-9_./-]*)$"
)

JWT = re.compile(
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}+\.[A-Za-z0-9_-]{8,8000}+\.[A-Za-z0-9_-]{8,2000}+"
)
BEARER = re.compile(
    r"(?i)(?<![a-z])(?:bearer[ ]+|authorization[\"']?\s?[:=]\s?[\"']?(?:basic|token|apikey)[ ]+)(?=[^\s\d]{0,400}\d|[^\s]{24})([A-Za-z0-9._~+/=-]{12,4000})"
)

TOKEN = re.compile(
    r"(?i)(?:(?<=access)|(?<=refresh)|(?<=auth)|(?<=bearer)|(?<=session)|(?<=access[ _-])|(?<=refresh[ _-])|(?<=auth[ _-])|(?<=bearer[ _-])|(?<=session[ _-]))token[\"']?(?:[ ]?[:=]{1,2}>?[ ]?|[ ]is[ ]|[ ])[\"'`]?([A-Za-z0-9_./+~=-]{16,400}(?<!\.))"
)

CONNECTION = re.compile(
    r"(?i)(?:AccountKey|SharedAccessKey|SharedSecretValue|InstrumentationKey|SharedAccessSignature)\s{0,2}=\s{0,2}([^\s;,\"'<>{}\[\]]{8,500})"
)
SIGNED = re.compile(r"(?i)[?&;]sig=([A-Za-z0-9%+/_=-]{20,200})")
IN_URL = re.compile(r"(?<=[A-Za-z0-9])://[^\s/:@\"'<>]{0,100}+:([^\s/@\"'<>]{1,200}+)@[\w.\[]")
LOGIN_IN_URL = re.compile(r"://([A-Za-z0-9_-]{20,200}+)@[\w.\[]")

BEGIN = "-----BEGIN "
BLOCK = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
BODY = re.compile(r"(?:\s|\\n|\\r|[A-Za-z0-9+/=]|[A-Za-z-]{1,20}: )*+")
LONGEST = 20_000
"""Characters of a private key."""


def keys(text: str) -> Iterator[Finding]:
    """API keys by their makers' forms, and what is named as one."""
    for sign, pattern in KEYS if "_" in text else PLAIN_KEYS:
        if sign in text:
            for match in pattern.finditer(text):
                if not FILLED.search(match[0]):
                    yield found("API_KEY", match, 1.0)
    for match in at_words(NAMED, text, text.lower(), ("key", "token", "secret")):
        value = match[1]
        if not NO_KEY.search(value) and plausible(value):
            yield Finding("API_KEY", match.start(1), match.end(1), 0.8)


def plausible(value: str) -> bool:
    """Whether somebody's key may look like this: letters and digits mixed, and no words with dashes between."""
    digits = sum(sign.isdigit() for sign in value)
    words = [part for part in re.split(r"[_./+~=-]", value) if part]
    longest = max((len(part) for part in words), default=0)
    if value != value.lower() and value != value.upper() and len(value) >= 30:
        return True
    return digits >= 2 and longest >= 8 and digits + sum(sign.isalpha() for sign in value) >= 14


def tokens(text: str) -> Iterator[Finding]:
    """JSON web tokens, and what a request's header carries."""
    if "eyJ" in text:
        for match in JWT.finditer(text):
            yield found("ACCESS_TOKEN", match, 1.0)
    low = text.lower()
    for match in at_words(BEARER, text, low, ("bearer", "authorization")):
        yield found("ACCESS_TOKEN", match, 0.9)
    for match in at_words(TOKEN, text, low, ("token",)):
        if not NO_KEY.search(match[1]) and plausible(match[1]):
            yield found("ACCESS_TOKEN", match, 0.85)


def connections(text: str) -> Iterator[Finding]:
    """The secret parts of connection strings and signed addresses."""
    if "=" in text:
        words = ("accountkey", "sharedaccess", "sharedsecret", "instrumentationkey")
        for match in at_words(CONNECTION, text, text.lower(), words):
            yield found("CONNECTION_STRING", match, 1.0)
        if "sig=" in text:
            for match in SIGNED.finditer(text):
                yield found("CONNECTION_STRING", match, 1.0)
    at = text.find("://") if "@" in text else -1
    while at >= 0:
        given = IN_URL.match(text, at)
        if given is not None and not NO_PASSWORD.fullmatch(given[1]):
            yield found("CONNECTION_STRING", given, 1.0)
        alone = LOGIN_IN_URL.match(text, at)
        if alone is not None and plausible(alone[1]):
            yield found("API_KEY", alone, 0.9)
        at = text.find("://", at + 3)


def private_keys(text: str) -> Iterator[Finding]:
    """Private keys in PEM blocks, with an end or cut off."""
    at = text.find(BEGIN)
    while at >= 0:
        match = BLOCK.match(text, at)
        end = at + len(BEGIN)
        if match is not None:
            over = END.search(text, match.end(), match.end() + LONGEST)
            if over is None:
                over = BODY.match(text, match.end(), match.end() + LONGEST)
            end = over.end() if over is not None else match.end()
            yield Finding("PRIVATE_KEY", at, end)
        at = text.find(BEGIN, end)
