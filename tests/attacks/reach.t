#!/bin/bash
# Everything in the catalogue is tried: every login reads each column of each relation and calls each function with the victims'
# ids. None finds a text that is not for them, and no victim's row changes.
. "${srcdir:-.}/tests/lib/tap.sh"
. "${srcdir:-.}/tests/lib/cluster.sh"
. "${srcdir:-.}/tests/attacks/attack.sh"
attack_start

# Tables that any session changes, and tables without anybody's data, are no victims.
bookkeeping="archives decision_codes dedup_windows definitions ended_grounds endings migrations ring_progress tallies tally_progress tally_sums verified_tokens"
# Tables whose rows have no text to mark: all their rows are victims, or those of ada.
whole="channels delivery_queue group_members heartbeat_times installation notification_types role_identities signing_keys tenants user_roles users window_spans"
of_ada="digest_slots receipts user_settings"
digest_all=$(psql_do "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname <> ALL (string_to_array('$bookkeeping', ' ')) ORDER BY 1" | while read -r table; do
    case " $whole / $of_ada " in *" $table "*/*) pattern=. ;; */*" $table "*) pattern=$ADA ;; *) pattern=-secret ;; esac
    echo "SELECT '$table', count(*), md5(string_agg(r.row, '' ORDER BY r.row)) FROM (SELECT t::text AS row FROM nightbell.$table t) AS r WHERE r.row ~ '$pattern'"
done | sed '$!s/$/ UNION ALL/')
victims() { psql_do "$digest_all"; } # a line for each table
is "$(victims | awk -F '|' '$2 == 0 { print $1 }')" '' 'every table has a victim: a new one gets one in victims.sql'

# reaches LOGIN PERSON MARKS MAY-CHANGE: finds texts with exactly these marks, and changes rows in these tables only.
reaches() {
    local login=$1 person=$2 found before changed names=()
    for name in ACME ADA BOB ada_row ada_delivery acme_announcement acme_event global_event; do names+=(-v "$name=${!name}"); done
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
# before olga, an administrator, who may delete what the others should find
reaches only_working - 'config-secret engine-secret ' 'outbox|window_spans|heartbeat_times|windows|heartbeats'
reaches nightbell_console bob 'acme-secret decided-secret operators-secret ' \
    'admin_system_events|event_actions|windows|window_spans|deliveries|delivery_queue'
# she sees the names of workers, in the figures that are for those who look after the installation
reaches nightbell_console olga 'acme-secret config-secret decided-secret endpoint-secret engine-secret global-secret operators-secret token-secret ' \
    'admin_system_events|event_actions|deliveries|delivery_queue|applied|devices|disabled_addresses|endpoints|event_types|groups|group_members|heartbeat.*|module_config|rules|templates?.*|users|user_roles|window.*'
reaches nightbell_console ada 'acme-secret ada-secret decided-secret endpoint-secret ' 'notifications|receipts|preferences|user_settings|alert_thresholds|endpoints'
reaches ada - 'acme-secret ada-secret decided-secret endpoint-secret ' 'notifications|receipts|preferences|user_settings|alert_thresholds|endpoints'
reaches nightbell_producing app ''
reaches nightbell_producing - ''
reaches only_producing - ''
reaches only_ringing - ''
done_testing
