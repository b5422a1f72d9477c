# deliveries.sh - deliveries in every state, as the worker leaves them; after tap.sh and cluster.sh.
#
#   deliveries_seed     two dozen of acme over the last hours, and one of globex; the newest is the first of the list
#   delivery_id WHAT    the id of the one with this subject
#
# A mail that was tried three times and given up, with the SMS and the push that it fell back to; three that went into a digest; held,
# queued, being sent, sent, delivered, read, bounced, cancelled ones.

deliveries_seed() {
    psql_do "$(sed -e "s/:ACME/'$ACME'/g" -e "s/:GLOBEX/'$GLOBEX'/g" -e "s/:ADA/'$ADA'/g" -e "s/:BOB/'$BOB'/g" -e "s/:CAROL/'$CAROL'/g" \
        -e "s/:MALLORY/'$MALLORY'/g" "$tests_lib/deliveries.sql")"
}
delivery_id() { psql_do "SELECT id FROM nightbell.deliveries WHERE subject = '$1'"; }
