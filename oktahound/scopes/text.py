"""The text of an OAuth 2.0 scope, split into resource and access."""

from __future__ import annotations

from typing import Self

__all__ = ["OAuthScope"]


class OAuthScope(str):
    """The text of a scope (``okta.users.read``) with properties for its parts.

    A subclass of `str`: it compares, sorts, hashes and serializes as the plain text.

        >>> scope = OAuthScope("okta.apps.interclientTrust.manage")
        >>> scope.resource, scope.access, scope.text
        ('apps.interclientTrust', 'manage', 'okta.apps.interclientTrust.manage')
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text of a scope.

        Raises:
            ValueError: the text is empty or contains white space.
        """
        if isinstance(text, cls):
            return text
        if not text or str.split(text) != [text]:
            raise ValueError("a scope is one word without spaces: pass several scopes as separate items")
        return super().__new__(cls, text)

    @property
    def text(self) -> str:
        """The scope as a plain `str`."""
        return str.__str__(self)

    @property
    def resource(self) -> str:
        """The resource that the scope gives access to: ``users`` in ``okta.users.read``.

        For a scope without dots, such as ``openid``, it is the whole text.
        """
        if "." not in self:
            return self.text
        return self.text.removeprefix("okta.").rpartition(".")[0]

    @property
    def access(self) -> str:
        """The kind of access: ``read``, ``manage``, ``self``, ``register``, …; empty for ``openid``."""
        return self.text.rpartition(".")[2] if "." in self else ""

    @property
    def writes(self) -> bool:
        """Whether the scope allows more than reading. An unknown kind of access counts as writing.

        For a scope that ends in ``.self``, which is limited to the signed-in user, the word before it counts.
        """
        return self.text.removesuffix(".self").rpartition(".")[2] != "read" and self.access != ""

    def includes(self, other: str) -> bool:
        """Whether this scope allows everything that `other` allows.

        A scope includes itself; a ``manage`` scope includes the ``read`` scope of the same resource.
        """
        wanted = OAuthScope(other)
        if self == wanted:
            return True
        return self.access == "manage" and wanted.access == "read" and self.resource == wanted.resource

    def __repr__(self) -> str:
        return f"OAuthScope({self.text!r})"
