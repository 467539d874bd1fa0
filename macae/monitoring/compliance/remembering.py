"""What was found in texts, so that a text is looked at once on all its ways, though the same prompt goes to the model again and again.

No text is held: it is known by a keyed hash, and a finding says only where something stands. So a secret is in memory no longer than the
texts that others hold it in. A text in which nothing is, as in most, is known by Python's own hash (keyed anew in each process) and its
length: that costs a fraction.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from threading import Lock

from macae.monitoring.compliance.findings import Finding

__all__ = ["Remembered"]

MOST = 4_000
"""Texts."""
MOST_FINDINGS = 20_000
"""Findings that are held, all texts together: some 2 MB. Those of the newest text are held however many they are."""

Key = tuple[bytes, frozenset[str]]


class Remembered:
    """Findings by text and what was looked for: routes that look for the same share them. Any thread may ask."""

    def __init__(self, find: Callable[[str, frozenset[str]], Sequence[Finding]]) -> None:
        self._find = find
        self._found: OrderedDict[Key, Sequence[Finding]] = OrderedDict()
        self._findings = 0
        self._nothing: dict[tuple[int, int, frozenset[str]], None] = {}
        """The texts in which nothing was found, so many more of them at most."""
        self._secret = os.urandom(16)
        self._lock = Lock()

    def __call__(self, text: str, wanted: frozenset[str]) -> Sequence[Finding]:
        """The findings in a text."""
        mark = hash(text), len(text), wanted
        if mark in self._nothing:
            return ()
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=self._secret).digest()
        key = digest, wanted
        with self._lock:
            known = self._found.get(key)
            if known is not None:
                self._found.move_to_end(key)
                return known
        found = self._find(text, wanted)
        with self._lock:
            if not found:
                self._nothing[mark] = None
                while len(self._nothing) > MOST:
                    del self._nothing[next(iter(self._nothing))]
                return found
            self._findings += len(found) - len(
                self._found.pop(key, ())
            )  # another thread may have been quicker
            self._found[key] = found
            while len(self._found) > MOST or (self._findings > MOST_FINDINGS and len(self._found) > 1):
                self._findings -= len(self._found.popitem(last=False)[1])
        return found
