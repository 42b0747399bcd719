"""The errors that a user sees: one line that says what is wrong, where, and what to do.

Nothing else belongs here; a module raises these and the command prints them.
"""

from __future__ import annotations


class SignalboxError(Exception):
    """Something failed. ``exit_code`` 1: the work failed; 2: it was called wrongly."""

    exit_code = 1


class UsageError(SignalboxError):
    """The command, an option, a date or an identifier is wrong; nothing was changed."""

    exit_code = 2


class LockedError(SignalboxError):
    """Another writer holds the home's lock."""
