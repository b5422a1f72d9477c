"""Whom a rule means, whether its condition holds, and what each person's preferences say; slowly and plainly. Nothing here asks
PostgreSQL anything."""
from moments import held
from world import TYPES


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
    preferences, thresholds, settings, devices, hooks, zone, locale, phone = {}, {}, None, [], [], 'UTC', None, None

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
    if channel == 'webhook':
        confirmed = [works for works in person.hooks if works is not None]
        return 'no_address' if not confirmed else None if any(confirmed) else 'address_disabled'
    return None


def verdict(world, person, channel, type_name, event, urgency, at, base):
    """(code, until): (None, None) where it leaves at once, (code, None) where it never does."""
    type_ = TYPES[type_name]
    modules = [type_['module'], event['module']]
    if channel == 'in_app' and not type_['unsubscribable']:
        return None, None
    if opted_out(person, channel, type_name, modules):
        return 'opted_out', None
    if below_threshold(person, event, modules):
        return 'below_threshold', None
    if channel == 'in_app':
        return None, None
    missing = no_way(world, person, channel)
    if missing:
        return missing, None
    return (None, None) if urgency == 'critical' else held(person, at, base)
