#!/usr/bin/env python3
"""What has to come of what producers do, worked out slowly and plainly, and compared with what is stored.

    reference.py world SEED NOW [options]               prints the SQL that makes the world
    reference.py publish SEED FROM TO [options]         prints the SQL of what producers do under these numbers
    reference.py rounds SEED COUNT                      prints lines FROM TO AT: which numbers at which time; the last has none
    reference.py compare SEED FROM TO NOW [options]     reads the lines of STORED from stdin; prints differences
    reference.py compare-rounds SEED COUNT [options]    the same, after the rounds
    reference.py stored                                 prints the query for them
    options: --timeless --unlimited --people N --rules N

A line says of a number: number|notification or delivery or decision|…. Nothing here asks PostgreSQL anything."""
import argparse
import datetime
import json
import random
import sys
from collections import Counter

from moments import MINUTE, UTC, free_at, held, reading_reached
from recipients import STAFF, audience, holds, matches, verdict
from world import TEMPLATES, TYPES, URGENCIES, World, channels_of

STORED = """
SELECT concat(n.data ->> 'n', '|notification|', n.user_id, '|', n.type, '|', n.urgency, '|', n.title, '|', n.silent) FROM nightbell.notifications n
UNION ALL
SELECT concat(coalesce(substr(o.idempotency_key, 7), CASE WHEN d.app_event IS NOT NULL THEN n.data ->> 'n' END), '|delivery|', d.user_id, '|', d.channel, '|',
    d.rule_id, '|', d.type, '|', d.urgency, '|', d.status, '|', d.held_for, '|', date_part('epoch', d.held_slot), '|', d.address, '|', n.data ->> 'n', '|',
    d.subject, '|', d.locale, '|', array_to_string(d.fallback_channels, ','), '|', d.payload ->> 'count')
FROM nightbell.deliveries d LEFT JOIN nightbell.outbox o ON o.tenant_id = d.tenant_id AND o.id = d.app_event
LEFT JOIN nightbell.notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id AND n.user_id = d.user_id
UNION ALL
SELECT concat(coalesce(substr(o.idempotency_key, 7), CASE WHEN d.app_event IS NOT NULL THEN n.data ->> 'n' END), '|decision|', d.code, '|', d.rule_id, '|',
    d.user_id, '|', d.channel, '|', CASE
    WHEN d.code = 'duplicate_recipient' THEN d.detail ->> 'heard_by' WHEN d.code = 'unknown_recipient' THEN d.detail ->> 'recipient'
    WHEN d.code = 'condition_not_met' THEN d.detail ->> 'more_rules' WHEN d.code = 'no_template' THEN d.detail ->> 'template'
    WHEN d.code = 'window' THEN concat_ws(' ', d.detail ->> 'window', d.detail ->> 'behaviour', date_part('epoch', (d.detail ->> 'until')::timestamptz))
    WHEN d.code IN ('quiet_hours', 'do_not_disturb', 'held_for_digest', 'over_rate') THEN date_part('epoch', (d.detail ->> 'until')::timestamptz)::text END)
FROM nightbell.decisions d LEFT JOIN nightbell.outbox o ON o.tenant_id = d.tenant_id AND o.id = d.app_event
LEFT JOIN nightbell.deliveries y ON d.subject = 'delivery' AND y.tenant_id = d.tenant_id AND y.id::text = d.subject_id
LEFT JOIN nightbell.notifications n ON n.tenant_id = d.tenant_id AND n.user_id = d.user_id
    AND n.id::text = CASE d.subject WHEN 'notification' THEN d.subject_id ELSE y.notification_id::text END
"""


# ---- what ----

