import { describe, expect, test } from 'vitest'
import type { JobObservation } from '../../../platform/link/protocol.ts'
import { job, jobObservation, NOW } from '../testkit/builders.ts'
import type { JobRecord } from './job.ts'
import { cancelled, observeJob, observeJobGone, observeRefusal } from './observeJob.ts'

const THROUGH = '2026-03-01T12:30:00.000Z'
const at = (minute: number) => `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`
const iso = (minute: number) => `2026-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`

const waiting = job()
const admitted = job({ phase: 'ADMITTED', admittedAt: iso(1), pending: null })
const running = job({ phase: 'RUNNING', admittedAt: iso(1), startedAt: iso(2), pending: null })
const RUNNING = { state: 'RUNNING', admittedAt: at(1), startedAt: at(2) } as const
const QUOTA = { code: 'QuotaExceeded', message: 'Its queue is full.', fix: 'Wait.', since: at(5) }

function see(known: JobRecord, seen: Partial<JobObservation>) {
  return observeJob(known, jobObservation(waiting, seen), THROUGH)
}
const told = ({ changes }: ReturnType<typeof observeJob>) => changes.map((change) => `${change.type} ${change.at}`)

describe('the way of a job', () => {
  const cases: Record<string, { known: JobRecord; seen: Partial<JobObservation>; want: string[]; phase: string }> = {
    'waiting and nothing said: nothing is told': { known: waiting, seen: {}, want: [], phase: 'PENDING' },
    'the first reason of the scheduler': {
      known: waiting,
      seen: { pending: QUOTA },
      want: [`REASON_CHANGED ${at(5)}`],
      phase: 'PENDING',
    },
    'the same reason again': {
      known: { ...waiting, pending: QUOTA },
      seen: { pending: QUOTA },
      want: [],
      phase: 'PENDING',
    },
    admission: {
      known: waiting,
      seen: { state: 'ADMITTED', admittedAt: at(1) },
      want: [`ADMITTED ${iso(1)}`],
      phase: 'ADMITTED',
    },
    'admission seen again': {
      known: admitted,
      seen: { state: 'ADMITTED', admittedAt: at(1) },
      want: [],
      phase: 'ADMITTED',
    },
    'all pods ready': {
      known: admitted,
      seen: { state: 'RUNNING', admittedAt: at(1), startedAt: at(2) },
      want: [`RUNNING ${iso(2)}`],
      phase: 'RUNNING',
    },
    'a pod not ready for a while': {
      known: running,
      seen: { state: 'ADMITTED', admittedAt: at(1), startedAt: null },
      want: [],
      phase: 'RUNNING',
    },
    'its end': {
      known: running,
      seen: { state: 'SUCCEEDED', admittedAt: at(1), startedAt: at(2), finishedAt: at(9) },
      want: [`SUCCEEDED ${iso(9)}`],
      phase: 'SUCCEEDED',
    },
    'from waiting to its end in one observation: every step is told': {
      known: waiting,
      seen: { state: 'SUCCEEDED', admittedAt: at(1), startedAt: at(2), finishedAt: at(9) },
      want: [`ADMITTED ${iso(1)}`, `RUNNING ${iso(2)}`, `SUCCEEDED ${iso(9)}`],
      phase: 'SUCCEEDED',
    },
    'a failure before all pods were ready: RUNNING is not made up': {
      known: admitted,
      seen: {
        state: 'FAILED',
        admittedAt: at(1),
        finishedAt: at(3),
        failure: { reason: 'BackoffLimitExceeded', message: 'x' },
      },
      want: [`FAILED ${iso(3)}`],
      phase: 'FAILED',
    },
    'a failure without admission': {
      known: waiting,
      seen: { state: 'FAILED', finishedAt: at(3) },
      want: [`FAILED ${iso(3)}`],
      phase: 'FAILED',
    },
    'an eviction': {
      known: running,
      seen: { evicted: { at: at(6), reason: 'Reclaimed', message: 'x' } },
      want: [`EVICTED ${at(6)}`],
      phase: 'PENDING',
    },
    'an eviction with the reason why it waits now': {
      known: running,
      seen: { evicted: { at: at(6), reason: 'Reclaimed', message: 'x' }, pending: { ...QUOTA, since: at(6) } },
      want: [`EVICTED ${at(6)}`, `REASON_CHANGED ${at(6)}`],
      phase: 'PENDING',
    },
    'an eviction and the next admission in one observation': {
      known: running,
      seen: { state: 'ADMITTED', admittedAt: at(8), evicted: { at: at(6), reason: 'Reclaimed', message: 'x' } },
      want: [`EVICTED ${at(6)}`, `ADMITTED ${iso(8)}`],
      phase: 'ADMITTED',
    },
    'an eviction that was told before': {
      known: { ...admitted, evictedAt: iso(6) },
      seen: { state: 'ADMITTED', admittedAt: at(8), evicted: { at: at(6), reason: 'Reclaimed', message: 'x' } },
      want: [],
      phase: 'ADMITTED',
    },
    'suspended again because its pods did not come': {
      known: admitted,
      seen: { state: 'PENDING', pending: QUOTA },
      want: [`EVICTED ${at(5)}`, `REASON_CHANGED ${at(5)}`],
      phase: 'PENDING',
    },
  }
  for (const [name, { known, seen, want, phase }] of Object.entries(cases)) {
    test(name, () => {
      const observed = see(known, seen)
      expect(told(observed)).toEqual(want)
      expect(observed.job.phase).toBe(phase)
      expect(observed.job.pending !== null).toBe(phase === 'PENDING')
    })
  }
})

