import { mkdir, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface LockTimes {
  /** How often a holder shows that it lives. */
  heartbeatMs: number
  /** A lock without a heartbeat for so long belongs to a process that died. */
  staleMs: number
  /** Give up waiting after this. */
  waitMs: number
}
const DEFAULT_TIMES: LockTimes = { heartbeatMs: 2_000, staleMs: 15_000, waitMs: 30 * 60_000 }

/**
 * Runs `work` while this process holds the folder `path` as a lock; others wait for it.
 * A heartbeat, not a process id, tells a dead holder: ids are reused, and mean nothing across containers.
 * Two processes that clear the same stale lock in the same moment may both get it. The work it
 * guards must therefore be safe to do twice; the lock only saves the time.
 * @throws Error when the lock was not free within `waitMs`
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { onWait?: () => void; times?: LockTimes } = {},
): Promise<T> {
  const times = options.times ?? DEFAULT_TIMES
  await acquire(path, times, options.onWait)
  const heartbeat = setInterval(() => {
    const now = new Date()
    // A missing folder means that another process took us for dead; the work is safe to do twice.
    utimes(path, now, now).catch(() => {})
  }, times.heartbeatMs)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    await rm(path, { recursive: true, force: true })
  }
}

async function acquire(path: string, times: LockTimes, onWait?: () => void): Promise<void> {
  const pollMs = Math.min(500, times.heartbeatMs)
  const attempts = Math.ceil(times.waitMs / pollMs)
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await tryMkdir(path)) return
    if (await isStale(path, times.staleMs)) {
      await rm(path, { recursive: true, force: true })
      continue
    }
    if (attempt === 0) onWait?.()
    await sleep(pollMs)
  }
  throw new Error(`another process has held ${path} for ${times.waitMs / 1000} s; remove it if none is running`)
}

async function tryMkdir(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isStale(path: string, staleMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > staleMs
  } catch {
    return false // it was just released: the next attempt decides
  }
}
