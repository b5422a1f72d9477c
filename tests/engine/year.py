#!/usr/bin/env python3
"""The occurrences of a year in six zones, minute by minute: what windows and heartbeats are to have.

    year.py documents                 prints SQL that imports them
    year.py expected YEAR             prints lines: window|key|begins|ends and heartbeat|key|expected, in seconds of UTC, and
                                      interval|zone|report|expected"""
import calendar
import datetime
import json
import sys
import zoneinfo

ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Casablanca', 'Asia/Kolkata']
ACME = '00000000-0000-4000-8000-00000000acee'
SUNDAY = 6
# begins, minutes, rrule, whether it is on that day
WINDOWS = {
    'night': ('01:30', 60, 'FREQ=DAILY', lambda d: True),
    'gap': ('02:30', 45, 'FREQ=DAILY', lambda d: True),
    'within': ('02:10', 10, 'FREQ=DAILY', lambda d: True),
    'midnight': ('23:30', 60, 'FREQ=DAILY', lambda d: True),
    'sunday': ('02:00', 120, 'FREQ=WEEKLY;BYDAY=SU', lambda d: d.weekday() == SUNDAY),
    'last': ('00:05', 1440, 'FREQ=MONTHLY;BYMONTHDAY=-1', lambda d: d.day == calendar.monthrange(d.year, d.month)[1]),
}
HEARTBEATS = {key: WINDOWS[key] for key in ('gap', 'within', 'sunday', 'last')}
MINUTE, DAY, UTC = datetime.timedelta(minutes=1), datetime.timedelta(days=1), datetime.timezone.utc


def key_of(name, zone):
    return f"{name}-{ZONES.index(zone)}"


def reach(reading, zone):
    """The first minute in which the clock reads that, or more."""
    zone = zoneinfo.ZoneInfo(zone)
    day_before = (reading - DAY).replace(tzinfo=zone).utcoffset()  # no clock is changed by two hours in a day
    at = (reading - day_before - datetime.timedelta(hours=2)).replace(tzinfo=UTC)
    while at.astimezone(zone).replace(tzinfo=None) < reading:
        at += MINUTE
    return at


def documents(first):
    windows, heartbeats = [], []
    for zone in ZONES:
        for name, (begins, minutes, rrule, _) in WINDOWS.items():
            starts = datetime.datetime.fromisoformat(f'{first}T{begins}')
            windows.append({'window': key_of(name, zone), 'behaviour': 'notices', 'event_type': 'nothing', 'time_zone': zone,
                            'starts': starts.isoformat(), 'ends': (starts + minutes * MINUTE).isoformat(), 'rrule': rrule,
                            'until': (starts + 500 * DAY).isoformat(), 'reason': 'a year'})
        for name, (begins, _, rrule, _) in HEARTBEATS.items():
            heartbeats.append({'heartbeat': key_of(name, zone), 'starts': f'{first}T{begins}', 'rrule': rrule, 'time_zone': zone})
        heartbeats.append({'heartbeat': key_of('daily', zone), 'every': 'P1D', 'time_zone': zone})
        heartbeats.append({'heartbeat': key_of('hourly', zone), 'every': 'PT1H', 'time_zone': zone})
    for function, items in (('import_windows', windows), ('import_heartbeats', heartbeats)):
        items = ', '.join("'" + json.dumps(item).replace("'", "''") + "'" for item in items)
        print(f"SELECT message FROM nightbell.{function}('{ACME}', ARRAY[{items}]) WHERE message <> '';")


def expected(year):
    seconds = lambda at: int(at.timestamp())
    for zone in ZONES:
        for day in (datetime.date(year, 1, 3) + n * DAY for n in range(360)):
            for name, (begins, minutes, _, is_on) in WINDOWS.items():
                if not is_on(day):
                    continue
                reading = datetime.datetime.fromisoformat(f'{day}T{begins}')
                start = reach(reading, zone)
                print(f'window|{key_of(name, zone)}|{seconds(start)}|{seconds(reach(reading + minutes * MINUTE, zone))}')
                if name in HEARTBEATS:
                    print(f'heartbeat|{key_of(name, zone)}|{seconds(start)}')
        # a report each 7 hours, around both changes too
        at = datetime.datetime(year, 1, 3, 0, 30, tzinfo=UTC)
        while at.year == year:
            reading = at.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
            print(f"interval|{key_of('daily', zone)}|{seconds(at)}|{seconds(reach(reading + DAY, zone))}")
            print(f"interval|{key_of('hourly', zone)}|{seconds(at)}|{seconds(at) + 3600}")
            at += datetime.timedelta(hours=7)


if sys.argv[1] == 'documents':
    documents(sys.argv[2])
else:
    expected(int(sys.argv[2]))
