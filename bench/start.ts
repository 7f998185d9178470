/**
 * How long `npm start` takes to be ready on a fresh and on a used data folder, and the memory of the
 * whole process tree (PSS, Postgres included) once it has run its first job and rested.
 *
 *   node bench/start.ts [--json] [--runs N]
 *
 * Budget: ready ≤ 6 s on a fresh folder; ≤ 600 MB. Linux only: PSS is read from /proc.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { descendantsOf } from '../test/testkit/processTree.ts'
import { runProgram } from '../test/testkit/program.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
})

const runs: Record<'freshSeconds' | 'usedSeconds' | 'pssMiB' | 'stopSeconds', number>[] = []
for (let run = 0; run < Number(values.runs); run += 1) {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const fresh = await measure(dataDir, /Every interval, priced/)
  const again = await measure(dataDir, /Ctrl-C stops/)
  runs.push({
    freshSeconds: fresh.readySeconds,
    usedSeconds: again.readySeconds,
    pssMiB: fresh.pssMiB,
    stopSeconds: fresh.stopSeconds,
  })
  await rm(dataDir, { recursive: true, force: true })
}
const result = {
  bench: 'start',
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  node: process.version,
  median: Object.fromEntries(
    (['freshSeconds', 'usedSeconds', 'pssMiB', 'stopSeconds'] as const).map((figure) => [
      figure,
      median(runs.map((run) => run[figure])),
    ]),
  ),
  runs,
}
console.log(values.json ? JSON.stringify(result, null, 2) : result)

/** Starts the program, waits until it says `settled`, and stops it as Ctrl-C does. */
async function measure(dataDir: string, settled: RegExp) {
  const startedMs = performance.now()
  const program = runProgram(['up'], { SLUICE_DATA: dataDir, SLUICE_PORT: '0' })
  await program.says(/Sluice is ready/)
  const readySeconds = secondsSince(startedMs)
  await program.says(settled)
  const pids = [program.pid, ...(await descendantsOf(program.pid))]
  const pssMiB = Math.round(pids.reduce((sum, pid) => sum + pssKiB(pid), 0) / 1024)
  const stoppingMs = performance.now()
  await program.interrupt()
  return { readySeconds, pssMiB, stopSeconds: secondsSince(stoppingMs) }
}

/** Proportional set size: memory shared between processes counts once, in parts. */
function pssKiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1] ?? 0)
}

function secondsSince(startMs: number): number {
  return Math.round((performance.now() - startMs) / 10) / 100
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
