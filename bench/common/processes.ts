import { readFile } from 'node:fs/promises'
import { setInterval as every } from 'node:timers/promises'
import { descendantsOf } from '../../test/testkit/processTree.ts'

/** Of the kernel's clock, which every Linux gives in hundredths. */
const TICKS_PER_SECOND = 100

/** CPU that a process has used since it began; Linux only, by /proc. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The command's name stands in parentheses and may hold anything; what comes after it has no others.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Proportional set size: memory shared between processes counts once, in parts. */
export async function pssMiB(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0) / 1024
}

/** The process among those that descend from this one that runs such a program. */
export async function childNamed(name: string): Promise<number> {
  for (const pid of await descendantsOf(process.pid)) {
    // The kernel keeps 15 characters of a name.
    const comm = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    if (comm.trim() === name.slice(0, 15)) return pid
  }
  throw new Error(`no ${name} runs below this process`)
}

/** What processes use from now on, until it is asked for. */
export async function meterProcesses<N extends string>(pids: Readonly<Record<N, number>>) {
  const names = Object.keys(pids) as N[]
  const cpuNow = async () =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await cpuSecondsOf(pids[name])])))
  const before: Record<N, number> = await cpuNow()
  const peakPssMiB = Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>
  const stopping = new AbortController()
  const sampling = sample().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error
  })

  async function sample(): Promise<void> {
    for await (const _ of every(SAMPLE_MS, null, { signal: stopping.signal })) await look()
  }
  async function look(): Promise<void> {
    for (const name of names) peakPssMiB[name] = Math.max(peakPssMiB[name], Math.round(await pssMiB(pids[name])))
  }

  return {
    async stop(): Promise<{ cpuSeconds: Record<N, number>; peakPssMiB: Record<N, number> }> {
      stopping.abort()
      await sampling
      await look()
      const after: Record<N, number> = await cpuNow()
      const used = names.map((name) => [name, Math.round(10 * (after[name] - before[name])) / 10])
      return { cpuSeconds: Object.fromEntries(used), peakPssMiB }
    },
  }
}

const SAMPLE_MS = 1_000
