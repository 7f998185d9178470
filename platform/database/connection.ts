import pg from 'pg'

/** Where a database is, and as whom to log in, as node-postgres takes it. */
export interface ConnectionOptions {
  /** A name or address, or the folder of a socket. */
  host: string
  port: number
  database: string
  user?: string
  password?: string
  /** Default: no TLS. */
  ssl?: boolean | { rejectUnauthorized: boolean }
}

/** Something that takes statements: a connection of its own, or one that is lent by a pool. */
export type Connection = pg.ClientBase

/** The connection could not be made, or ended by itself. What was under way on it may have happened or not. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
  readonly code = 'CONNECTION_LOST'
}

const CONNECT_WITHIN_MS = 30_000

/** One connection, for as long as `run` takes. */
export async function withClient<T>(options: ConnectionOptions, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(clientConfig(options))
  client.on('error', () => {}) // what is under way fails with it
  try {
    await client.connect()
    return await run(client)
  } finally {
    await client.end()
  }
}

/** All or nothing of what `run` sends. Nothing else may use the connection meanwhile. */
export async function inTransaction<T>(client: Connection, begin: string, run: () => Promise<T>): Promise<T> {
  await client.query(begin)
  try {
    const result = await run()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {}) // a lost connection has rolled back by itself
    throw error
  }
}

export function clientConfig(options: ConnectionOptions): pg.ClientConfig {
  return {
    ssl: false, // else the driver would ask PGSSLMODE
    ...options,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  }
}

/**
 * What went wrong in the database or on the way to it.
 * @returns the SQLSTATE, 08006 where the connection was lost; null: it was something else
 */
export function sqlState(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof pg.DatabaseError) return at.code ?? null
    if (at instanceof ConnectionLostError) return '08006'
  }
  return null
}

/** The database is not to be had: connection trouble, no disk, no memory, shutting down. Nothing its user did. */
export function isDatabaseAway(error: unknown): boolean {
  return /^(08|53|57|58)/.test(sqlState(error) ?? '')
}

/** The driver's own errors become ConnectionLostError; those of the server stay as they are. */
export function withKnownErrors<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    if (error instanceof pg.DatabaseError) throw error
    throw new ConnectionLostError(error instanceof Error ? error.message : String(error), { cause: error })
  })
}

/**
 * Kept as Postgres writes them: a Date has no microseconds and no infinity, and numeric[] would become
 * floating-point numbers. date, timestamp, timestamptz, their arrays, interval, numeric[].
 */
const AS_TEXT = new Set([1082, 1114, 1184, 1182, 1115, 1185, 1186, 1231])

function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  return AS_TEXT.has(oid) ? String : pg.types.getTypeParser(oid, format as 'text')
}
