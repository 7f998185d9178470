import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from '../launcher.ts'
import { findPostmaster, holdsWithin } from '../postmaster.ts'
import type { HolderReport } from './holder.ts'

export const isRoot = process.getuid?.() === 0

/** A data folder that is gone after the test, with whatever server still runs on it. */
export async function freshDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-postgres-'))
  await chmod(dataDir, 0o711) // for folders below it, which another user must reach when root runs the tests
  onTestFinished(async () => {
    await killPostmaster(dataDir)
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  return dataDir
}

/** Starts a server that the end of the test stops. */
export async function start(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startPostgres(options)
  onTestFinished(() => server.stop())
  return server
}

export async function query(
  { socketDir }: { socketDir: string },
  statement: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ host: socketDir, port: 5432, user: 'postgres', database: 'postgres' })
  client.on('error', () => {}) // a test may cut the connection; the statement fails with it
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

/** Waits until another session runs pg_sleep: whatever it did before that has happened. */
export async function untilAsleep(server: { socketDir: string }): Promise<void> {
  await query(
    server,
    `do $$ begin
       for attempt in 1..500 loop
         exit when exists (select from pg_stat_activity where wait_event = 'PgSleep' and pid <> pg_backend_pid());
         perform pg_stat_clear_snapshot();
         perform pg_sleep(0.01);
       end loop;
     end $$`,
  )
}

/** Where a server that this process started takes connections. */
export function socketOf(server: EmbeddedPostgres): { socketDir: string } {
  return { socketDir: server.host }
}

export interface Holder {
  process: ChildProcess
  report: Promise<HolderReport>
}

/** Runs the launcher in a process, and process group, of its own. */
export function hold(dataDir: string, options: { fallbackDir?: string; identity?: Identity } = {}): Holder {
  const child = fork(new URL('./holder.ts', import.meta.url), [dataDir, options.fallbackDir ?? ''], {
    execArgv: [],
    detached: true,
    cwd: '/',
    ...options.identity,
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const report = Promise.race([once(child, 'message'), once(child, 'exit').then(diedSilently)]).then(
    ([message]) => message as HolderReport,
  )
  report.catch(() => {}) // a test that kills it before it reports does not wait for this
  return { process: child, report }
}

function diedSilently([code, signal]: unknown[]): never {
  throw new Error(`The program under test ended without a report (${code ?? signal})`)
}

export interface Identity {
  uid: number
  gid: number
}

export async function holdStarted(
  ...args: Parameters<typeof hold>
): Promise<{ process: ChildProcess; report: Extract<HolderReport, { kind: 'started' }> }> {
  const holder = hold(...args)
  const report = await holder.report
  if (report.kind === 'refused') throw new Error(`${report.code}: ${report.message} ${report.fix}`)
  return { process: holder.process, report }
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

/** kill -9 of the server itself; its children notice by themselves. */
export async function killPostmaster(dataDir: string): Promise<void> {
  const data = join(dataDir, 'postgres')
  const pid = await findPostmaster(data)
  if (pid === null) return
  process.kill(pid, 'SIGKILL')
  await holdsWithin(5_000, async () => (await findPostmaster(data)) === null)
}
