import { Decimal } from 'decimal.js'
import { expect } from 'vitest'
import { dataOf } from '../testkit/answers.ts'
import type { Cloud } from '../testkit/cloud.ts'
import type { CloudTenant, JobState } from '../testkit/cloudTenant.ts'
import { type IntervalRow, intervalsOf, secondsOf, sumOf } from '../testkit/intervals.ts'

/** What a client was told. */
export interface Promised {
  /** Ids of jobs, by the idempotency key they were submitted under. */
  jobs: Map<string, string>
  /** Ids of jobs whose cancellation was confirmed. */
  cancelled: Set<string>
}

const COUNT = 'query Count { jobs(first: 0) { totalCount } }'
const FINAL = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED'])

/** Every job is there once, came to one end, and was metered once. */
export async function checkStories(
  cloud: Pick<Cloud, 'ask'>,
  tenant: CloudTenant,
  { jobs, cancelled }: Promised,
): Promise<void> {
  for (const [key, id] of jobs) {
    const types = (await tenant.eventsUntil(id, 'METERED')).map(({ type }) => type)
    const story = `${key}: ${types.join(' ')}`
    expect(types[0], story).toBe('SUBMITTED')
    expect(
      types.filter((type) => FINAL.has(type)),
      story,
    ).toEqual([cancelled.has(id) ? 'CANCELLED' : 'SUCCEEDED'])
    expect(types.filter((type) => type === 'ADMITTED').length, story).toBeLessThanOrEqual(1)
    expect(types, story).not.toContain('EVICTED')
  }
  // One key is one job: none was made twice, and none is there that nobody was told of.
  const answer = await cloud.ask<{ jobs: { totalCount: number } }>(tenant.token, COUNT)
  expect(dataOf(answer).jobs.totalCount).toBe(jobs.size)
}

/** The export holds what the pods held, to the second, and no device was given away twice. */
export async function checkLedger(cloud: Pick<Cloud, 'ask'>, tenant: CloudTenant, { jobs }: Promised): Promise<void> {
  const rows = await intervalsOf(cloud, tenant)
  for (const [key, id] of jobs) {
    const job = await tenant.job(id)
    const ofJob = rows.filter((row) => row.job === id && row.device !== '')
    const metered = sumOf(ofJob, 'gpu_seconds')
    const story = `${key}: ${JSON.stringify({ job, ofJob }, null, 2)}`
    for (const row of ofJob) expect(Number(row.gpu_seconds), story).toBe(secondsOf(row) * Number(row.share))
    // Cancelled before its admission was seen, it may have held devices that only the ledger has heard of.
    if (job.admittedAt !== null) expect(Number(metered), story).toBe(heldSince(job, job.admittedAt))
    else expect(earliest(ofJob), story).toBeGreaterThanOrEqual(second(job.submittedAt))
    expect(job.usage?.gpuSeconds, story).toBe(metered)
    expect(job.cost, story).toMatchObject({ amount: sumOf(ofJob, 'cost'), complete: true })
  }
  expect(overcommitted(rows)).toEqual([])
}

/** GPU-seconds of each pod from then to its end, as the ledger counts: both to whole seconds. */
function heldSince({ pods }: JobState, from: string): number {
  return pods.edges
    .filter(({ node }) => node.devices.length > 0)
    .reduce((sum, { node: { devices, finishedAt } }) => {
      const gpus = devices.reduce((all, { share }) => all.plus(share), new Decimal(0))
      return sum.plus(gpus.times(second(finishedAt) - second(from)))
    }, new Decimal(0))
    .toNumber()
}

function earliest(rows: readonly IntervalRow[]): number {
  return Math.min(...rows.map(({ start }) => second(start)))
}

function second(at: string | null): number {
  return Math.floor(Date.parse(at ?? '') / 1_000)
}

/** Instants at which a device had more than it is. */
function overcommitted(rows: readonly IntervalRow[]): string[] {
  const devices = Map.groupBy(
    rows.filter(({ device }) => device !== ''),
    ({ device }) => device,
  )
  return [...devices].flatMap(([device, held]) =>
    held
      .filter(({ start }) => {
        const atOnce = held.filter((other) => other.start <= start && start < other.end)
        return atOnce.reduce((sum, { share }) => sum.plus(share), new Decimal(0)).greaterThan(1)
      })
      .map(({ start }) => `${device} at ${start}`),
  )
}
