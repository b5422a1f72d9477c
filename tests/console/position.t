#!/bin/bash
# The position in a long list: the row's number, also where the top of the list is not loaded, and which match of how many.
. "${srcdir:-.}/tests/lib/tap.sh"
. "$tests_lib/cluster.sh"
. "$tests_lib/screen.sh"
. "$tests_lib/console.sh"
cluster_start
psql_do "INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id)
    SELECT 'many', 'low', 'event ' || i || CASE WHEN i % 100 = 0 THEN ' hundred' ELSE '' END, '$ACME' FROM generate_series(1, 4000) i" >/dev/null
console_start bob 120x20
keys '2'
screen_shows '^ is:open ─.* row 1 · 4,000 of 4,000' "the first row"
keys '5j'
screen_shows '─ row 6 ·' "further down"
keys 'G'
screen_wait '^▌.* event 1 '
screen_shows '─ row 4,000 · 4,000 of 4,000' "the last one, though the rows above are not loaded"
keys '03k' # 3 alone is the third view
screen_shows '─ row 3,997 ·' "and from there up"
psql_do "INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id) VALUES ('new', 'low', 'newest', '$ACME')" >/dev/null
screen_shows '─ row 3,998 · 4,001 of 4,001' "a row that comes above is counted"
keys 'gg'
screen_shows '─ row 1 ·' "back at the top"
keys '/hundred<Enter>'
screen_wait '^▌.* event 4000 hundred'
screen_shows '/hundred match 1 of 40 ─' "a search says which match of how many"
keys '021n'
screen_wait '^▌.* event 1900 hundred'
screen_shows '/hundred match 22 of 40 ─' "another one, by a count"
screen_shows '─ row 2,102 ·' "with its row"
keys 'N'
screen_shows '/hundred match 21 of 40 ─' "and back"
keys 'j'
screen_lacks 'match 21' "off a match, none is named"
keys 'n'
screen_shows '/hundred match 22 of 40 ─' "until the next one"
psql_do "UPDATE nightbell.admin_system_events SET is_resolved = true, resolved_at = now() WHERE description = 'event 4000 hundred'" >/dev/null
screen_shows '/hundred match 21 of 39 ─' "matches that go are counted no more"
keys ':search-backward event 2000<Enter>'
screen_shows '/event 2000 match 1 of 1 ─' "towards newer rows as well"
keys '<Esc>'
screen_lacks 'match' "a search that ends says nothing"
console_quit "after searching"
done_testing
