import { expect, test } from 'vitest'
import { compareJobs, type PendingJob } from './job.ts'

const job = (uid: string, overrides: Partial<PendingJob> = {}): PendingJob => ({
  uid,
  queue: 'default',
  tenantId: 'tenant_a',
  priority: 0,
  createdMs: 1_000,
  notBeforeMs: 0,
  mayPreempt: true,
  nomination: null,
  maxRuntimeMs: null,
  graceMs: 0,
  demand: { code: 'InvalidRequest', message: 'None of these cases', fix: 'looks at it.' },
  ...overrides,
})

const orders: Record<string, PendingJob[]> = {
  'first goes the higher priority, however late and whatever its id': [
    job('z', { priority: 1, createdMs: 9_000, jobId: 'job_9' }),
    job('a', { createdMs: 1_000, jobId: 'job_1' }),
  ],
  'then the earlier one, whatever its id': [
    job('z', { createdMs: 1_000, jobId: 'job_9' }),
    job('a', { createdMs: 1_001, jobId: 'job_1' }),
  ],
  'then the lower id, which was submitted first': [job('z', { jobId: 'job_1' }), job('a', { jobId: 'job_2' })],
  'then the one without an id': [job('z'), job('a', { jobId: 'job_1' })],
  'then the lower uid, so that there always is an order': [job('a', { jobId: 'job_1' }), job('b', { jobId: 'job_1' })],
}
for (const [name, [first, second]] of Object.entries(orders)) {
  test(`${name}`, () => {
    if (!first || !second) throw new Error('each case has two jobs')
    expect([compareJobs(first, second) < 0, compareJobs(second, first) > 0]).toEqual([true, true])
  })
}
