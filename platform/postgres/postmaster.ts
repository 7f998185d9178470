import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** How long a server gets to end: by request, then by order (its next start then recovers from the log). */
export const FAST_STOP_MS = 4_000
const IMMEDIATE_STOP_MS = 4_000
const POLL_MS = 10

/**
 * Finds a live server on a data folder. A process counts only if its command line names both Postgres and
 * this folder: the number in postmaster.pid may by now belong to anybody.
 * @returns its process id, or null
 */
export async function findPostmaster(postgresData: string): Promise<number | null> {
  const file = await readPidFile(postgresData)
  return file !== null && (await isPostmasterOf(file.pid, postgresData)) ? file.pid : null
}

/** Where the server that runs on a data folder and takes connections has its socket; null where there is none. */
export async function socketDirOf(postgresData: string): Promise<string | null> {
  const pid = await findPostmaster(postgresData)
  const file = await readPidFile(postgresData)
  return file !== null && file.pid === pid && file.status === 'ready' ? file.socketDir : null
}

/** Whether the server with this process id has written that it takes connections. */
export async function isReady(pid: number, postgresData: string): Promise<boolean> {
  const file = await readPidFile(postgresData)
  return file !== null && file.pid === pid && file.status === 'ready'
}

/**
 * Ends a server: sessions are cut, open transactions rolled back, then a clean shutdown.
 * @param isGone tells whether it has ended
 * @throws Error if it survives even SIGKILL, which only a hanging disk can cause
 */
export async function endPostmaster(pid: number, isGone: () => boolean | Promise<boolean>): Promise<void> {
  signal(pid, 'SIGINT')
  if (await holdsWithin(FAST_STOP_MS, isGone)) return
  signal(pid, 'SIGQUIT')
  if (await holdsWithin(IMMEDIATE_STOP_MS, isGone)) return
  signal(pid, 'SIGKILL')
  if (await holdsWithin(IMMEDIATE_STOP_MS, isGone)) return
  throw new Error(`Postgres (process ${pid}) does not end`)
}

/** Ends a server that another process of ours left behind. */
export async function endOrphan(pid: number, postgresData: string): Promise<void> {
  await endPostmaster(pid, async () => !(await isPostmasterOf(pid, postgresData)))
}

/**
 * After a crash the number in postmaster.pid may belong to an unrelated process of the same user, and
 * Postgres would refuse to start as long as that lives. Postgres takes its parent's number for stale, so
 * we put ours there. The rest of the file must stay: from it Postgres finds the shared memory that
 * children of the dead server may still be using.
 * Call it only when `findPostmaster` has found nobody.
 */
export async function disownStalePidFile(postgresData: string): Promise<void> {
  const path = join(postgresData, 'postmaster.pid')
  const content = await readFile(path, 'utf8').catch(() => null)
  if (content === null) return
  await writeFile(path, content.replace(/^.*/, String(process.pid)), { flag: 'r+' })
}

/** @returns whether the condition came to hold in time */
export async function holdsWithin(ms: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + ms
  while (performance.now() < deadline) {
    if (await condition()) return true
    await delay(POLL_MS)
  }
  return condition()
}

async function readPidFile(postgresData: string): Promise<{ pid: number; socketDir: string; status: string } | null> {
  const content = await readFile(join(postgresData, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = content.split('\n')
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid <= 1) return null
  return { pid, socketDir: (lines[4] ?? '').trim(), status: (lines[7] ?? '').trim() }
}

async function isPostmasterOf(pid: number, postgresData: string): Promise<boolean> {
  return (await commandLine(pid)).includes(`/postgres -D ${postgresData} `)
}

/** Empty for a process that has ended, also for one that nobody has yet collected. */
async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return words.replaceAll('\0', ' ')
  }
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