def text_of(template, channel, event, person):
    """(title, locale of the text); None: the template has no text for the channel."""
    context = event['context']
    if template is None:
        return context.get('title') or (f"{context['severity']}: {event['event_type']}" if 'severity' in context else 'Proof'), None
    texts = {t.get('locale', '').lower(): t for t in TEMPLATES.get(template, []) if t['channel'] in ('*', channel)}
    if not texts:
        return None
    wanted = (person.settings or {}).get('locale') or person.locale or ''
    while wanted and wanted.lower() not in texts:
        wanted = wanted.rpartition('-')[0]
    text = texts[wanted.lower()]
    return text['subject'].replace('{{user.name}}', person.name), text.get('locale', 'default')


class Course:
    """An installation as time goes on. numbers are published, then worked on; what waits leaves when its time has come."""

    def __init__(self, world, base):
        self.world, self.base = world, base
        self.people = {p.id: p for p in [*world.people, *sum(STAFF.values(), [])]}
        self.lines, self.deliveries, self.queue = [], [], []
        self.heard, self.alerts = {}, Counter()  # heard: the outside channels that have had each of what was told

    def decide(self, number, code, rule='', user='', channel='', more=''):
        self.lines.append(f'{number}|decision|{code}|{rule}|{user}|{channel}|{more}')

    def is_repeated(self, tenant, *what):
        """Whether that was there before; it is then."""
        if not self.world.is_deduplicated[tenant]:
            return False
        key = tenant, json.dumps(what)
        was_there = key in self.heard
        self.heard.setdefault(key, set())
        return was_there

    def is_over_rate(self, tenant, user, urgency):
        """Whether the person has been alerted to as many as the tenant's limit says; otherwise it is one more."""
        if self.world.rates[tenant] == 0 or urgency == 'critical':
            return False
        self.alerts[user] += 1
        return self.alerts[user] > self.world.rates[tenant]

    # -- producers --

    def publish(self, number):
        event = self.world.event(number)
        if event['kind'] == 'publish':
            rules = [r for r in self.world.rules if r['tenant'] == event['tenant'] and r['is_active'] and matches(r['event_type'], event['event_type'])]
            event['is_critical'] = any(r['urgency'] == 'critical' for r in rules)
            self.queue.append(event)
        elif event['kind'] == 'broadcast':
            recipients, content = self.recipients(event), (event['type'], event['title'], event['data'])
            if not self.is_repeated(event['tenant'], 'broadcast', event['recipients'], content):
                for user in recipients:
                    self.notify(event, user)
        else:
            for user in event['users']:
                content = (event['type'], event['title'], event['data']) if event['dedup_key'] is None else event['dedup_key']
                if not self.is_repeated(event['tenant'], 'notify', user, content):
                    self.notify(event, user)

    def recipients(self, event):
        kind, value = event['recipients']
        if kind == 'user':
            return sorted(set(value.split(',')))
        people, _ = audience(self.world, {'tenant': event['tenant'], 'recipient_type': kind, 'recipient_value': value}, {})
        return [p.id for p in people]

    def notify(self, event, user):
        urgency = event['urgency'] or TYPES[event['type']]['urgency']
        is_silent = self.is_over_rate(event['tenant'], user, urgency)
        self.tell(event['data']['n'], user, event['type'], urgency, event['title'], is_silent)
        channels = channels_of(event['type']) if event['channels'] is None else event['channels']
        outside = [c for c in channels if c != 'in_app']
        if outside:
            self.queue.append({**event, 'is_critical': urgency == 'critical', 'urgency': urgency, 'user': user, 'is_silent': is_silent, 'outside': outside})

    def tell(self, number, user, type_, urgency, title, is_silent):
        self.lines.append(f"{number}|notification|{user}|{type_}|{urgency}|{title}|{'t' if is_silent else 'f'}")

    # -- the worker --

    def work(self, at):
        for event in sorted(self.queue, key=lambda event: not event['is_critical']):  # which keeps their order
            if event['kind'] == 'publish':
                self.work_on_app_event(event, at)
            else:
                self.work_on_notification(event, at)
        self.queue = []

    def left_lately(self, person, channel, at):
        return sum(d['person'] is person and d['channel'] == channel and d['urgency'] != 'critical' and d['left'] is not None and d['left'] > at - MINUTE
                   for d in self.deliveries)

    def deliver(self, number, at, person, channel, rule, type_, urgency, code, until, is_silent, notified, text):
        """is_silent: what the rate limit said of the notification that was made with it; None: none was."""
        rate = self.world.rates[person.tenant]
        if not until and urgency != 'critical' and (rate and self.left_lately(person, channel, at) >= rate if is_silent is None else is_silent):
            code, until = 'over_rate', at + MINUTE
        subject, locale = text
        self.deliveries.append({
            'number': number, 'person': person, 'channel': channel, 'rule': rule['rule_id'] if rule else '', 'type': type_, 'urgency': urgency,
            'status': 'held' if until else 'queued', 'held_for': code or '', 'slot': until, 'left': None if until else at,
            'address': {'email': person.email, 'sms': person.phone}.get(channel) or '', 'notified': notified, 'subject': subject, 'locale': locale or '',
            'fallback': ','.join(rule['fallback_channels']) if rule else '', 'count': ''})
        self.decide(number, code or 'queued', rule['rule_id'] if rule else '', person.id, channel, epoch(until))

    def work_on_notification(self, event, at):
        person, number = self.people[event['user']], event['data']['n']
        as_event = {'event_type': event['type'], 'module': TYPES[event['type']]['module'], 'context': event['data']}
        for channel in event['outside']:
            code, until = verdict(self.world, person, channel, event['type'], as_event, event['urgency'], at, self.base)
            if code and not until:
                self.decide(number, code, '', person.id, channel)
            else:
                self.deliver(number, at, person, channel, None, event['type'], event['urgency'], code, until, event['is_silent'], number,
                             (event['title'], None))

    def window_over(self, event, at):
        """The window that holds it and ends first, as (end, window); None."""
        holding = []
        context = event['context']
        for window in self.world.windows:
            begins, ends = (reading_reached(reading, window['zone']) for reading in World.window_readings(window, int(self.base.timestamp())))
            if (window['tenant'] == event['tenant'] and window['behaviour'] != 'escalation' and begins <= at < ends and
                    matches(window['event_type'], event['event_type']) and
                    (window['source'] is None or matches(window['source'], context.get('source', ''))) and
                    (window['severity'] is None or context.get('severity') in window['severity']) and
                    (window['condition'] is None or holds(window['condition'], context) is True)):
                holding.append((ends, window))
        return min(holding, key=lambda held_by: held_by[0], default=None)

    def work_on_app_event(self, event, at):
        number = event['n']
        held_by = self.window_over(event, at)
        if held_by:
            self.decide(number, 'window', more=f"{held_by[1]['window']} {held_by[1]['behaviour']} {epoch(held_by[0])}")
            return
        told = self.ask_rules(event, at)
        silent, heard = {}, {}  # of each person whom the inbox has it for: whether that is silent (None: it was there before), and who heard it outside
        for (user, channel), (_, _, rule_id, rule, urgency, code, until, person) in sorted(told.items(), key=lambda item: item[0][1] != 'in_app'):
            text = text_of(rule['template_code'], channel, event, person)
            if channel == 'in_app':
                title, type_ = text[0], rule['notification_type']
                what = 'rules', user, type_, title, rule['template_code'], event['context']
                if self.is_repeated(event['tenant'], *what):
                    silent[user] = None
                    self.decide(number, 'duplicate', rule_id, user, channel)
                else:
                    silent[user] = self.is_over_rate(event['tenant'], user, urgency)
                    self.tell(event['context']['n'], user, type_, urgency, title, silent[user])
                    self.decide(number, 'in_app', rule_id, user, channel)
                heard[user] = self.heard.get((event['tenant'], json.dumps(what)), set())
            elif channel in heard.get(user, ()):
                self.decide(number, 'duplicate', rule_id, user, channel)
            else:
                heard.get(user, set()).add(channel)
                self.deliver(number, at, person, channel, rule, rule['notification_type'], urgency, code, until, silent.get(user),
                             event['context']['n'] if user in silent else '', text)

    def ask_rules(self, event, at):
        """What each person hears by each channel: an offer of one rule."""
        number, context, offers, unmatched = event['n'], event['context'], {}, 0
        for rule in sorted((r for r in self.world.rules if r['tenant'] == event['tenant']), key=lambda r: r['rule_id']):
            if not matches(rule['event_type'], event['event_type']) or rule['module'] not in (None, event['module']):
                continue
            code = ('rule_off' if not rule['is_active'] else 'module_off' if (event['tenant'], event['module']) in self.world.off else
                    'matched' if rule['condition'] is None or holds(rule['condition'], context) is True else 'condition_not_met')
            unmatched += code != 'matched'
            if code == 'matched' or unmatched <= 50:
                self.decide(number, code, rule['rule_id'])
            if code == 'matched':
                self.ask_people(rule, event, at, offers)
        if unmatched > 50:
            self.decide(number, 'condition_not_met', more=unmatched - 50)
        for (user, channel), several in offers.items():
            several.sort(key=lambda offer: offer[:3])
            for other in several[1:]:
                self.decide(number, 'duplicate_recipient', other[2], user, channel, several[0][2])
        return {key: several[0] for key, several in offers.items()}

    def ask_people(self, rule, event, at, offers):
        number, rule_id, type_ = event['n'], rule['rule_id'], rule['notification_type']
        people, unknown = audience(self.world, rule, event['context'])
        for name in unknown:
            self.decide(number, 'unknown_recipient', rule_id, more=name)
        amount = event['context'].get('amount')
        if type_ == 'PROOF_DATA' and (isinstance(amount, bool) or not isinstance(amount, (int, float))):
            self.decide(number, 'data_invalid', rule_id)
            return
        urgency = rule['urgency'] or TYPES[type_]['urgency']
        for person in people:
            for channel in rule['channel']:
                code, until = verdict(self.world, person, channel, type_, event, urgency, at, self.base)
                if code and not until:
                    self.decide(number, code, rule_id, person.id, channel)
                elif text_of(rule['template_code'], channel, event, person) is None:
                    self.decide(number, 'no_template', rule_id, person.id, channel, rule['template_code'])
                else:
                    offers.setdefault((person.id, channel), []).append((-URGENCIES.index(urgency), code is not None, rule_id, rule, urgency, code, until, person))

    # -- what waited --

    def decide_on(self, delivery, code, more=''):
        self.decide(delivery['number'], code, delivery['rule'], delivery['person'].id, delivery['channel'], more)

    def leave(self, delivery, at):
        delivery.update(status='queued', held_for='', slot=None, left=at)
        self.decide_on(delivery, 'queued')

    def hold_again(self, several, at):
        """Whether the person must not be disturbed now: then they wait for that."""
        person = several[0]['person']
        if free_at(person, at, self.base) == at:
            return False
        code, until = held(person, at, self.base)
        for delivery in several:
            delivery.update(held_for=code, slot=until)
            self.decide_on(delivery, code, epoch(until))
        return True

    def due(self, at, is_over_rate):
        """The deliveries whose time has come, by person and channel."""
        groups = {}
        for delivery in self.deliveries:
            if delivery['status'] == 'held' and delivery['slot'] <= at and (delivery['held_for'] == 'over_rate') == is_over_rate:
                groups.setdefault((delivery['person'].id, delivery['channel']), []).append(delivery)
        return groups.values()

    def time_has_come(self, at):
        for several in self.due(at, True):
            person, channel = several[0]['person'], several[0]['channel']
            if self.hold_again(several, at):
                continue
            room = max(self.world.rates[person.tenant] - self.left_lately(person, channel, at), 1)
            for delivery in several[:room]:
                self.leave(delivery, at)
            for delivery in several[room:]:
                delivery['slot'] = at + MINUTE
        for several in self.due(at, False):
            if self.hold_again(several, at):
                continue
            if len(several) == 1 or several[0]['channel'] == 'webhook':
                for delivery in several:
                    self.leave(delivery, at)
            else:
                self.digest(several, at)

    def digest(self, several, at):
        for delivery in several:
            delivery.update(status='digested', slot=None)
            self.decide_on(delivery, 'digested')
        fallbacks = {delivery['fallback'] for delivery in several}
        digest = {**several[0], 'number': '', 'rule': '', 'type': 'DIGEST', 'urgency': max((d['urgency'] for d in several), key=URGENCIES.index),
                  'status': 'queued', 'held_for': '', 'slot': None, 'left': at, 'notified': '', 'locale': '', 'count': len(several),
                  'subject': '' if several[0]['channel'] == 'sms' else f'{len(several)} notifications',
                  'fallback': fallbacks.pop() if len(fallbacks) == 1 else ''}
        self.deliveries.append(digest)
        self.decide_on(digest, 'queued')

    def expected(self):
        members = ('channel', 'rule', 'type', 'urgency', 'status', 'held_for', 'slot', 'address', 'notified', 'subject', 'locale', 'fallback', 'count')
        return Counter(self.lines + ['|'.join([str(d['number']), 'delivery', d['person'].id, *[epoch(d[m]) if m == 'slot' else str(d[m]) for m in members]])
                                     for d in self.deliveries])


