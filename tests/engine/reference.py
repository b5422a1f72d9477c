#!/usr/bin/env python3
"""What has to come of app events, worked out slowly and plainly, and compared with what is stored.

    reference.py world SEED NOW [--timeless] [--people N] [--rules N]     prints the SQL that makes the world
    reference.py publish SEED FROM TO                                     prints the SQL that publishes these app events
    reference.py compare SEED FROM TO NOW [the same options]              reads the lines of STORED from stdin; prints differences
    reference.py stored                                                   prints the query for them

A line says of an app event: number|notification or delivery or decision|…. Nothing here asks PostgreSQL anything."""
import argparse
import datetime
import sys
import zoneinfo
from collections import Counter

from world import GREETINGS, TEMPLATES, TENANTS, TYPES, URGENCIES, World

UTC = datetime.timezone.utc
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
STORED = """
SELECT concat(n.data ->> 'n', '|notification|', n.user_id, '|', n.type, '|', n.urgency, '|', n.title) FROM nightbell.notifications n
UNION ALL
SELECT concat(substr(o.idempotency_key, 7), '|delivery|', d.user_id, '|', d.channel, '|', d.rule_id, '|', d.type, '|', d.urgency, '|', d.status, '|',
    d.held_for, '|', date_part('epoch', d.held_slot), '|', d.address, '|', n.id IS NOT NULL)
FROM nightbell.deliveries d LEFT JOIN nightbell.outbox o ON o.tenant_id = d.tenant_id AND o.id = d.app_event
LEFT JOIN nightbell.notifications n ON n.id = d.notification_id AND n.user_id = d.user_id AND n.data ->> 'n' = substr(o.idempotency_key, 7)
UNION ALL
SELECT concat(substr(o.idempotency_key, 7), '|decision|', d.code, '|', d.rule_id, '|', d.user_id, '|', d.channel, '|', CASE
    WHEN d.code = 'duplicate_recipient' THEN d.detail ->> 'heard_by' WHEN d.code = 'unknown_recipient' THEN d.detail ->> 'recipient'
    WHEN d.code = 'condition_not_met' THEN d.detail ->> 'more_rules' WHEN d.code = 'no_template' THEN d.detail ->> 'template'
    WHEN d.code IN ('quiet_hours', 'do_not_disturb', 'held_for_digest') THEN date_part('epoch', (d.detail ->> 'until')::timestamptz)::text END)
FROM nightbell.decisions d LEFT JOIN nightbell.outbox o ON o.tenant_id = d.tenant_id AND o.id = d.app_event
"""


# ---- conditions ----

def values_at(context, path):
    found = [context]
    for step in path.split('.'):
        found = [one[step] for one in found if isinstance(one, dict) and step in one]
    return found


def compare(one, sign, other):
    """True, False, or None where the two cannot be compared."""
    kind = lambda v: 'null' if v is None else 'bool' if isinstance(v, bool) else 'number' if isinstance(v, (int, float)) else type(v).__name__
    if kind(one) != kind(other):
        return sign == '!=' if None in (one, other) else None
    if isinstance(one, (dict, list)):
        return None
    if one is None:
        return sign in ('==', '<=', '>=')
    return {'==': one == other, '!=': one != other, '<': one < other, '>': one > other, '<=': one <= other, '>=': one >= other}[sign]


def holds(tree, context):
    if tree[0] == 'compare':
        items = []
        for value in values_at(context, tree[1]):
            items += value if isinstance(value, list) else [value]
        said = [compare(item, tree[2], tree[3]) for item in items]
        return True if True in said else None if None in said else False
    if tree[0] == 'exists':
        return bool(values_at(context, tree[1]))
    said = [holds(part, context) for part in tree[1:]]
    if tree[0] == 'not':
        return None if said[0] is None else not said[0]
    decisive = tree[0] == 'or'
    return decisive if decisive in said else None if None in said else not decisive


# ---- times: minute by minute ----

def clock(at, zone):
    return at.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)


reached = {}


def reach(date, minutes, zone):
    """The first minute in which the clock of that zone reads that date and time, or more."""
    key = date, minutes, zone
    if key not in reached:
        wanted = datetime.datetime.combine(date, datetime.time()) + minutes * MINUTE
        at = (wanted - datetime.timedelta(hours=15)).replace(tzinfo=UTC)
        while clock(at, zone) < wanted:
            at += MINUTE
        reached[key] = at
    return reached[key]


def quiet_until(at, zone, settings):
    begins, ends = settings['quiet_from'], settings['quiet_to']
    if begins is None:
        return at
    today = clock(at, zone).date()
    spans = [(reach(today + n * DAY, begins, zone), reach(today + (n + (ends < begins)) * DAY, ends, zone)) for n in range(-2, 4)]
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


