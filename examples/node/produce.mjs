#!/usr/bin/env node
// Producing from Node with pg, inside the application's own transactions.
//
//     npm ci && node produce.mjs TENANT CUSTOMER     two UUIDs; the database as in libpq (PGHOST, PGDATABASE, PGUSER ...)
//
// shop.sql makes the table and the login that this works with.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

// One notification in the transaction that is open; its id, or that of the one with the same key.
async function notify(client, tenant, user, booking, { key = null, type = 'BOOKING_CREATED', data } = {}) {
    const { rows } = await client.query(
        'SELECT nightbell.notify($1, $2, $3, $4, $5, $6::jsonb, dedup_key => $7) AS id',
        [tenant, user, type, `Your booking ${booking}`, 'Tuesday at ten is yours.',
            JSON.stringify(data ?? { bookingId: booking, sessionId: 's-4' }), key])
    return rows[0].id
}

// Both halves of act, or neither: begin, and commit or roll back. On one client, not on the pool: a pool's queries may go out
// on different connections.
async function transaction(client, act) {
    await client.query('BEGIN')
    try {
        const result = await act()
        await client.query('COMMIT')
        return result
    } catch (error) {
        await client.query('ROLLBACK')
        throw error
    }
}

function book(client, tenant, customer, booking, seats = 1) {
    return transaction(client, async () => {
        await client.query("INSERT INTO shop.booking VALUES ($1, $2, 's-4', $3)", [booking, customer, seats])
        return notify(client, tenant, customer, booking, { key: `booked ${booking}` })
    })
}

// The booking must stand even when nobody can be told: a savepoint keeps the one apart from the other.
function bookWhateverHappens(client, tenant, customer, booking) {
    return transaction(client, async () => {
        await client.query("INSERT INTO shop.booking VALUES ($1, $2, 's-4', 1)", [booking, customer])
        await client.query('SAVEPOINT telling')
        try {
            await notify(client, tenant, customer, booking, { type: 'NO_SUCH_TYPE' })
        } catch (error) {
            await client.query('ROLLBACK TO SAVEPOINT telling')
            console.log(`not notified: ${error.code} ${error.message}`)
        }
    })
}

async function connect() {
    const client = new pg.Client({ application_name: 'shop' })
    client.on('error', () => {}) // a connection that is lost while idle: the next query says so
    await client.connect()
    return client
}

// Calls act, with a connection of its own, until it is answered. Safe when what it sends has a dedup key: that is stored once,
// however often it is sent.
async function again(act, tries = 5) {
    for (let turn = 0; ; turn++) {
        let client
        try {
            client = await connect()
            return await act(client)
        } catch (error) {
            // the connection was lost (no SQLSTATE, or class 08 and 57P), or another transaction was in the way
            const passing = !error.severity || /^(08|57P|40001|40P01)/.test(error.code)
            if (!passing || turn === tries - 1) throw error
            await pause(100 * 2 ** turn)
        } finally {
            await client?.end().catch(() => {})
        }
    }
}

async function main(tenant, customer) {
    const client = await connect()
    try {
        console.log('committed', await book(client, tenant, customer, 'node-1'))

        await book(client, tenant, customer, 'node-2', 0) // the application's own rule refuses it ...
            .catch((error) => console.log('rolled back:', error.code, error.constraint))
        await transaction(client, async () => {
            await notify(client, tenant, customer, 'node-3')
            throw new Error('the card was declined') // ... or the application itself, after the call
        }).catch((error) => console.log('rolled back:', error.message))

        await bookWhateverHappens(client, tenant, customer, 'node-4')

        const answers = []
        await again(async (other) => {
            answers.push(await notify(other, tenant, customer, 'node-6', { key: 'told node-6' }))
            if (answers.length === 1) { // stored, but the connection breaks before the application knows
                await other.query('SELECT pg_terminate_backend(pg_backend_pid())')
            }
        })
        console.log('again', answers.length, new Set(answers).size)

        // every mistake has its SQLSTATE, what is wrong, and often what to do (error.hint)
        await notify(client, tenant, customer, 'node-5', { data: { bookingId: 'node-5' } })
            .catch((error) => console.log(`refused: ${error.code} ${error.message}`))

        const items = Array.from({ length: 10 }, (_, n) => n + 10).map((hour) => JSON.stringify({
            tenant, user: customer, type: 'SESSION_REMINDER', title: `Tomorrow at ${hour}`, message: 'See you there.',
            dedup_key: `node reminder ${hour}`, data: { sessionId: `s-${hour}`, startsAt: `2026-12-01T${hour}:00:00Z` },
        }))
        const batch = await transaction(client, () => // all or nothing
            client.query('SELECT nightbell.notify_many($1::jsonb[]) AS id', [items]))
        console.log('batch', batch.rows.length, new Set(batch.rows.map((row) => row.id)).size)

        items[3] = JSON.stringify({ tenant, user: customer, type: 'SESSION_REMINDER', title: '', message: 'x' })
        const outcome = await client.query("SELECT * FROM nightbell.produce_many('notify', $1::jsonb[])", [items]) // each for itself
        for (const { ordinal, sqlstate, message } of outcome.rows) {
            if (sqlstate) console.log(`item ${ordinal}: ${sqlstate} ${message}`)
        }

        let event
        for (const exit of [1, 137]) { // the second is the same event once more
            event = await client.query(
                `SELECT nightbell.raise_event('job_failure', 'high', 'nightly export failed', $1::jsonb,
                                              tenant => $2, fingerprint => 'node export', source => 'shop') AS id`,
                [JSON.stringify({ exit }), tenant])
        }
        console.log('event', event.rows[0].id)
    } finally {
        await client.end()
    }
}

if (process.argv.length !== 4) {
    console.error('usage: node produce.mjs TENANT CUSTOMER')
    process.exit(2)
}
await main(process.argv[2], process.argv[3])
