"""A random installation: tenants, people, groups, rules, preferences, windows, and what producers do in it: app events, and
notifications that no rule is asked for; everything by a seed. The tests of the engine store it by SQL (sql(), publish_sql()), and
the reference in reference.py says what has to come of it."""
import datetime
import json
import random
import uuid

from moments import DAY, DO_NOT_DISTURB, MINUTE, UTC, clock

ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Santiago']
CHANNELS = ['in_app', 'email', 'push', 'sms', 'webhook']
MODULES = ['alpha', 'beta', 'gamma']
EVENTS = ['po', 'po_approved', 'po_approved_twice', 'po_rejected', 'PO', 'stock.low', 'ünïcode_é']
PATTERNS = EVENTS + ['*', 'po*', 'po_approved*', 'po_approved_*', 'p*', 'P*', 'stock.*', 'stock.low*', 'ü*', 'po_**', 'x*']
TYPES = {
    'PROOF_PLAIN': {'module': 'alpha', 'urgency': 'normal', 'unsubscribable': True},
    'PROOF_MUST': {'module': 'beta', 'urgency': 'high', 'unsubscribable': False, 'channels': ['in_app', 'email', 'webhook']},
    'PROOF_LOUD': {'module': 'gamma', 'urgency': 'critical', 'unsubscribable': True, 'channels': ['push', 'in_app']},
    'PROOF_DATA': {'module': 'alpha', 'urgency': 'low', 'unsubscribable': True, 'channels': ['email', 'sms'],
                   'schema': {'type': 'object', 'required': ['amount'], 'additionalProperties': False,
                              'properties': {'n': {'type': 'integer'}, 'amount': {'type': 'number'}}}},
}
URGENCIES = ['low', 'normal', 'high', 'critical']
TENANTS = {'acme': '00000000-0000-4000-8000-00000000acee', 'globex': '00000000-0000-4000-8000-00000000b0b0'}
TEMPLATES = {
    'hello': [{'channel': '*', 'subject': 'Hello {{user.name}}', 'body_template': 'No. {{n}}'},
              {'channel': '*', 'locale': 'de', 'subject': 'Hallo {{user.name}}', 'body_template': 'Nr. {{n}}'},
              {'channel': '*', 'locale': 'pt', 'subject': 'Olá {{user.name}}', 'body_template': '{{n}}'},
              {'channel': '*', 'locale': 'de-CH', 'subject': 'Grüezi {{user.name}}', 'body_template': 'Nr. {{n}}'}],
    'mail-only': [{'channel': 'email', 'subject': 'By mail', 'body_template': 'No. {{n}}'}],
}
LOCALES = [None, 'en', 'pt-BR', 'pt', 'de', 'de-AT', 'de-CH', 'de-ch', 'de-CH-1996', 'en-GB']
SOURCES = ['probe-1', 'probe-2', 'other']
SEVERITIES = ['low', 'medium', 'high', 'critical']
PATHS = ['$.by', '$.list[*]', '$.list', '$.po.by', '$.nobody.there']


def quoted(value):
    if value is None:
        return 'NULL'
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def insert(table, rows):
    if not rows:
        return ''
    values = ',\n'.join('(' + ', '.join(quoted(value) for value in row.values()) + ')' for row in rows)
    return f"INSERT INTO nightbell.{table} ({', '.join(rows[0])}) VALUES\n{values};\n"


def channels_of(type_):
    return TYPES[type_].get('channels', ['in_app'])


class Person:
    def __init__(self, r, tenant, number):
        self.tenant = tenant
        self.id = str(uuid.UUID(int=r.getrandbits(128), version=4))
        self.name = r.choice([f'person {number}', f'Person {number}', f'Zoë {number}'])
        self.email = r.choice([None, f'p{number}@acme.example', f'P{number}@Acme.example', 'shared@acme.example'])
        self.phone = r.choice([None, f'+4930{number:06}'])
        self.locale = r.choice(LOCALES)
        self.zone = r.choice(ZONES)
        self.is_deleted = r.random() < 0.1
        self.roles = [role for role in ('user', 'operator', 'admin') if r.random() < 0.4]
        self.devices = r.choice([[], [], [True], [False], [True, False]])  # whether it works
        self.hooks = r.choice([[], [True], [True, False], [False], [None], [None, True]])  # whether it works; None: nobody has confirmed it
        self.preferences, self.thresholds, self.settings = {}, {}, None