def epoch(at):
    return '' if at is None else str(int(at.timestamp()))


# ---- rounds ----

CHANGES = [1743296400, 1761440400, 1741503600, 1762063200, 1743865200, 1759593600, 1743908400, 1757217600]  # of the clocks, somewhere


def rounds(seed, count):
    """(first, last, at) of each: a moment of two years, every other one within two days of a change of the clocks; and what follows."""
    r = random.Random(f'moment {seed}')
    at = r.choice(CHANGES) + r.randint(-172800, 172800) if r.random() < 0.5 else r.randint(1735689600, 1798761600)
    numbers = [1, count // 2 + 1, count + 1, count + 1]
    for first, following in zip(numbers, numbers[1:] + [count + 1]):
        yield first, following - 1, at
        at += r.choice([r.randint(61, 240), r.randint(600, 7200), r.randint(3600, 200000)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('what', choices=['world', 'publish', 'rounds', 'compare', 'compare-rounds', 'stored'])
    parser.add_argument('numbers', nargs='*', type=int)
    parser.add_argument('--timeless', action='store_true')
    parser.add_argument('--unlimited', action='store_true')
    parser.add_argument('--people', type=int, default=14)
    parser.add_argument('--rules', type=int, default=36)
    given = parser.parse_args()
    if given.what == 'stored':
        print(STORED)
        return 0
    if given.what == 'rounds':
        sys.stdout.writelines(f'{first} {last} {at}\n' for first, last, at in rounds(*given.numbers))
        return 0
    world = World(given.numbers[0], given.people, given.rules, given.timeless, given.unlimited)
    if given.what == 'world':
        print(world.sql(given.numbers[1]))
        return 0
    if given.what == 'publish':
        sys.stdout.writelines(world.publish_sql(number) for number in range(given.numbers[1], given.numbers[2] + 1))
        return 0
    course = None
    for first, last, seconds in [given.numbers[1:4]] if given.what == 'compare' else rounds(*given.numbers):
        at = datetime.datetime.fromtimestamp(seconds, UTC)
        course = course or Course(world, at)
        course.time_has_come(at)
        for number in range(first, last + 1):
            course.publish(number)
        course.work(at)
    stored, wanted = Counter(line.rstrip('\n') for line in sys.stdin), course.expected()
    for line in sorted((stored - wanted).elements()):
        print(f'too much: {line}')
    for line in sorted((wanted - stored).elements()):
        print(f'missing:  {line}')
    kinds = Counter(line.split('|')[1] + ' ' + line.split('|')[2] if '|decision|' in line else line.split('|')[1] for line in wanted.elements())
    print(', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items())), file=sys.stderr)
    return 0 if stored == wanted else 1


sys.exit(main())
