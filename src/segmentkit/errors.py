"""
Everything that segmentkit raises.

Each error says the value, the place and the remedy, in its fields and in its text, and carries a
stable `code`. Hosts catch `SegmentkitError`, or the builtin that an error also is.
"""

from __future__ import annotations

from typing import ClassVar

# A message is for a screen and a log; `value` has the whole.
_MOST_SHOWN = 200


class SegmentkitError(Exception):
    """
    Base of every error of this library.

    Args:
        value: what was given and is wrong.
        place: where it stood: a field, an argument, a row.
        remedy: what would be right.
    """

    code: ClassVar[str] = "error"
    summary: ClassVar[str] = "wrong value"

    def __init__(self, value: object = None, place: str = "", remedy: str = "") -> None:
        super().__init__(value, place, remedy)
        self.value = value
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = f" at {self.place}" if self.place else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{self.summary} {shown(self.value)}{where}{remedy}"


def shown(value: object) -> str:
    """
    A value as a message shows it: a long one by its beginning, with its length.

    Examples:
        >>> shown("福州")
        "'福州'"
        >>> shown(list(range(100_000)))[-32:]
        '50, 51, 5... (688890 characters)'
    """
    whole = repr(value)
    if len(whole) <= _MOST_SHOWN:
        return whole
    return f"{whole[:_MOST_SHOWN]}... ({len(whole)} characters)"


class InvalidValueError(SegmentkitError, ValueError):
    """A value that this place cannot take."""

    code = "invalid_value"
    summary = "invalid value"


class WrongTypeError(SegmentkitError, TypeError):
    """A value of another type than this place takes."""

    code = "wrong_type"
    summary = "wrong type of value"


class NaiveDatetimeError(InvalidValueError):
    """A datetime without a zone, where an instant is wanted."""

    code = "naive_datetime"
    summary = "datetime without a zone"


class UnknownZoneError(SegmentkitError, LookupError):
    """A time zone name that the zone database does not have."""

    code = "unknown_zone"
    summary = "unknown time zone"


class FloatMoneyError(WrongTypeError):
    """A binary float where an exact amount is wanted."""

    code = "float_money"
    summary = "inexact number"


class UnknownNameError(SegmentkitError, LookupError):
    """A field, collection, tag, group or contact that is not there."""

    code = "unknown_name"
    summary = "unknown name"


class UnknownKeyError(UnknownNameError, KeyError):
    """A name that a mapping of results does not have."""


class DuplicateIdError(InvalidValueError):
    """An id that is already taken by something else."""

    code = "duplicate_id"
    summary = "duplicate id"


class DuplicateNameError(InvalidValueError):
    """A name that is already taken under the text key."""

    code = "duplicate_name"
    summary = "duplicate name"


class ConflictingDuplicateError(DuplicateIdError):
    """The same id with other content; the same content twice is no error and counts once."""

    code = "conflicting_duplicate"
    summary = "same id with other content"


class QuotaExceededError(InvalidValueError):
    """Operations that would pass a quota; nothing of the batch was applied."""

    code = "quota_exceeded"
    summary = "over quota"


class NotAllowedError(SegmentkitError, PermissionError):
    """An action that this person may not do."""

    code = "not_allowed"
    summary = "not allowed"


class CycleError(InvalidValueError):
    """Things that contain or need each other in a circle; `value` is the path."""

    code = "cycle"
    summary = "circle"


class StaleVersionError(SegmentkitError):
    """A change set made against another version of the state than the present one."""

    code = "stale_version"
    summary = "made against another version"


class NotExpressibleError(InvalidValueError):
    """A part of a condition that another form, such as a visual builder's, has no place for."""

    code = "not_expressible"
    summary = "this form has no place for"


class NotPortableError(SegmentkitError, NotImplementedError):
    """A construct that this engine cannot compute right, said when the rule is compiled."""

    code = "not_portable"
    summary = "this engine cannot compute"

    def __init__(self, engine: str, construct: str, remedy: str = "use the interpreter") -> None:
        super().__init__(construct, f"engine {engine}", remedy)
        # Exception pickles through args, which must be those of this signature.
        self.args = (engine, construct, remedy)
        self.engine = engine
        self.construct = construct


class StillInUseError(InvalidValueError):
    """A thing that cannot go while others name it; `dependants` says which, a few of them."""

    code = "still_in_use"
    summary = "still in use:"

    def __init__(self, value: object, place: str = "", dependants: tuple[str, ...] = ()) -> None:
        super().__init__(value, place, f"Needed by {', '.join(dependants)}")
        # Exception pickles through args, which must be those of this signature.
        self.args = (value, place, dependants)
        self.dependants = dependants
