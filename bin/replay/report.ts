import { Decimal } from 'decimal.js'
import type { CheckedExport, Interval } from './exports.ts'
import type { ReplayResult } from './replay.ts'

const BUCKETS = 20
const BAR = 40

/** What a person reads at the end of a replay. */
export function reportOf({ submitted, refused, jobs, exports, requests, verdict }: ReplayResult, gpus: number): string {
  const waits = Object.entries(jobs.waitsByClass).map(
    ([name, { jobs: count, p50, p90, p99, max }]) =>
      `  ${name.padEnd(12)} ${String(count).padStart(6)} jobs   p50 ${seconds(p50)}   p90 ${seconds(p90)}   p99 ${seconds(p99)}   max ${seconds(max)}`,
  )
  const intervals = exports.flatMap((each) => each.intervals)
  return [
    `Jobs: ${Object.entries(jobs.byPhase)
      .map(([phase, count]) => `${count} ${phase}`)
      .join(', ')}; ${refused.length} of ${submitted} refused`,
    ...refused.slice(0, 5).map(({ pod, code, message }) => `  ${pod}: ${code}: ${message}`),
    'Waits from submission to admission:',
    ...waits,
    `GPUs held over time (of ${gpus}):`,
    ...allocationOverTime(intervals).map(
      ({ at, held }) =>
        `  ${at}  ${held.toFixed(1).padStart(8)}  ${'█'.repeat(gpus === 0 ? 0 : Math.round((held / gpus) * BAR))}`,
    ),
    `Requests through the gateway: ${requests}`,
    'Exports:',
    ...exports.map((each) => `  ${exportLine(each)}`),
    verdict.passed ? 'The ledger and the cluster agree:' : 'THE REPLAY FAILED:',
    ...verdict.findings.map(({ holds, text }) => `  ${holds ? 'ok  ' : 'NOT '} ${text}`),
    '',
  ].join('\n')
}

function exportLine({ tenant, rows, gpuSeconds, cost, currency, path }: CheckedExport): string {
  return `${tenant}: ${rows} rows, ${gpuSeconds} GPU-seconds, ${cost} ${currency}, ${path}`
}

/** Mean of the GPUs held in each part of the whole time, from the intervals themselves. */
function allocationOverTime(intervals: readonly Interval[]): { at: string; held: number }[] {
  const startMs = intervals.reduce((least, each) => Math.min(least, each.startMs), Number.POSITIVE_INFINITY)
  const endMs = intervals.reduce((most, each) => Math.max(most, each.endMs), 0)
  if (endMs <= startMs) return []
  const widthMs = (endMs - startMs) / BUCKETS
  const heldMs = new Array<number>(BUCKETS).fill(0)
  for (const interval of intervals) {
    const share = new Decimal(interval.share).toNumber()
    const first = Math.floor((interval.startMs - startMs) / widthMs)
    for (let bucket = first; bucket < BUCKETS && startMs + bucket * widthMs < interval.endMs; bucket += 1) {
      const from = Math.max(interval.startMs, startMs + bucket * widthMs)
      const to = Math.min(interval.endMs, startMs + (bucket + 1) * widthMs)
      heldMs[bucket] = (heldMs[bucket] ?? 0) + Math.max(0, to - from) * share
    }
  }
  return heldMs.map((held, bucket) => ({
    at: new Date(startMs + bucket * widthMs).toISOString().slice(0, 16),
    held: held / widthMs,
  }))
}

function seconds(value: number): string {
  return `${value.toFixed(0)} s`.padStart(9)
}
