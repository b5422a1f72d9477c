#!/bin/bash
# Whatever a client can name, the catalogue lists: every column of every relation is read and every function called with the
# victims' ids, by everybody who can connect. Nobody comes upon a text that is not for them, and no victim's row changes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start

# Every row with a mark, in one line a table.
victims() {
    psql_do "SELECT 'notifications', md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.notifications n WHERE title LIKE 'ada-secret%'
       UNION ALL SELECT 'announcements', md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.announcements n WHERE title LIKE 'acme-secret%'
       UNION ALL SELECT 'receipts', md5(string_agg(n::text, '' ORDER BY n::text)) FROM nightbell.receipts n WHERE user_id = '$ADA'
       UNION ALL SELECT 'events', md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.admin_system_events n WHERE description LIKE '%-secret'
       UNION ALL SELECT 'history', md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.event_actions n
           WHERE event_id IN (SELECT id FROM nightbell.admin_system_events WHERE description LIKE '%-secret')
       UNION ALL SELECT 'people', md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.users n
       UNION ALL SELECT 'identities', md5(string_agg(n::text, '' ORDER BY n::text)) FROM (
           SELECT r::text FROM nightbell.user_roles r UNION ALL SELECT r::text FROM nightbell.role_identities r UNION ALL
           SELECT k::text FROM nightbell.signing_keys k UNION ALL SELECT t::text FROM nightbell.revoked_tokens t UNION ALL
           SELECT i::text FROM nightbell.installation i) AS n
       UNION ALL SELECT 'templates', md5(string_agg(n::text, '' ORDER BY n::text)) FROM (
           SELECT t::text FROM nightbell.templates t UNION ALL SELECT t::text FROM nightbell.template_texts t) AS n
       UNION ALL SELECT 'types', md5(string_agg(n::text, '' ORDER BY type)) FROM nightbell.notification_types n
       UNION ALL SELECT 'tenants', md5(string_agg(n::text, '' ORDER BY id)) FROM nightbell.tenants n"
}

# reaches LOGIN PERSON MARKS MAY-CHANGE: finds texts with exactly these marks, and changes rows in these tables only.
reaches() {
    local login=$1 person=$2 found before changed names=()
    for name in ACME ADA BOB ada_row acme_announcement acme_event global_event; do names+=(-v "$name=${!name}"); done
    before=$(victims)
    attacker "$login" "$person" -v rounds=30 "${names[@]}" -f "$srcdir/tests/attacks/reach.psql" 2>"$test_dir/errors" |
        grep '^nightbell\.' >"$test_dir/found" # not the bells
    is "$(cat "$test_dir/errors")" '' "$login with $person's token: everything was tried"
    found=$(cut -d '|' -f 2 "$test_dir/found" | sort -u | tr '\n' ' ')
    is "$found" "$3" "$login with $person's token comes upon nothing but what is theirs"
    for mark in $found; do case " $3" in *" $mark "*) ;; *) diag "$(grep -F "$mark" "$test_dir/found")" ;; esac; done
    changed=$(comm -3 <(sort <<<"$before") <(victims | sort) | sed 's/^\t//; s/|.*//' | sort -u | grep -vE "^(${4:-none})$" | tr '\n' ' ')
    is "$changed" '' "and changes nothing of others"
}

reaches nightbell_console - ''
reaches nightbell_console mallory ''
reaches nightbell_producing mallory ''
reaches nightbell_console bob 'acme-secret operators-secret ' 'events|history'
reaches nightbell_console olga 'acme-secret global-secret operators-secret ' 'events|history'
reaches nightbell_console ada 'acme-secret ada-secret ' 'notifications|receipts'
reaches ada - 'acme-secret ada-secret ' 'notifications|receipts'
reaches nightbell_producing app ''
reaches nightbell_producing - ''
reaches only_producing - ''
reaches only_working - ''
reaches only_ringing - ''
done_testing
