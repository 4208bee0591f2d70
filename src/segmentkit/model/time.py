"""
Instants, zones and local days.

Inside the library an instant is an integer: microseconds since 1970-01-01 in UTC. Local dates come
and go through a zone; a day starts at its first instant there, so that days of 23, 25 or 0 hours
come out right.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segmentkit.arguments import explain_other_types
from segmentkit.errors import (
    InvalidValueError,
    NaiveDatetimeError,
    UnknownZoneError,
    WrongTypeError,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // MICROSECOND
# The instants that a datetime can hold. What would lie outside is moved to these ends, so that
# `last 3000 years` looks back to the beginning instead of failing.
FIRST_INSTANT = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST_INSTANT = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND


def as_zone(zone: tzinfo | str) -> tzinfo:
    """
    A zone from what a host gives: a tzinfo as it is, or a name of the IANA database.

    Raises:
        UnknownZoneError: no zone has that name.

    Examples:
        >>> as_zone("Asia/Shanghai")
        zoneinfo.ZoneInfo(key='Asia/Shanghai')
    """
    if isinstance(zone, tzinfo):
        return zone
    if not isinstance(zone, str):
        raise WrongTypeError(zone, "zone", "Give a tzinfo such as ZoneInfo('Asia/Shanghai')")
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZoneError(zone, "zone", "Give an IANA name such as 'Asia/Shanghai'") from None


def as_instant(value: object, place: str = "instant") -> datetime:
    """
    *value* as an aware datetime in UTC.

    Raises:
        NaiveDatetimeError: it has no zone, so it names no instant.
        WrongTypeError: it is no datetime.
        InvalidValueError: it falls out of the years 1 to 9999 in UTC, or is no time (NaT).

    Examples:
        >>> as_instant(datetime(2026, 11, 20, 8, tzinfo=UTC)).isoformat()
        '2026-11-20T08:00:00+00:00'
    """
    if not isinstance(value, datetime):
        raise WrongTypeError(value, place, "Give a datetime with a zone")
    if value.tzinfo is UTC:
        return value
    if value != value:  # pandas' NaT, which is a datetime without an offset
        raise InvalidValueError(value, place, "Give None where no time is known")
    if value.utcoffset() is None:
        raise NaiveDatetimeError(
            value, place, "Attach the zone it was read in: value.replace(tzinfo=zone)"
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidValueError(value, place, "Years 1 to 9999 of UTC are known") from None


def to_microseconds(instant: datetime) -> int:
    """
    Microseconds from 1970-01-01 UTC to an aware datetime, exactly.

    Examples:
        >>> to_microseconds(datetime(1970, 1, 2, tzinfo=UTC))
        86400000000
    """
    try:
        elapsed = instant - EPOCH
    except TypeError:  # no datetime, or one without a zone
        elapsed = as_instant(instant) - EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """
    The inverse of `to_microseconds`, in UTC.

    Raises:
        InvalidValueError: it falls out of the years 1 to 9999.
    """
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except TypeError:
        raise WrongTypeError(microseconds, "microseconds", "Give an int") from None
    except OverflowError:
        remedy = "Years 1 to 9999 of UTC are known"
        raise InvalidValueError(microseconds, "microseconds", remedy) from None


@explain_other_types
def day_start(day: date, zone: tzinfo) -> int:
    """
    The first instant of a local date, in microseconds.

    Where midnight was skipped it is the instant of the jump; where it came twice, the first; a date
    that a zone skipped as a whole starts, and ends, where the next one starts.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> from_microseconds(day_start(date(2026, 11, 21), ZoneInfo("Asia/Shanghai"))).isoformat()
        '2026-11-20T16:00:00+00:00'
    """
    midnight = datetime(day.year, day.month, day.day)
    found = _instant_showing(midnight, zone)
    skipped = (local_time(found, zone).replace(tzinfo=None) - midnight) // MICROSECOND
    if skipped <= 0 or found == FIRST_INSTANT:
        return found
    before, after = found - skipped, found
    offset = _offset_at(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_at(middle, zone) == offset:
            after = middle
        else:
            before = middle
    return after


def _instant_showing(wall: datetime, zone: tzinfo) -> int:
    """
    The first instant at which a clock shows a time without zone.

    Where the clock skipped it, the instant that it would be with the offset before the jump. The
    zone is asked for local times of instants only, which every zone gets right; those of pytz know
    the other direction by local mean time.
    """
    as_utc = to_microseconds(wall.replace(tzinfo=UTC))
    before, after = _offset_at(as_utc - _DAY, zone), _offset_at(as_utc + _DAY, zone)
    found = as_utc - before
    for offset in (max(before, after), min(before, after)):
        if local_time(as_utc - offset, zone).replace(tzinfo=None) == wall:
            found = as_utc - offset
            break
    return min(max(found, FIRST_INSTANT), LAST_INSTANT)


def _offset_at(instant: int, zone: tzinfo) -> int:
    """What a clock is ahead of UTC, in microseconds; a day from the ends of time at least."""
    inside = min(max(instant, FIRST_INSTANT + _DAY), LAST_INSTANT - _DAY)
    return (local_time(inside, zone).utcoffset() or timedelta(0)) // MICROSECOND


@explain_other_types
def local_instant(moment: datetime, zone: tzinfo) -> int:
    """
    The instant of a local time in microseconds; a datetime with a zone keeps its own.

    A time that came twice means the first one; a time that was skipped is read with the offset
    before the jump.
    """
    if moment.tzinfo is None:
        return _instant_showing(moment, zone)
    try:
        return to_microseconds(moment.astimezone(UTC))
    except OverflowError:
        return FIRST_INSTANT if moment.year == 1 else LAST_INSTANT


@explain_other_types
def local_time(microseconds: int, zone: tzinfo) -> datetime:
    """The local time of an instant, clamped to the years that a datetime knows."""
    inside = min(max(microseconds, FIRST_INSTANT), LAST_INSTANT)
    instant = from_microseconds(inside)
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


@explain_other_types
def local_date(microseconds: int, zone: tzinfo) -> date:
    """
    The local date whose day contains an instant.

    It is what the clock on the wall shows, except where a clock was set back over midnight: the day
    before is over by then, however often its last hour is shown.
    """
    local = local_time(microseconds, zone)
    day = local.date()
    if local.fold and day_start(following := shift_days(day, 1), zone) <= microseconds:
        return following
    return day


@explain_other_types
def shift_days(day: date, days: int) -> date:
    """*day* moved by a number of days, clamped to the years 1 to 9999."""
    ordinal = day.toordinal() + days
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))


@explain_other_types
def shift_months(day: date, months: int) -> date:
    """
    *day* moved by months, clamped to the month's end and to the years 1 to 9999.

    Examples:
        >>> shift_months(date(2026, 3, 31), -1)
        datetime.date(2026, 2, 28)
    """
    from dateutil.relativedelta import relativedelta  # 45 ms to import, wanted by few runs

    if not -12 * 10_000 < months < 12 * 10_000:
        return date.max if months > 0 else date.min
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        return date.max if months > 0 else date.min
