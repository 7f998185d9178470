import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate as immediate } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { testPostgres } from '../../test/testkit/database.ts'
import { openDatabase } from './database.ts'

const WORKERS = 12
const CUTS = 6
const BETWEEN_CUTS = 20

/** Between clients and a server; `cut` ends all connections as a killed server does: some with a reset. */
async function proxyTo(server: { host: string; port: number }): Promise<{ port: number; cut(): void }> {
  const { host, port } = server
  const open = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    open.add(client)
    client.once('close', () => {
      open.delete(client)
      upstream.destroy()
    })
    for (const socket of [client, upstream]) socket.on('error', () => {})
    upstream.once('close', () => client.destroy())
    client.pipe(upstream).pipe(client)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  return {
    port: (proxy.address() as AddressInfo).port,
    cut() {
      for (const [index, client] of [...open].entries()) index % 2 === 0 ? client.destroy() : client.resetAndDestroy()
    },
  }
}

test('a server that is lost amid transactions costs those alone: none hangs, none disturbs another, and the program lives', async () => {
  const server = await testPostgres()
  const connection = server.connection('sluice_tenants')
  const proxy = await proxyTo(connection)
  const database = openDatabase({
    subgraph: 'tenants',
    connection: { ...connection, host: '127.0.0.1', port: proxy.port },
    maxConnections: 4,
    notify() {},
  })
  onTestFinished(() => database.close())

  let done = 0
  let failed = 0
  let isOver = false
  onTestFinished(() => {
    isOver = true
  })
  async function work(worker: number): Promise<void> {
    for (let number = 0; !isOver; number += 1) {
      const expected = worker * 1_000_000 + number
      try {
        const seen = await database[number % 2 === 0 ? 'read' : 'write']({ role: 'ingest' }, async (tx) => {
          const [[first], [second]] = await Promise.all([
            tx.execute<{ n: number }>(sql`select ${expected}::int as n`),
            tx.execute<{ n: number }>(sql`select ${expected}::int as n, pg_sleep(0.001)`),
          ])
          const [third] = await tx.execute<{ n: number }>(sql`select ${expected}::int as n`)
          return [first?.n, second?.n, third?.n]
        })
        expect(seen).toEqual([expected, expected, expected])
        done += 1
      } catch (error) {
        // Not asserted by its words: a connection is lost in as many ways as there are moments.
        if (!(error instanceof Error && 'code' in error)) throw error
        failed += 1
        await immediate()
      }
    }
  }
  const working = Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)))
  for (let cut = 0; cut < CUTS; cut += 1) {
    const before = done
    await expect.poll(() => done, { timeout: 10_000 }).toBeGreaterThan(before + BETWEEN_CUTS)
    proxy.cut()
  }
  isOver = true
  await working
  expect(failed).toBeGreaterThan(0)
})
