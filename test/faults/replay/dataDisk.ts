import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished, type TestContext } from 'vitest'
import { startPostgres } from '../../../platform/postgres/launcher.ts'
import { smallDisk } from '../../../platform/postgres/testkit/smallDisk.ts'
import { about, ask, codesOf } from '../../testkit/answers.ts'

/** The disk that Postgres has its data on, filled up as by somebody else's files. */
export interface DataDisk {
  readonly dataDir: string
  /**
   * Where the log of changes (pg_wal) lies: on a full disk of its own data a server refuses what needs
   * more room and goes on; without room for its log it ends.
   */
  readonly log: LogPlace
  fill(): Promise<void>
  empty(): Promise<void>
}
export type LogPlace = 'elsewhere' | 'on the same disk'

const MEGABYTES = 300

/** Skips the test where no disk can be mounted. */
export async function dataDisk(t: TestContext, log: LogPlace): Promise<DataDisk> {
  const dataDir = await smallDisk(t, MEGABYTES)
  if (log === 'elsewhere') await moveLog(dataDir)
  const filler = join(dataDir, 'filler')
  return {
    dataDir,
    log,
    async fill() {
      const { bavail, bsize } = await statfs(dataDir)
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => {}) // what fits is written
    },
    empty: () => rm(filler),
  }
}

async function moveLog(dataDir: string): Promise<void> {
  const server = await startPostgres({ dataDir })
  await server.stop()
  const folder = await mkdtemp(join(tmpdir(), 'sluice-wal-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o711) // Postgres runs as another user
  const [from, to] = [join(dataDir, 'postgres', 'pg_wal'), join(folder, 'pg_wal')]
  await promisify(execFile)('cp', ['-a', from, to])
  await rm(from, { recursive: true })
  await symlink(to, from)
}

const MAX_WRITES = 5_000
const WRITE = `mutation Write($input: CreateTenantInput!) {
  createTenant(input: $input) { tenant { id } userErrors { code } }
}`
interface Written {
  createTenant: { tenant: object | null } | null
}
const READS = [
  '{ tenants { edges { node { id } } } }',
  '{ jobs { totalCount } }',
  '{ queues { edges { node { id } } } }',
]

/**
 * Writes until that is refused for want of room.
 * @throws Error where it is refused in another way, or a server whose log has room does not let itself be read
 */
export async function expectRefusedWrites(url: string, operatorToken: string, { log }: DataDisk): Promise<void> {
  for (let number = 0; ; number += 1) {
    if (number === MAX_WRITES) throw new Error(`The disk took ${MAX_WRITES} tenants and was never full.`)
    const slug = `full${randomUUID().slice(0, 8)}`
    const answer = await ask<Written>(url, operatorToken, WRITE, { input: { slug, name: slug } })
    const codes = codesOf(answer)
    if (answer.data?.createTenant?.tenant) continue
    if (codes.join() !== 'SERVICE_UNAVAILABLE') throw new Error(`On a full disk: ${about(answer)}`)
    break
  }
  if (log === 'on the same disk') return
  for (const query of READS) {
    const answer = await ask(url, operatorToken, query)
    if (codesOf(answer).length > 0) throw new Error(`A full disk can be read, but: ${about(answer)}`)
  }
}
