"""Passwords and PINs, known by the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from macae.monitoring.compliance.findings import Finding, found
from macae.monitoring.compliance.nearby import at_words

__all__ = ["NO_PASSWORD", "WHOSE", "passwords"]

WHOSE = r"(?:[ ](?:for|of|to|on|from|für|zum|zur|vom|von|des|der|para|de|del|pour|du|per|di|voor)(?:[ ][\w.@'-]{1,30}){1,5}?(?=[ ]?:|[ ](?:is|was|ist|lautet|est|es|è|é)[ ]))?"
"""What may stand between the word and the sign: "the password for the printer is"."""
PASSWORD = re.compile(
    r"(?i)(?:password|passwort|kennwort|passwd|passphrase|passcode|pwd|contraseña|contrasena|mot de passe|senha|wachtwoord|hasło|parola|lösenord|heslo|(?<![a-z])(?P<short>pw|pass|mdp|clave)(?=[ ]?[:=]))"
    rf"[\"']?{WHOSE}"
    r"(?P<sign>[ ]?:?=[ ]?|[ ]?:[ ]?|(?<=[a-z])>|[ ](?:is now|is|was|ist jetzt|ist|lautet|est|es|è|é|(?:was |has been |is )?(?:re)?set to|(?:was |has been |is )?changed to|to|auf|til|jest)[ :]{1,2}|[ ])"
    r"(?:[\"'`“„«](?P<quoted>[^\n\"'`“”«»]{3,100}+)[\"'`”“»]|[\"'`“„«]?(?P<value>[^\s\"'`“”«»]{3,100}?)(?:[\"'`”“»]|[.,;!?)]{0,3}(?=\s|$)|;|,(?=[\"'\s])|[,&](?=[\w.-]{1,40}=)|(?=</)))"
)
PIN = re.compile(
    r"(?i)(?<![A-Za-z])(?-i:PIN|pin|Pin)(?:[ _-]?code)?[\"']?"
    rf"{WHOSE}"
    r"(?:[ ]?[:=][ ]?|[ ](?:is|ist|lautet|est|es)[ ]|(?-i:(?<=PIN)[ ](?=\d{4}\b)))[\"']?(\d{4,8})(?!\d|[.,]\d)"
)
NO_PASSWORD = re.compile(
    r"(?i)(?:[*x•.#_-]+|(?:none|null|true|false|required|optional|string|str|secret|secretstr|empty|unset|hidden|redacted|changed|reset|expired|wrong|forgotten|yes|no|todo|tbd|n/a|here|your[\w-]*|my[\w-]*|the|password)\.?"
    r"|[<\[({]+[^\W\d][^\d<>\[\](){}:]*|<[^<>]*>|\{.*\}|\[[^\[\]]*\]|\([^()]*\)|\(\d+|\$[({].*|\$[A-Za-z_]+|%\w+%|%[sdr({].*|(?:os|settings)\.\w+.*|(?:self|args|config|cfg|conf|env|secrets|vars|var|request|ctx|values|options|opts|data)(?:\.[a-z_]\w{0,40}){1,4}(?:[\[(].*)?|getpass\w*.*|\w+\(.*|process\.env.*|https?:.*)"
)

WORDS = (
    "password", "passwort", "kennwort", "passwd", "passphrase", "passcode", "pwd", "contrase", "mot de passe", "senha",
    "wachtwoord", "hasło", "parola", "lösenord", "heslo", "pw", "pass:", "pass=", "pass :", "pass =", "mdp", "clave",
)  # fmt: skip
"""What `PASSWORD` begins with."""


LOGIN = re.compile(
    r"(?i)(?<![^\W_])(?:user|user ?name|login|log in|sign in|account|benutzer(?:name)?|anmeldung|usuario|utilisateur|utente)(?![^\W_])"
)
HARD = re.compile(r"(?=[^a-z]*[a-z])(?=\D*\d)(?=[^A-Z!#$%&*+=?@^~]*[A-Z!#$%&*+=?@^~])[!-~]{8,100}")
NAMED_ONLY = re.compile(r"[A-Z][a-z]{1,20}-?\d{1,3}|[A-Z]{1,10}[a-z]{0,20}-\d{1,6}")
"""What a product or a rule may be called: Office365, Policy-2026."""
VARIABLE = re.compile(r"(?i)(?:[a-z]{1,20}_){1,4}(?:password|passwd|pwd|pass|pw|secret)")
"""What a program may hand over as a password: its own variable."""
COMMAND = re.compile(r"(?<![\w-])(?:-u|--user)[ =][\"']?[\w.@\\-]{1,60}:([^\s\"'$<{]{3,100})")


def passwords(text: str) -> Iterator[Finding]:
    """Passwords, known by the words before them. In a sentence only what no plain word can be."""
    low = text.lower()
    for match in at_words(PASSWORD, text, low, WORDS):
        name = "quoted" if match["quoted"] else "value"
        value = match[name]
        if not NO_PASSWORD.fullmatch(value) and is_meant(text, match, name, value):
            yield Finding("PASSWORD", *match.span(name), 0.9)
    for match in at_words(PIN, text, low, ("pin",)):
        yield found("PASSWORD", match, 0.8)
    if "-u " in text or "--user" in text:
        for match in COMMAND.finditer(text):
            yield found("PASSWORD", match, 0.8)


def is_meant(text: str, match: re.Match[str], name: str, value: str) -> bool:
    """Whether the value is the password, and not the next word of the sentence."""
    sign = match["sign"]
    if match["short"] and len(value) < 5 and not any(one.isalpha() for one in value):
        return False  # "pass = 0.85", "pass: 12"
    if sign == " ":  # "user ann, password hunter22": only what looks like one
        if name == "quoted" or NAMED_ONLY.fullmatch(value):
            return False
        option = text[max(0, match.start() - 2) : match.start()] == "--"
        if option or LOGIN.search(text, max(0, match.start() - 50), match.start()):
            return len(value) >= 6 and any(one.isdigit() for one in value) and not plain_number(value)
        return HARD.fullmatch(value) is not None
    if (
        "=" in sign
        and VARIABLE.fullmatch(value)
        and text[match.end(name) : match.end(name) + 1] in (")", ",")
    ):
        return False
    if name == "quoted" or "=" in sign or sign in (":", ">"):
        return True
    return len(value) >= 4 and not value.isalpha() and not plain_number(value)


def plain_number(value: str) -> bool:
    """Whether it is a word with a dash or a short number, as in "is case-sensitive" or "is 12"."""
    return all(part.isalpha() for part in re.split(r"[-'’/]", value)) or (value.isdigit() and len(value) < 4)
