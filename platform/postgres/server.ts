import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { cannotRun, serverEnvironment } from './cluster.ts'
import { failed, type PostgresError } from './errors.ts'
import {
  disownStalePidFile,
  endOrphan,
  endPostmaster,
  findPostmaster,
  holdsWithin,
  isReady,
  signal,
} from './postmaster.ts'
import { diagnose, openServerLog, type ServerLog } from './serverLog.ts'

export interface Launch {
  binaries: Binaries
  account: Account
  postgresData: string
  socketDir: string
  logPath: string
  /** Arguments after `-D <data>`. */
  settings: readonly string[]
  log(line: string): void
}

export interface Server {
  pid: number
  replacedOrphan: boolean
  /** Settles when it has ended: with null after `stop`, else with the reason. */
  ended: Promise<PostgresError | null>
  stop(): Promise<void>
}

/** A server that was killed leaves children behind, which notice within seconds and let go of its memory. */
const REMAINS_GO_WITHIN_MS = 10_000
const RETRY_EVERY_MS = 200

/**
 * Runs the server on a prepared data folder, first ending any that an earlier run left there.
 * The caller holds the data folder's lock.
 * @throws PostgresError
 */
export async function runServer(launch: Launch): Promise<Server> {
  const log = await openServerLog(launch.logPath)
  try {
    return await startPastRemains(launch, log)
  } catch (error) {
    await log.close()
    throw error
  }
}

async function startPastRemains(launch: Launch, log: ServerLog): Promise<Server> {
  const deadline = performance.now() + REMAINS_GO_WITHIN_MS
  let replacedOrphan = false
  for (;;) {
    const orphan = await findPostmaster(launch.postgresData)
    if (orphan !== null) {
      launch.log(`Stopping the Postgres (process ${orphan}) that an earlier run left on ${launch.postgresData}.`)
      await endOrphan(orphan, launch.postgresData)
      replacedOrphan = true
    }
    await clearRemains(launch)
    const attempt = await attemptStart(launch, log)
    if (attempt.kind === 'running') return superviseServer(attempt.child, attempt.pid, replacedOrphan, launch, log)
    if (!attempt.passing || performance.now() > deadline) throw attempt.error
    await delay(RETRY_EVERY_MS)
  }
}

/** Nobody runs here any more, so a process number or socket from before means nothing. */
async function clearRemains(launch: Launch): Promise<void> {
  await disownStalePidFile(launch.postgresData)
  for (const name of await readdir(launch.socketDir)) {
    if (name.startsWith('.s.PGSQL.')) await rm(join(launch.socketDir, name), { force: true })
  }
}

type Attempt =
  | { kind: 'running'; child: ChildProcess; pid: number }
  | { kind: 'ended'; error: PostgresError; passing: boolean }

/** Long enough to replay all the log that `max_wal_size` allows, from a slow disk. */
const READY_WITHIN_MS = 60_000

async function attemptStart(launch: Launch, log: ServerLog): Promise<Attempt> {
  const offsetBytes = await log.sizeBytes()
  const { child, pid } = await spawnPostmaster(launch, log)
  const settled = await holdsWithin(
    READY_WITHIN_MS,
    async () => hasEnded(child) || (await isReady(pid, launch.postgresData)),
  )
  if (hasEnded(child)) {
    return { kind: 'ended', ...diagnose(await log.linesSince(offsetBytes), launch.postgresData) }
  }
  if (settled) return { kind: 'running', child, pid }
  await endPostmaster(pid, () => hasEnded(child))
  const lines = (await log.linesSince(offsetBytes)).slice(-5)
  const error = failed(
    `Postgres did not get ready within ${READY_WITHIN_MS / 1000} s.`,
    'Start again; recovery goes on from where it was. If the disk is very slow, choose another data folder.',
    lines,
  )
  return { kind: 'ended', error, passing: false }
}

async function spawnPostmaster(launch: Launch, log: ServerLog): Promise<{ child: ChildProcess; pid: number }> {
  const { postgres } = launch.binaries
  const child = spawn(postgres, ['-D', launch.postgresData, ...launch.settings], {
    cwd: '/', // ours may be closed to the account
    detached: true, // a session of its own: the terminal's Ctrl-C does not reach it
    stdio: ['ignore', log.descriptor, log.descriptor],
    env: serverEnvironment(),
    ...launch.account.identity,
  })
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw cannotRun(postgres, launch.account, error as NodeJS.ErrnoException)
  }
  child.unref()
  return { child, pid: child.pid as number }
}

function superviseServer(
  child: ChildProcess,
  pid: number,
  replacedOrphan: boolean,
  launch: Launch,
  log: ServerLog,
): Server {
  let stopping: Promise<void> | null = null
  // Should we exit without `stop`, the server at least ends cleanly; only a kill -9 of ours makes an orphan.
  const endWithUs = () => signal(pid, 'SIGINT')
  process.once('exit', endWithUs)

  const ended = Promise.withResolvers<PostgresError | null>()
  const whenEnded = async () => {
    process.off('exit', endWithUs)
    const lines = stopping === null ? await log.linesSince(Math.max(0, (await log.sizeBytes()) - 4096)) : []
    await log.close()
    ended.resolve(stopping === null ? endedByItself(child, launch, lines) : null)
  }
  if (hasEnded(child)) void whenEnded()
  else child.once('exit', () => void whenEnded())

  const stop = async () => {
    if (!hasEnded(child)) await endPostmaster(pid, () => hasEnded(child))
    await ended.promise
    await rm(launch.socketDir, { recursive: true, force: true })
  }
  return {
    pid,
    replacedOrphan,
    ended: ended.promise,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

function endedByItself(child: ChildProcess, launch: Launch, lines: string[]): PostgresError {
  const { error } = diagnose(lines, launch.postgresData)
  if (error.code !== 'POSTGRES_FAILED') return error
  return failed(
    `Postgres ended by itself (${child.signalCode ?? `exit code ${child.exitCode}`}).`,
    `Start Sluice again; what was committed is kept. ${launch.logPath} says more.`,
    lines.slice(-5),
  )
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
