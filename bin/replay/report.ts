import type { Allocation } from './allocation.ts'
import type { ReplayResult } from './replay.ts'
import type { Spread } from './summary.ts'

const BAR = 40
const REFUSALS_SHOWN = 5

/** What a person reads at the end of a replay. @param gpus of the whole cluster */
export function reportOf(result: ReplayResult, gpus: number): string {
  const { pods, refused, jobs, allocation, exports, requests, verdict } = result
  const phases = Object.entries(jobs.byPhase).map(([phase, count]) => `${count} ${phase}`)
  return [
    `Jobs: ${phases.join(', ')}; ${refused.length} of ${pods} pods refused`,
    ...refused.slice(0, REFUSALS_SHOWN).map(({ pod, code, message }) => `  ${pod}: ${code}: ${message}`),
    'Waits from submission to admission:',
    ...Object.entries(jobs.waitsByClass).map(([name, waits]) => `  ${waitsLine(name, waits)}`),
    `GPUs held over time (of ${gpus}):`,
    ...allocation.map((part) => `  ${allocationLine(part, gpus)}`),
    `Requests through the gateway: ${requests}`,
    'Exports:',
    ...exports.map(
      ({ tenant, rows, gpuSeconds, cost, currency, path }) =>
        `  ${tenant}: ${rows} rows, ${gpuSeconds} GPU-seconds, ${cost} ${currency}, ${path}`,
    ),
    verdict.passed ? 'The ledger and the cluster agree:' : 'THE REPLAY FAILED:',
    ...verdict.findings.map(({ holds, text }) => `  ${holds ? 'ok  ' : 'NOT '} ${text}`),
    '',
  ].join('\n')
}

function waitsLine(name: string, { jobs, p50, p90, p99, max }: Spread): string {
  const seconds = (value: number) => `${value.toFixed(0)} s`.padStart(9)
  return `${name.padEnd(12)} ${String(jobs).padStart(6)} jobs   p50 ${seconds(p50)}   p90 ${seconds(p90)}   p99 ${seconds(p99)}   max ${seconds(max)}`
}

function allocationLine({ startMs, gpus: held }: Allocation, gpus: number): string {
  const bar = '█'.repeat(gpus === 0 ? 0 : Math.round((held / gpus) * BAR))
  return `${new Date(startMs).toISOString().slice(0, 16)}  ${held.toFixed(1).padStart(8)}  ${bar}`.trimEnd()
}
