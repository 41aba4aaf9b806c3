"""OAuth 2.0 scopes of Okta's APIs as values that know what they are about."""

from __future__ import annotations

from typing import Self

__all__ = ["OAuthScope"]


class OAuthScope(str):
    """The text of a scope (``okta.users.read``), taken apart.

    It *is* its text: it compares, sorts, hashes and serializes as the plain string.

        >>> scope = OAuthScope("okta.apps.interclientTrust.manage")
        >>> scope.resource, scope.access, scope.text
        ('apps.interclientTrust', 'manage', 'okta.apps.interclientTrust.manage')
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Take a scope's text.

        Raises:
            ValueError: it is not one word.
        """
        if not text or any(char.isspace() for char in text):
            raise ValueError("a scope is one word: scopes are separated by spaces")
        return super().__new__(cls, text)

    @property
    def text(self) -> str:
        """The scope as Okta writes it."""
        return str.__str__(self)

    @property
    def resource(self) -> str:
        """What the scope is about: ``users`` of ``okta.users.read``; the whole text of ``openid``."""
        if "." not in self:
            return self.text
        return self.text.removeprefix("okta.").rpartition(".")[0]

    @property
    def access(self) -> str:
        """What it allows: ``read``, ``manage``, ``self``, ``register``, …; empty for ``openid``."""
        return self.text.rpartition(".")[2] if "." in self else ""

    @property
    def writes(self) -> bool:
        """Whether it allows more than reading. An access word nobody knows counts as writing."""
        return self.access not in ("", "read")

    def includes(self, other: str) -> bool:
        """Whether holding this scope allows what `other` allows: a ``manage`` scope includes its ``read``."""
        wanted = OAuthScope(other)
        if self == wanted:
            return True
        return self.access == "manage" and wanted.access == "read" and self.resource == wanted.resource

    def __repr__(self) -> str:
        return f"OAuthScope({self.text!r})"
