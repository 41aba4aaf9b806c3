"""Generate the ids, secrets and times of a simulated organization from its seed."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

__all__ = ["PRESENT", "SECRET_MARKER", "Ids", "ago", "stamp"]

SECRET_MARKER = "SimSecret"  # noqa: S105 - the mark of made-up secrets
"""Part of every secret of a simulated org. Search for it to detect a leak."""

PRESENT = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
"""The fixed current time of generated orgs, so that documents do not depend on the day."""

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_BASE62 = bytes(_BASE62[byte % 62] for byte in range(256))


def stamp(moment: datetime) -> str:
    """Format a time as Okta does: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@lru_cache(maxsize=256)
def ago(days: float) -> str:
    """Return the time `days` before `PRESENT` in Okta's format."""
    # Whole seconds: nearly all times in Okta's recorded responses end in .000Z.
    return stamp(PRESENT - timedelta(seconds=int(days * 86_400)))


class Ids:
    """Generates ids, secrets and hashes that depend only on the seed and a counter.

    Each kind has its own counter, so that adding a group does not change the ids of users.
    """

    def __init__(self, seed: int | str) -> None:
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._made: Counter[str] = Counter()
        # Okta's ids end in four characters that identify the cell. They are the same in the whole org.
        self._cell = self._text("cell", 3) + "7"

    def _text(self, label: str, length: int) -> str:
        return (
            blake2b(label.encode(), digest_size=length, key=self._key).digest().translate(_TO_BASE62).decode()
        )

    def _next(self, label: str, length: int) -> str:
        return self._text(f"{label} {self.count(label)}", length)

    def new(self, prefix: str) -> str:
        """Return a new id of 20 characters, such as ``00u…`` for a user."""
        return self.numbered(prefix, self.count(prefix))

    def count(self, prefix: str) -> int:
        """Reserve the number of the next id with a prefix; `numbered` converts it to the id."""
        self._made[prefix] += 1
        return self._made[prefix]

    def numbered(self, prefix: str, number: int) -> str:
        """Return the id of 20 characters with a prefix and a number from `count`."""
        return prefix + self._text(f"{prefix} {number}", 16 - len(prefix)) + self._cell

    def error(self) -> str:
        """Return a new ``errorId``."""
        return "oae" + self._next("error", 22)

    def request(self) -> str:
        """Return a new ``X-Okta-Request-Id``."""
        return self._next("request", 27)

    def secret(self, kind: str, *, prefix: str = "") -> str:
        """Return a new secret text; it contains `SECRET_MARKER`."""
        return f"{prefix}{SECRET_MARKER}{self._next(f'secret {kind}', 40)}"

    def opaque(self, kind: str, length: int = 22) -> str:
        """Return a new random text, such as a nonce or a key id."""
        return self._next(f"opaque {kind}", length)

    def check(self, *parts: str) -> str:
        """Return a checksum of eight characters over `parts`, which only this org can compute."""
        return self._text("check " + "\0".join(parts), 8)

    def digest(self, text: str) -> str:
        """Return a hash as in ``secret_hash``: 22 characters of base64url."""
        return base64.urlsafe_b64encode(blake2b(text.encode(), digest_size=16, key=self._key).digest())[
            :22
        ].decode()

    def key_secret(self, kind: str) -> bytes:
        """Return bytes from which a private key can be derived."""
        return blake2b(f"key {kind}".encode(), digest_size=32, key=self._key).digest()
