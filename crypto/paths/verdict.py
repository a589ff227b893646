"""The verdict on a certificate: what was compared, step by step, and whether it held."""

from __future__ import annotations

from dataclasses import dataclass

from crypto.certificates import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One comparison: `what` of which certificate (`about`), what it had to be and what was found; words of ours, and
    what stands in certificates, which are public.
    """

    what: str
    about: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PathVerdict:
    """Steps in the order in which they were judged; the first that does not hold decides.

    `path` are the certificates from the one that was asked about to the root, or as far as a path was found; the one
    alone where it is pinned, for then no path is asked.
    """

    steps: tuple[Step, ...]
    path: tuple[Certificate, ...]

    @property
    def holds(self) -> bool:
        """Whether every step holds."""
        return self.failed is None

    @property
    def failed(self) -> Step | None:
        """The step that decides against the certificate."""
        return next((each for each in self.steps if not each.holds), None)

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        failed = self.failed
        if failed is None:
            return "may be used"
        return f"may not be used: {failed.what} of {failed.about}: expected: {failed.expected}; found: {failed.found}"