class World:
    """seed and size decide everything. timeless: nothing depends on what time it is, or on what came before. unlimited: tenants
    have no rate limit, which is one of a minute that passes."""

    def __init__(self, seed, people=14, rules=36, timeless=False, unlimited=False):
        r = random.Random(f'world {seed}')
        self.seed = seed
        self.timeless = timeless
        self.people, self.groups, self.rules, self.off, self.disabled, self.windows = [], [], [], set(), set(), []
        self.rates = {tenant: 0 if timeless or unlimited else random.Random(f'rate {seed} {tenant}').choice([0, 0, 1, 2, 5]) for tenant in TENANTS}
        self.is_deduplicated = {tenant: not timeless and r.random() < 0.7 for tenant in TENANTS}
        for tenant in TENANTS:
            mine = [Person(r, tenant, n) for n in range(people)]
            # names that look like something else
            mine[0].name, mine[1].name, mine[2].name, mine[3].name = 'null', '7', 'p9@acme.example', mine[5].id
            self.people += mine
            for n in range(4):
                self.groups.append({'tenant': tenant, 'id': str(uuid.UUID(int=r.getrandbits(128), version=4)), 'name': f'Group {n}',
                                    'members': [p for p in mine if r.random() < 0.4]})
            for person in mine:
                self.prefer(r, person, timeless)
                if r.random() < 0.1 and person.email:
                    self.disabled.add((tenant, 'email', person.email.lower()))
                if r.random() < 0.2 and person.phone:
                    self.disabled.add((tenant, 'sms', person.phone))
            self.off |= {(tenant, module) for module in MODULES if r.random() < 0.1}
            self.windows += [self.window(r, tenant, n, timeless) for n in range(r.choice([0, 0, 1, 3, 5]))]
            self.rules += [self.rule(r, tenant, n, mine) for n in range(r.randint(1, r.choice([rules, rules, rules, 5 * rules])))]
        for tenant in TENANTS:  # a name is taken once
            self.people.append(Person(r, tenant, 100))
            self.people[-1].name, self.people[-1].is_deleted = 'person 1', True

    @staticmethod
    def prefer(r, person, timeless):
        for _ in range(r.choice([0, 0, 1, 3, 6])):
            type_ = r.choice(['*', '*', *TYPES])
            module = r.choice(['*', *MODULES]) if type_ == '*' else '*'
            person.preferences[r.choice(CHANNELS), type_, module] = r.random() < 0.4
        for _ in range(r.choice([0, 0, 0, 1, 3])):
            key = r.choice(['*', *EVENTS, *TYPES]), r.choice(['*', *MODULES])
            person.thresholds[key] = {'condition': condition(r, 1), 'is_active': r.random() < 0.8}
        if r.random() < 0.6:
            quiet = r.random() < 0.6 and not timeless
            begins, ends = r.sample([0, 1, 30, 90, 120, 121, 150, 180, 359, 1320, 1380, 1410, 1439, 720], 2)
            person.settings = {
                'quiet_from': begins if quiet else None, 'quiet_to': ends if quiet else None,
                'quiet_days': [] if timeless else sorted(r.sample(range(1, 8), r.choice([0, 0, 0, 1, 2, 6]))),
                'locale': r.choice([None, None, None, *LOCALES]),
                'dnd_until': r.choice([None, None, 'past', 'far'] if timeless else [None, None, 'past', 'far', 'soon']),
                'digest': 'off' if timeless else r.choice(['off', 'off', 'hourly', 'daily']),
                'digest_at': r.choice([0, 30, 150, 480, 1439]), 'zone': r.choice([None, *ZONES])}

    @staticmethod
    def window(r, tenant, number, timeless):
        """begins and length in minutes, from the moment for which the world is made. No two end at the same time."""
        begins = -2880 if timeless else r.randint(-2880, 2000)
        return {'tenant': tenant, 'window': f'window-{number}', 'behaviour': r.choice(['notices', 'notices', 'events', 'escalation']),
                'event_type': r.choice([p for p in PATTERNS if '**' not in p]), 'source': r.choice([None, None, 'probe-*', 'probe-1']),
                'severity': r.choice([None, None, None, ['high', 'critical'], ['low']]),
                'condition': r.choice([None, None, condition(r, 1)]), 'zone': r.choice(ZONES), 'begins': begins,
                'length': (20 * 1440 if timeless else r.randint(60, 4000) // 10 * 10) + number}

    @staticmethod
    def rule(r, tenant, number, people):
        kind = r.choice(['role', 'user', 'group', 'tenant', 'dynamic_field', 'dynamic_field', 'user', 'oncall'])
        named = [r.choice([p.name, p.name.upper(), p.id, p.id.upper(), p.email or p.name]) for p in r.sample(people, 3)]
        value = {'role': lambda: r.choice(['user', 'operator', 'admin', 'producer']),
                 'user': lambda: ', '.join(r.sample(named + ['ghost', 'ghost@acme.example'], r.randint(1, 3))),
                 'group': lambda: r.choice(['Group 0', 'group 1', 'GROUP 2', 'Group 9']),
                 'tenant': lambda: None, 'dynamic_field': lambda: r.choice(PATHS), 'oncall': lambda: 'first'}[kind]()
        return {'tenant': tenant, 'rule_id': f"{r.choice('aBz')}{number:03}", 'event_type': r.choice(PATTERNS),
                'module': r.choice([None, None, *MODULES]), 'channel': r.sample(CHANNELS, r.randint(1, 3)), 'recipient_type': kind,
                'recipient_value': value, 'condition': r.choice([None, condition(r, 2)]), 'notification_type': r.choice(list(TYPES)),
                'template_code': r.choice([None, None, None, 'hello', 'mail-only', 'no-such']),
                'urgency': r.choice([None, None, *URGENCIES]), 'is_active': r.random() < 0.9,
                'fallback_channels': r.choice([[], [], ['sms'], ['push', 'email']])}

    def event(self, number):
        """What producers do under that number: publish an app event (kind publish), or notify."""
        r = random.Random(f'event {self.seed} {number}')
        tenant = r.choice(list(TENANTS))
        kind = r.choices(['publish', 'notify', 'notify_many', 'broadcast'], [12, 3, 1, 1])[0]
        if kind != 'publish':
            return self.direct(r, number, tenant, kind)
        people = [p for p in self.people if p.tenant == tenant]

        def somebody():
            person = r.choice(people)
            return r.choice([person.name, person.name.upper(), person.id, person.email or person.id, 'ghost', None, 7, True])
        context = {'n': number, 'amount': r.choice([r.randint(0, 10), r.randint(0, 10), 5, 'many', [1, 9], None]),
                   'kind': r.choice('xyz'), 'deep': r.choice([{'level': r.randint(0, 9)}, 3]), 'by': somebody(),
                   'list': [somebody() for _ in range(r.randint(0, 4))], 'po': r.choice([{'by': somebody()}, {}, 'none']),
                   'title': f'Title {number}', 'source': r.choice(SOURCES), 'severity': r.choice(SEVERITIES)}
        for name in list(context):
            if name != 'n' and r.random() < (0.6 if name in ('source', 'severity') else 0.15):
                del context[name]
        event = {'n': number, 'kind': 'publish', 'tenant': tenant, 'event_type': r.choice(EVENTS), 'module': r.choice(MODULES), 'context': context}
        earlier = self.earlier(r, number)
        if earlier and earlier['kind'] == 'publish':  # the same again, under a name that other rules may have
            event.update(tenant=earlier['tenant'], context=earlier['context'], event_type=r.choice([earlier['event_type'], event['event_type']]))
        return event

    def earlier(self, r, number):
        """What is to be repeated; None for most."""
        return self.event(r.randint(max(1, number - 12), number - 1)) if number > 1 and not self.timeless and r.random() < 0.25 else None

    def direct(self, r, number, tenant, kind):
        earlier = self.earlier(r, number)
        if earlier and earlier['kind'] != 'publish':
            return {**earlier, 'n': number}
        type_ = r.choice(list(TYPES))
        users = [r.choice([p for p in self.people if p.tenant == tenant and not p.is_deleted]).id for _ in range(1 if kind == 'notify' else 4)]
        recipients = ('user', ','.join(users)), ('role', r.choice(['user', 'operator'])), ('group', f'GROUP {r.randint(0, 3)}'), ('tenant', 'all')
        return {'n': number, 'kind': kind, 'tenant': tenant, 'type': type_, 'title': f'Direct {number}',
                'data': {'n': number, **({'amount': r.randint(0, 9)} if type_ == 'PROOF_DATA' else {})},
                'urgency': r.choice([None, None, *URGENCIES]), 'users': users, 'recipients': r.choice(recipients),
                'channels': None if kind == 'broadcast' else r.choice([None, ['in_app'], [], *[r.sample(CHANNELS, r.randint(1, 4)) for _ in range(4)]]),
                'dedup_key': None if kind == 'broadcast' else r.choice([None, None, None, 'again', f'key {number}'])}

    def sql(self, now):
        """Everything of it but the app events, in an empty installation with both tenants. now: when a do-not-disturb counts from."""
        quoted_minutes = lambda m: None if m is None else f'{m // 60:02}:{m % 60:02}'
        out = [f"UPDATE nightbell.tenants SET settings = '{json.dumps({'rate_limit': self.rates[t], 'dedup_window': '1 hour' if self.is_deduplicated[t] else '0'})}' "
               f"WHERE id = '{key}';\n" for t, key in TENANTS.items()]
        out.append(insert('notification_types', [
            {'type': t, 'module': k['module'], 'description': 'Proof', 'urgency': k['urgency'], 'unsubscribable': k['unsubscribable'],
             'default_channels': '{' + ','.join(channels_of(t)) + '}', 'data_schema': json.dumps(k.get('schema', {'type': 'object'}))} for t, k in TYPES.items()]))
        out.append(insert('users', [
            {'tenant_id': TENANTS[p.tenant], 'id': p.id, 'name': p.name, 'email': p.email, 'phone': p.phone, 'locale': p.locale,
             'time_zone': p.zone, 'deleted_at': '2020-01-01' if p.is_deleted else None} for p in self.people]))
        rows = lambda p, **more: {'tenant_id': TENANTS[p.tenant], 'user_id': p.id, **more}
        out.append(insert('user_roles', [rows(p, role=role) for p in self.people for role in p.roles]))
        out.append(insert('devices', [rows(p, platform='web', token=f'{p.id} {n}', disabled_at=None if works else '2020-01-01')
                                      for p in self.people for n, works in enumerate(p.devices)]))
        out.append(insert('endpoints', [rows(p, channel='webhook', address=f'https://hooks.example/{n}', verified_at=None if works is None else '2020-01-01',
                                             disabled_at='2020-01-01' if works is False else None) for p in self.people for n, works in enumerate(p.hooks)]))
        out.append(insert('preferences', [rows(p, channel=c, type=t, module=m, enabled=enabled)
                                          for p in self.people for (c, t, m), enabled in p.preferences.items()]))
        out.append(insert('alert_thresholds', [rows(p, event_type=e, module=m, condition=jsonpath(t['condition']), is_active=t['is_active'])
                                               for p in self.people for (e, m), t in p.thresholds.items()]))
        for p in (p for p in self.people if p.settings):
            s = p.settings
            dnd = f"to_timestamp({now + DO_NOT_DISTURB[s['dnd_until']]})" if s['dnd_until'] else 'NULL'
            out.append(f"INSERT INTO nightbell.user_settings (tenant_id, user_id, quiet_from, quiet_to, dnd_until, digest, digest_at, time_zone, locale, quiet_days) VALUES "
                       f"('{TENANTS[p.tenant]}', '{p.id}', {quoted(quoted_minutes(s['quiet_from']))}, {quoted(quoted_minutes(s['quiet_to']))}, {dnd}, "
                       f"'{s['digest']}', '{quoted_minutes(s['digest_at'])}', {quoted(s['zone'])}, {quoted(s['locale'])}, "
                       f"'{{{','.join(map(str, s['quiet_days']))}}}');\n")
        out.append(insert('groups', [{'tenant_id': TENANTS[g['tenant']], 'id': g['id'], 'name': g['name']} for g in self.groups]))
        out.append(insert('group_members', [{'tenant_id': TENANTS[g['tenant']], 'group_id': g['id'], 'user_id': p.id}
                                            for g in self.groups for p in g['members']]))
        out.append(insert('disabled_addresses', [{'tenant_id': TENANTS[t], 'channel': c, 'address': a} for t, c, a in sorted(self.disabled)]))
        out.append(insert('module_config', [{'tenant_id': TENANTS[t], 'module_code': m, 'is_enabled': False} for t, m in sorted(self.off)]))
        for tenant, key in TENANTS.items():
            rules = [json.dumps({name: value for name, value in {
                **{k: v for k, v in rule.items() if k not in ('tenant', 'condition')},
                'condition_expr': jsonpath(rule['condition']) if rule['condition'] else None}.items()})
                for rule in self.rules if rule['tenant'] == tenant]
            templates = [json.dumps({'template_code': code, 'texts': texts}) for code, texts in TEMPLATES.items()]
            windows = [json.dumps(self.window_document(w, now)) for w in self.windows if w['tenant'] == tenant]
            for function, documents in (('import_templates', templates), ('import_rules', rules), ('import_windows', windows)):
                if documents:
                    out.append(f"SELECT '{function}', message FROM nightbell.{function}('{key}', ARRAY[{', '.join(map(quoted, documents))}]) WHERE message <> '';\n")
        return f"SET nightbell.clock = '{datetime.datetime.fromtimestamp(now, UTC) - 30 * DAY}';\n" + ''.join(out)

    @staticmethod
    def window_readings(window, now):
        """When it begins and ends on its own clock."""
        begins = clock(datetime.datetime.fromtimestamp(now // 60 * 60, UTC) + window['begins'] * MINUTE, window['zone'])
        return begins, begins + window['length'] * MINUTE

    def window_document(self, window, now):
        begins, ends = self.window_readings(window, now)
        document = {'window': window['window'], 'behaviour': window['behaviour'], 'event_type': window['event_type'], 'source': window['source'],
                    'severity': window['severity'], 'details': jsonpath(window['condition']) if window['condition'] else None,
                    'time_zone': window['zone'], 'starts': begins.isoformat(), 'ends': ends.isoformat(), 'reason': 'proof'}
        return {name: value for name, value in document.items() if value is not None}

    def publish_sql(self, number):
        e = self.event(number)
        tenant = TENANTS[e['tenant']]
        if e['kind'] != 'publish':
            channels = None if e['channels'] is None else '{' + ','.join(e['channels']) + '}'
            text = f"{quoted(e['type'])}, {quoted(e['title'])}, 'message', {quoted(json.dumps(e['data']))}"
            if e['kind'] == 'notify':
                return (f"SELECT nightbell.notify('{tenant}', '{e['users'][0]}', {text}, channels => {quoted(channels)}, "
                        f"urgency => {quoted(e['urgency'])}, dedup_key => {quoted(e['dedup_key'])});\n")
            if e['kind'] == 'broadcast':
                kind, value = e['recipients']
                return f"SELECT nightbell.broadcast('{tenant}', '{kind}', {quoted(value)}, {text}, urgency => {quoted(e['urgency'])});\n"
            items = [json.dumps({'tenant': tenant, 'user': user, 'message': 'message',
                                 **{name: e[name] for name in ('type', 'title', 'data', 'channels', 'urgency', 'dedup_key') if e[name] is not None}})
                     for user in e['users']]
            return f"SELECT nightbell.notify_many(ARRAY[{', '.join(map(quoted, items))}]::jsonb[]);\n"
        return (f"SELECT nightbell.publish('{TENANTS[e['tenant']]}', {quoted(e['event_type'])}, '{e['module']}', "
                f"{quoted(json.dumps(e['context']))}, 'proof {number}');\n")


def condition(r, depth):
    """A random condition, as a tree: jsonpath() writes it, reference.holds() judges it."""
    kind = r.choice(['compare', 'compare', 'compare', 'exists', 'not', 'and', 'or'] if depth else ['compare', 'exists'])
    if kind == 'compare':
        return ('compare', r.choice(['amount', 'kind', 'deep.level', 'missing', 'by']), r.choice(['==', '!=', '<', '>', '<=', '>=']),
                r.choice([5, 3, 'x', 'y', None]))
    if kind == 'exists':
        return ('exists', r.choice(['amount', 'kind', 'deep.level', 'missing', 'po.by']))
    return (kind, *[condition(r, depth - 1) for _ in range(1 if kind == 'not' else 2)])


def jsonpath(tree):
    kind = tree[0]
    if kind == 'compare':
        return f'($.{tree[1]} {tree[2]} {json.dumps(tree[3])})'
    if kind == 'exists':
        return f'(exists($.{tree[1]}))'
    if kind == 'not':
        return f'(!{jsonpath(tree[1])})'
    return f"({jsonpath(tree[1])} {'&&' if kind == 'and' else '||'} {jsonpath(tree[2])})"
