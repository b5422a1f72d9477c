"""Times of day on somebody's clock, found minute by minute: when it is quiet, when a digest leaves, what holds a person's
deliveries. Nothing here asks PostgreSQL anything."""
import datetime
import zoneinfo

UTC = datetime.timezone.utc
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
LONGEST_QUIET = 10  # days: six quiet days, and the nights around them
# so many seconds behind the moment for which the world is made
DO_NOT_DISTURB = {None: None, 'past': -3600, 'soon': 3000, 'far': 90 * 86400}


def clock(at, zone):
    return at.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)


reached = {}


def reach(date, minutes, zone):
    """The first minute in which the clock of that zone reads that date and time, or more."""
    key = date, minutes, zone
    if key not in reached:
        wanted = datetime.datetime.combine(date, datetime.time()) + minutes * MINUTE
        day_before = (wanted - DAY).replace(tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset()
        at = (wanted - day_before).replace(tzinfo=UTC) - 120 * MINUTE  # no clock is changed by two hours in a day
        while clock(at, zone) < wanted:
            at += MINUTE
        reached[key] = at
    return reached[key]


def reading_reached(reading, zone):
    """reach() for a date and time in one."""
    return reach(reading.date(), reading.hour * 60 + reading.minute, zone)


def quiet_until(at, zone, settings):
    begins, ends, days = settings['quiet_from'], settings['quiet_to'], settings['quiet_days']
    today = clock(at, zone).date()
    dates = [today + n * DAY for n in range(-2, LONGEST_QUIET)]
    spans = [(reach(date, 0, zone), reach(date + DAY, 0, zone)) for date in dates if date.isoweekday() in days]
    if begins is not None:
        spans += [(reach(date, begins, zone), reach(date + (ends < begins) * DAY, ends, zone)) for date in dates]
    moved = True
    while moved:
        moved = False
        for begin, end in spans:
            if begin <= at < end:
                at, moved = end, True
    return at


def digest_slot(at, zone, settings, from_then):
    """The first slot behind at; at itself may be one, from_then."""
    if settings['digest'] == 'hourly':
        slot = at.replace(second=0, microsecond=0)
        while slot < at or slot == at and not from_then or clock(slot, zone).minute != 0:
            slot += MINUTE
        return slot
    today = clock(at, zone).date()
    slots = [reach(today + n * DAY, settings['digest_at'], zone) for n in range(-2, 4)]
    return min(slot for slot in slots if slot > at or slot == at and from_then)


def do_not_disturb(settings, at, base):
    """Until when, where it is so at at; else None."""
    seconds = DO_NOT_DISTURB[settings['dnd_until']]
    until = None if seconds is None else base + datetime.timedelta(seconds=seconds)
    return until if until and until > at else None


def free_at(person, at, base):
    """When quiet hours, quiet days and do not disturb are over; at itself where it is none of them."""
    settings = person.settings
    if not settings:
        return at
    return quiet_until(do_not_disturb(settings, at, base) or at, settings['zone'] or person.zone, settings)


def held(person, at, base):
    """(code, until) of what leaves at at; (None, None): nothing holds it."""
    settings = person.settings
    if not settings:
        return None, None
    zone = settings['zone'] or person.zone
    free = until = free_at(person, at, base)
    if settings['digest'] != 'off':
        until = quiet_until(digest_slot(free, zone, settings, free > at), zone, settings)
    if until == at:
        return None, None
    if do_not_disturb(settings, at, base):
        return 'do_not_disturb', until
    return 'quiet_hours' if quiet_until(at, zone, settings) > at else 'held_for_digest', until
