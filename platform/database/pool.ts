import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { SubgraphName } from '../link/protocol.ts'
import { type ConnectionOptions, clientConfig } from './connection.ts'

export interface PoolOptions {
  subgraph: SubgraphName
  connection: ConnectionOptions
  maxConnections: number
}

export interface Pool {
  pool: pg.Pool
  /** Waits a while for what is under way, and then breaks it off. May be called again. */
  close(): Promise<void>
}

/** What is under way never ends where the server is gone; a program that stops has less than five seconds in all. */
const CLOSE_WITHIN_MS = 2_000
/** What a session of Postgres has cached of tables and plans grows with its age. */
const MAX_AGE_SECONDS = 1_800

/** The connections of one subgraph. One that is lost is never used again. */
export function openPool({ subgraph, connection, maxConnections }: PoolOptions): Pool {
  const sockets = new Set<Socket>()
  const pool = new pg.Pool({
    ...clientConfig(connection),
    max: maxConnections,
    idleTimeoutMillis: 0,
    maxLifetimeSeconds: MAX_AGE_SECONDS,
    application_name: `sluice-${subgraph}`,
    options: `-c search_path=${subgraph},pg_catalog`,
    // A transaction sends several statements without waiting for each answer.
    pipeline: true,
    stream() {
      const socket = new Socket()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return socket
    },
  })
  pool.on('error', () => {}) // an idle connection was lost: the next one is new
  pool.on('connect', (client) => void client.on('error', () => {})) // whoever uses it has had the error of a statement

  async function end(): Promise<void> {
    await Promise.race([pool.end(), wait(CLOSE_WITHIN_MS, undefined, { ref: false })])
    for (const socket of sockets) socket.destroy()
  }
  let ended: Promise<void> | undefined
  return {
    pool,
    close() {
      ended ??= end()
      return ended
    },
  }
}
