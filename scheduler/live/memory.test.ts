import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { assert, test } from 'vitest'
import type { Job } from '../../kubernetes/objects.ts'
import { Memo } from '../plan/memo.ts'
import { plan } from '../plan/plan.ts'
import { jobOf } from '../testkit/stage.ts'
import { Ledger } from './ledger.ts'

const JOBS = 20_000
/** Beside the Jobs themselves, which the caches hold. */
const MOST_BYTES_PER_JOB = 4_096

test(`${JOBS} waiting jobs, each of a kind of its own, take at most 4 KiB each beside the objects (R23)`, () => {
  const ledger = new Ledger()
  const memo = new Memo()
  const namespace = { metadata: { name: 't', labels: { 'sluice.dev/tenant': 'tenant_t' } } }
  ledger.observeNamespace({ apiVersion: 'v1', kind: 'Namespace', ...namespace }, false)
  const jobs = Array.from({ length: JOBS }, (_, number) => submitted(number))
  const before = heapBytes()
  for (const job of jobs) ledger.observeJob(job)
  ledger.refresh(0)
  const { explanations } = plan(ledger.snapshot, 0, memo)
  assert.equal(explanations.flatMap(({ jobs }) => jobs).length, JOBS)
  assert.isAtMost((heapBytes() - before) / JOBS, MOST_BYTES_PER_JOB)
})

function submitted(number: number): Job {
  const job = jobOf({ name: `job-${number}`, gpus: 1 + (number % 8), cpu: `${1 + (number % 997)}m` })
  const metadata = { ...job.metadata, uid: `uid-${number}`, resourceVersion: String(number + 1), generation: 1 }
  return { ...job, metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z' } }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}
