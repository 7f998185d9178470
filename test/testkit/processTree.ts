import { readdir, readFile } from 'node:fs/promises'
import { signal } from '../../platform/postgres/postmaster.ts'

/**
 * kill -9 of a process and of all that descend from it, also of those in sessions of their own, as
 * Postgres is. The root is stopped first, so that it starts nothing while we look for its children.
 */
export async function killTree(root: number): Promise<void> {
  signal(root, 'SIGSTOP')
  for (const pid of await descendantsOf(root)) signal(pid, 'SIGKILL')
  signal(root, 'SIGKILL')
}

/** Children before their parents' later siblings; a process that ends meanwhile is left out. Linux only, by /proc. */
export async function descendantsOf(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = new Map(await Promise.all(pids.map(async (pid) => [pid, await parentOf(pid)] as const)))
  const found = [root]
  for (const parent of found) found.push(...pids.filter((pid) => parents.get(pid) === parent))
  return found.slice(1)
}

/** The command's name stands in parentheses and may hold anything; after it come state and parent. */
async function parentOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return Number(/^.*\) \S (\d+)/s.exec(stat)?.[1] ?? NaN) || null
}
