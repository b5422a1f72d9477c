#!/usr/bin/env python3
"""Producing from Python with psycopg 3, inside the application's own transactions.

    python3 produce.py TENANT CUSTOMER          two UUIDs; the database as libpq finds it (PGHOST, PGDATABASE, PGUSER ...)

shop.sql makes the table and the login that this works with.
"""
import sys
import time

import psycopg
from psycopg.types.json import Jsonb

NOTIFY = """
    SELECT nightbell.notify(%(tenant)s, %(user)s, %(type)s, %(title)s, %(message)s, %(data)s, dedup_key => %(key)s)
"""


def notify(conn, tenant, user, booking, key=None, type="BOOKING_CREATED"):
    """One notification in the transaction that is open; its id, or that of the one with the same key."""
    row = conn.execute(NOTIFY, {
        "tenant": tenant, "user": user, "type": type, "key": key,
        "title": f"Your booking {booking}", "message": "Tuesday at ten is yours.",
        "data": Jsonb({"bookingId": booking, "sessionId": "s-4"}),
    }).fetchone()
    return row[0]


def book(conn, tenant, customer, booking, seats=1):
    """The booking and the notification: both, or neither."""
    with conn.transaction():
        conn.execute("INSERT INTO shop.booking VALUES (%s, %s, 's-4', %s)", (booking, customer, seats))
        return notify(conn, tenant, customer, booking, key=f"booked {booking}")


def book_whatever_happens(conn, tenant, customer, booking):
    """The booking must stand even when nobody can be told: a savepoint keeps the one apart from the other."""
    with conn.transaction():
        conn.execute("INSERT INTO shop.booking VALUES (%s, %s, 's-4', 1)", (booking, customer))
        try:
            with conn.transaction():
                return notify(conn, tenant, customer, booking, type="NO_SUCH_TYPE")
        except psycopg.DatabaseError as error:
            print(f"not notified: {error.sqlstate} {error.diag.message_primary}")


def connect():
    return psycopg.connect(autocommit=True, application_name="shop")


def again(act, tries=5):
    """Calls act, with a connection of its own, until it is answered. Safe when what it sends has a dedup key: that is stored
    once, however often it is sent."""
    for turn in range(tries):
        try:
            with connect() as conn:
                return act(conn)
        # the connection was lost, or another transaction was in the way: 40001, 40P01
        except (psycopg.OperationalError, psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            if turn == tries - 1:
                raise
            time.sleep(0.1 * 2 ** turn)


def main(tenant, customer):
    with connect() as conn:
        print("committed", book(conn, tenant, customer, "python-1"))

        try:
            book(conn, tenant, customer, "python-2", seats=0)  # the application's own rule refuses it ...
        except psycopg.errors.CheckViolation as error:
            print("rolled back:", error.sqlstate, error.diag.constraint_name)
        try:
            with conn.transaction():
                notify(conn, tenant, customer, "python-3")
                raise RuntimeError("the card was declined")  # ... or the application itself, after the call
        except RuntimeError as error:
            print("rolled back:", error)

        book_whatever_happens(conn, tenant, customer, "python-4")

        answers = []

        def tell(other):
            answers.append(notify(other, tenant, customer, "python-6", key="told python-6"))
            if len(answers) == 1:  # stored, but the connection breaks before the application knows
                other.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return answers[-1]
        again(tell)
        print("again", len(answers), len(set(answers)))

        try:  # every mistake has its SQLSTATE, what is wrong, and often what to do
            conn.execute(NOTIFY, {"tenant": tenant, "user": customer, "type": "BOOKING_CREATED", "key": None,
                                  "title": "Your booking", "message": "At ten.", "data": Jsonb({"bookingId": "python-5"})})
        except psycopg.DatabaseError as error:
            print(f"refused: {error.sqlstate} {error.diag.message_primary}")

        items = [Jsonb({"tenant": tenant, "user": customer, "type": "SESSION_REMINDER", "title": f"Tomorrow at {hour}",
                        "message": "See you there.", "dedup_key": f"python reminder {hour}",
                        "data": {"sessionId": f"s-{hour}", "startsAt": f"2026-12-01T{hour}:00:00Z"}}) for hour in range(10, 20)]
        with conn.transaction():  # all or nothing
            ids = conn.execute("SELECT nightbell.notify_many(%s::jsonb[])", (items,)).fetchall()
        print("batch", len(ids), len({row[0] for row in ids}))

        items[3] = Jsonb({"tenant": tenant, "user": customer, "type": "SESSION_REMINDER", "title": "", "message": "x"})
        outcome = conn.execute("SELECT ordinal, id, sqlstate, message FROM nightbell.produce_many('notify', %s::jsonb[])",
                               (items,)).fetchall()  # each for itself
        for ordinal, _, sqlstate, message in outcome:
            if sqlstate:
                print(f"item {ordinal}: {sqlstate} {message}")

        for exit_code in (1, 137):  # the second is the same event once more
            event = conn.execute("""SELECT nightbell.raise_event('job_failure', 'high', 'nightly export failed', %s,
                                        tenant => %s, fingerprint => 'python export', source => 'shop')""",
                                 (Jsonb({"exit": exit_code}), tenant)).fetchone()[0]
        print("event", event)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], sys.argv[2])
    except psycopg.Error as failure:
        sys.exit(f"produce.py: {failure}")