test('an evicted job has no times of its last run and waits for evaluation', () => {
  const { job: evicted } = see(running, { evicted: { at: at(6), reason: 'Reclaimed', message: 'x' } })
  expect(evicted).toMatchObject({
    admittedAt: null,
    startedAt: null,
    pending: { code: 'PendingEvaluation', since: at(6) },
  })
})

test('each change carries the job as it was after it, not as it is in the end', () => {
  const { changes } = see(waiting, { state: 'SUCCEEDED', admittedAt: at(1), startedAt: at(2), finishedAt: at(9) })
  expect(changes.map((change) => [change.type, change.job.phase, change.job.finishedAt])).toEqual([
    ['ADMITTED', 'ADMITTED', null],
    ['RUNNING', 'RUNNING', null],
    ['SUCCEEDED', 'SUCCEEDED', iso(9)],
  ])
})

test('a reason that is worded anew is taken over without an event', () => {
  const observed = see({ ...waiting, pending: QUOTA }, { pending: { ...QUOTA, message: 'Two jobs are before it.' } })
  expect(observed.changes).toEqual([])
  expect(observed.job.pending?.message).toBe('Two jobs are before it.')
})

test('a failure keeps its reason', () => {
  const failure = { reason: 'DeadlineExceeded', message: 'It ran longer than it said.' }
  const { job: failed, changes } = see(running, { state: 'FAILED', finishedAt: at(9), failure })
  expect(failed.failure).toEqual(failure)
  expect(changes.at(-1)).toMatchObject(failure)
})

test('seconds of Kubernetes never come before the milliseconds of the submission', () => {
  const submitted = job({ submittedAt: '2026-03-01T12:00:00.700Z' })
  const { job: seen } = see(submitted, { state: 'RUNNING', admittedAt: NOW, startedAt: NOW })
  expect([seen.admittedAt, seen.startedAt]).toEqual([submitted.submittedAt, submitted.submittedAt])
})

test('what has no time of its own happened when the cluster was last looked at', () => {
  expect(told(see(waiting, { state: 'RUNNING' }))).toEqual([`ADMITTED ${THROUGH}`, `RUNNING ${THROUGH}`])
})

test('annotations that a tenant has made up say nothing', () => {
  const forged = [
    {},
    { code: 5 },
    { code: 'x', message: 'x', since: 'yesterday' },
    { code: 'x', message: null, since: NOW },
  ]
  for (const pending of forged) {
    expect(see(waiting, { pending: pending as never })).toEqual({ job: waiting, changes: [] })
  }
  for (const evicted of [{}, { at: 'x', reason: 'x', message: 'x' }, { at: NOW, reason: 1, message: 'x' }]) {
    expect(see(running, { ...RUNNING, evicted: evicted as never }).changes).toEqual([])
  }
})

describe('final is final', () => {
  for (const phase of ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const) {
    test(`${phase} hears of nothing more`, () => {
      const final = job({ phase, finishedAt: iso(4), pending: null })
      for (const state of ['PENDING', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const) {
        expect(see(final, { state, evicted: { at: at(6), reason: 'x', message: 'x' } })).toEqual({
          job: final,
          changes: [],
        })
      }
    })
  }
})

describe('a job that the cluster refuses as it is', () => {
  const refusal = { jobId: waiting.id, at: at(3), message: 'metadata.name: Invalid value' }
  const unseen = job({ uid: null })

  test('waits with the cluster’s words, told once', () => {
    const { job: refused, changes } = observeRefusal(unseen, refusal)
    expect(refused).toMatchObject({ phase: 'PENDING', pending: { code: 'Misconfigured', since: at(3) } })
    expect(refused.pending?.message).toContain('metadata.name: Invalid value')
    expect(changes.map(({ type, reason }) => [type, reason])).toEqual([['REASON_CHANGED', 'Misconfigured']])
    expect(observeRefusal(refused, { ...refusal, at: at(4) })).toEqual({ job: refused, changes: [] })
  })

  test('but has a Job object or has ended is none', () => {
    for (const known of [job({ uid: 'uid-1' }), running, cancelled(unseen, iso(2), { reason: 'x', message: 'x' })])
      expect(observeRefusal(known, refusal)).toEqual({ job: known, changes: [] })
  })
})

describe('a Job object that is gone', () => {
  test('was deleted by somebody, if nothing had ended it', () => {
    const { job: gone, changes } = observeJobGone(running, at(7))
    expect(gone).toMatchObject({
      phase: 'CANCELLED',
      finishedAt: iso(7),
      goneAt: at(7),
      failure: { reason: 'DELETED' },
    })
    expect(changes.map(({ type }) => type)).toEqual(['CANCELLED'])
  })

  test('of a job that had ended tells nothing', () => {
    const ended = cancelled(running, iso(5), { reason: 'CANCELLED', message: 'x' })
    const { job: gone, changes } = observeJobGone(ended, at(7))
    expect(gone).toMatchObject({ phase: 'CANCELLED', finishedAt: iso(5), goneAt: at(7) })
    expect(changes).toEqual([])
  })
})