def held(person, at):
    """(code, until) of what leaves at at; (None, None): nothing holds it."""
    settings = person.settings
    if not settings:
        return None, None
    zone = settings['zone'] or person.zone
    dnd = {None: None, 'past': None, 'soon': at + datetime.timedelta(seconds=3000), 'far': at + 90 * DAY}[settings['dnd_until']]
    free = quiet_until(dnd or at, zone, settings)
    until = free
    if settings['digest'] != 'off':
        until = quiet_until(digest_slot(free, zone, settings, free > at), zone, settings)
    if until == at:
        return None, None
    return 'do_not_disturb' if dnd else 'quiet_hours' if quiet_until(at, zone, settings) > at else 'held_for_digest', until


# ---- who ----

def matches(pattern, name):
    return name.startswith(pattern.rstrip('*')) if pattern.endswith('*') else name == pattern


def somebody(people, named):
    for person in people:
        if person.id == named.lower():
            return person
    if '@' in named:
        owners = [p for p in people if p.email and p.email.lower() == named.lower()]
        if owners:
            return min(owners, key=lambda p: p.id)
    for person in people:
        if person.name.lower() == named.lower():
            return person
    return None


def written(value):
    return {None: 'null', True: 'true', False: 'false'}.get(value, value) if not isinstance(value, (int, str)) or isinstance(value, bool) else str(value)


def names_of(rule, context):
    if rule['recipient_type'] == 'user':
        return {name.strip() for name in rule['recipient_value'].split(',')}
    names = []
    for value in values_at(context, rule['recipient_value'][2:].removesuffix('[*]')):
        names += value if isinstance(value, list) else [value]
    return {written(name) for name in names}


def audience(world, rule, context):
    """The people of a rule, and the recipients that there are not."""
    people = [p for p in world.people if p.tenant == rule['tenant'] and not p.is_deleted]
    kind, value = rule['recipient_type'], rule['recipient_value']
    if kind == 'tenant':
        return people + [p for p in STAFF[rule['tenant']]], []
    if kind == 'role':
        return [p for p in people + STAFF[rule['tenant']] if value in p.roles], []
    if kind == 'group':
        for group in world.groups:
            if group['tenant'] == rule['tenant'] and group['name'].lower() == value.lower():
                return [p for p in group['members'] if not p.is_deleted], []
        return [], [value]
    if kind == 'oncall':
        return [], ['oncall:' + value]
    names = names_of(rule, context)
    found = {name: somebody(people, name) for name in names}
    unknown = [name for name in names if not found[name]]
    if kind == 'dynamic_field' and not names:
        unknown = [value]
    return list({p.id: p for p in found.values() if p}.values()), unknown


class Staff:
    """The people whom every test database has (tests/lib/people.sql)."""
    preferences, thresholds, settings, devices, zone, locale, phone = {}, {}, None, [], 'UTC', None, None

    def __init__(self, tenant, last, name, email, roles):
        self.tenant, self.id, self.name, self.email, self.roles = tenant, f'00000000-0000-4000-8000-0000000000{last}', name, email, roles


STAFF = {'acme': [Staff('acme', 'a1', 'ada', 'ada@acme.example', ['user']), Staff('acme', 'b1', 'bob', 'bob@acme.example', ['user', 'operator']),
                  Staff('acme', 'c1', 'carol', 'carol@acme.example', ['user', 'operator']), Staff('acme', 'e1', 'app', None, ['producer']),
                  Staff('acme', 'f1', 'olga', 'olga@ops.example', ['user', 'operator', 'producer', 'admin'])],
         'globex': [Staff('globex', 'd1', 'mallory', 'm@globex.example', ['user', 'operator'])]}


# ---- whether ----

def opted_out(person, channel, type_, modules):
    for key in [(type_, '*')] + [('*', module) for module in modules] + [('*', '*')]:
        if (channel, *key) in person.preferences:
            return not person.preferences[channel, *key]
    return False


def below_threshold(person, event, modules):
    for name in (event['event_type'], '*'):
        for module in [*modules, '*']:
            threshold = person.thresholds.get((name, module))
            if threshold and threshold['is_active']:
                return holds(threshold['condition'], event['context']) is not True
    return False


def no_way(world, person, channel):
    if channel == 'push':
        return 'no_address' if not person.devices else None if any(person.devices) else 'address_disabled'
    if channel in ('email', 'sms'):
        address = person.email.lower() if channel == 'email' and person.email else person.phone if channel == 'sms' else None
        return 'no_address' if not address else 'address_disabled' if (person.tenant, channel, address) in world.disabled else None
    return None


def verdict(world, person, channel, rule, event, urgency, at):
    """(code, until): (None, None) where it leaves at once, (code, None) where it never does."""
    type_ = TYPES[rule['notification_type']]
    modules = [type_['module'], event['module']]
    if channel == 'in_app' and not type_['unsubscribable']:
        return None, None
    if opted_out(person, channel, rule['notification_type'], modules):
        return 'opted_out', None
    if below_threshold(person, event, modules):
        return 'below_threshold', None
    if channel == 'in_app':
        return None, None
    missing = no_way(world, person, channel)
    if missing:
        return missing, None
    return (None, None) if urgency == 'critical' else held(person, at)


