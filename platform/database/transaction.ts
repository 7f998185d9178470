import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { SubgraphName } from '../link/protocol.ts'
import { type Connection, sqlState, withKnownErrors } from './connection.ts'
import type { Actor, AfterCommit, Tx } from './database.ts'

interface RunOptions<T> {
  subgraph: SubgraphName
  client: pg.PoolClient
  begin: string
  actor: Actor
  committed: Set<AfterCommit>
  run: (tx: Tx) => Promise<T>
}

/** One transaction on a connection of the pool, which has it back at the end. */
export async function runTransaction<T>({ subgraph, client, begin, actor, committed, run }: RunOptions<T>): Promise<T> {
  let isOver = false
  const { tx, failure } = openTx({
    subgraph,
    client,
    afterCommit: (what) => committed.add(what),
    isOver: () => isOver,
  })
  // Not waited for: they go out together with the first statement, which Postgres runs after them or not at all.
  const opening = Promise.all([client.query(begin), tx.execute(becomeActor(subgraph, actor))])
  opening.catch(() => {})
  try {
    const result = await run(tx)
    await opening
    isOver = true
    const { command } = await withKnownErrors(client.query('commit'))
    // So Postgres ends a transaction of which a statement failed, whether or not anybody minded.
    if (command !== 'COMMIT') throw failure() ?? new Error('the transaction was rolled back instead of committed')
    client.release()
    return result
  } catch (error) {
    isOver = true
    const isBack = await client.query('rollback').then(
      () => true,
      () => false,
    )
    client.release(!isBack || isOutdated(error))
    throw error
  }
}

/** A statement that was prepared before a migration changed what it returns fails on its connection for good. */
function isOutdated(error: unknown): boolean {
  return sqlState(error) === '0A000'
}

const dialect = new PgDialect()

/**
 * Statements are prepared once per connection: parsing and planning cost more than most of ours. There are
 * as many texts as the code has, since values are parameters.
 */
const statementNames = new Map<string, string>()

function nameOf(text: string): string {
  const known = statementNames.get(text)
  if (known !== undefined) return known
  const name = `s${statementNames.size}`
  statementNames.set(text, name)
  return name
}

interface OpenTransaction {
  subgraph: SubgraphName
  client: Connection
  afterCommit(what: AfterCommit): void
  isOver(): boolean
}

/** Of a connection that is in a transaction already, as whoever it is: for restoring, which comes before the actors. */
export function txOn(client: Connection, subgraph: SubgraphName): Tx {
  return openTx({ subgraph, client, afterCommit: () => {}, isOver: () => false }).tx
}

/** `failure`: of the first statement that failed, unless that was undone. */
function openTx({ subgraph, client, afterCommit, isOver }: OpenTransaction): { tx: Tx; failure(): Error | null } {
  let failed: Error | null = null
  let savepoints = 0

  async function send<Row extends Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]> {
    // It would become part of the connection's next transaction.
    if (isOver()) throw new Error('a statement was sent after its transaction had ended')
    try {
      const statement = values ? { name: nameOf(text), text, values } : text
      return (await withKnownErrors(client.query<Row>(statement))).rows
    } catch (error) {
      failed ??= error as Error
      throw error
    }
  }

  function txOf(after: (what: AfterCommit) => void): Tx {
    return {
      subgraph,
      execute<Row extends Record<string, unknown>>(query: SQL) {
        const { sql: text, params } = dialect.sqlToQuery(query)
        const rows = send<Row>(text, params)
        rows.catch(() => {}) // whether or not it is waited for: the transaction fails with it
        return rows
      },
      async attempt(run) {
        const committed: AfterCommit[] = []
        savepoints += 1
        const name = `attempt_${savepoints}`
        await send(`savepoint ${name}`)
        const before = failed
        let result: Awaited<ReturnType<typeof run>>
        try {
          result = await run(txOf((what) => committed.push(what)))
          await send(`release ${name}`)
        } catch (error) {
          await send(`rollback to ${name}`)
          failed = before
          throw error
        }
        for (const what of committed) after(what)
        return result
      },
      afterCommit: after,
    }
  }
  return { tx: txOf(afterCommit), failure: () => failed }
}

/** One statement, so that it costs one round trip. A member's tenant id is quoted by Postgres itself. */
function becomeActor(subgraph: SubgraphName, actor: Actor): SQL {
  const tenant = actor.role === 'app' ? actor.tenantId : ''
  return sql`select set_config('role', ${`${subgraph}_${actor.role}`}, true), set_config('sluice.tenant_id', ${tenant}, true)`
}