# ---- what ----

def text_of(template, channel, event, person):
    """The title in the inbox; None: the template has no text for the channel."""
    if template is None:
        return event['context'].get('title', 'Proof') if isinstance(event['context'].get('title', ''), str) else 'Proof'
    if template == 'hello':
        return f'{GREETINGS[person.locale]} {person.name}'
    return 'By mail' if template == 'mail-only' and channel == 'email' else None


def expected(world, number, at):
    event = world.event(number)
    context = event['context']
    epoch = lambda t: '' if t is None else str(int(t.timestamp()))
    lines, offers = [], {}
    decide = lambda code, rule='', user='', channel='', more='': lines.append(f'{number}|decision|{code}|{rule}|{user}|{channel}|{more}')
    unmatched = 0
    for rule in sorted((r for r in world.rules if r['tenant'] == event['tenant']), key=lambda r: r['rule_id']):
        if not matches(rule['event_type'], event['event_type']) or rule['module'] not in (None, event['module']):
            continue
        code = ('rule_off' if not rule['is_active'] else 'module_off' if (event['tenant'], event['module']) in world.off else
                'matched' if rule['condition'] is None or holds(rule['condition'], context) is True else 'condition_not_met')
        unmatched += code != 'matched'
        if code == 'matched' or unmatched <= 50:
            decide(code, rule['rule_id'])
        if code != 'matched':
            continue
        people, unknown = audience(world, rule, context)
        for name in unknown:
            decide('unknown_recipient', rule['rule_id'], more=name)
        amount = context.get('amount')
        if rule['notification_type'] == 'PROOF_DATA' and (isinstance(amount, bool) or not isinstance(amount, (int, float))):
            decide('data_invalid', rule['rule_id'])
            continue
        urgency = rule['urgency'] or TYPES[rule['notification_type']]['urgency']
        for person in people:
            for channel in rule['channel']:
                code, until = verdict(world, person, channel, rule, event, urgency, at)
                if code and not until:
                    decide(code, rule['rule_id'], person.id, channel)
                elif text_of(rule['template_code'], channel, event, person) is None:
                    decide('no_template', rule['rule_id'], person.id, channel, rule['template_code'])
                else:
                    offers.setdefault((person.id, channel), []).append((-URGENCIES.index(urgency), code is not None, rule['rule_id'], rule, urgency, code, until, person))
    if unmatched > 50:
        decide('condition_not_met', more=unmatched - 50)
    told = {}
    for (user, channel), several in offers.items():
        several.sort(key=lambda offer: offer[:3])
        told[user, channel] = several[0]
        for other in several[1:]:
            decide('duplicate_recipient', other[2], user, channel, several[0][2])
    for (user, channel), (_, _, rule_id, rule, urgency, code, until, person) in told.items():
        type_ = rule['notification_type']
        text = text_of(rule['template_code'], channel, event, person)
        if channel == 'in_app':
            lines.append(f'{number}|notification|{user}|{type_}|{urgency}|{text}')
            decide('in_app', rule_id, user, channel)
        else:
            address = {'email': person.email, 'sms': person.phone}.get(channel) or ''
            lines.append(f"{number}|delivery|{user}|{channel}|{rule_id}|{type_}|{urgency}|{'held' if until else 'queued'}|{code or ''}|{epoch(until)}|"
                         f"{address}|{'t' if (user, 'in_app') in told else 'f'}")
            decide(code or 'queued', rule_id, user, channel, epoch(until))
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('what', choices=['world', 'publish', 'compare', 'stored'])
    parser.add_argument('numbers', nargs='*', type=int)
    parser.add_argument('--timeless', action='store_true')
    parser.add_argument('--people', type=int, default=14)
    parser.add_argument('--rules', type=int, default=36)
    given = parser.parse_args()
    if given.what == 'stored':
        print(STORED)
        return 0
    world = World(given.numbers[0], given.people, given.rules, given.timeless)
    if given.what == 'world':
        print(world.sql(given.numbers[1]))
        return 0
    first, last = given.numbers[1:3]
    if given.what == 'publish':
        sys.stdout.writelines(world.publish_sql(number) for number in range(first, last + 1))
        return 0
    at = datetime.datetime.fromtimestamp(given.numbers[3], UTC)
    stored = Counter(line.rstrip('\n') for line in sys.stdin)
    wanted = Counter(line for number in range(first, last + 1) for line in expected(world, number, at))
    for line in sorted((stored - wanted).elements()):
        print(f'too much: {line}')
    for line in sorted((wanted - stored).elements()):
        print(f'missing:  {line}')
    kinds = Counter(line.split('|')[1] + ' ' + line.split('|')[2] if '|decision|' in line else line.split('|')[1] for line in wanted.elements())
    print(', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items())), file=sys.stderr)
    return 0 if stored == wanted else 1


sys.exit(main())
