import { afterAll, describe, expect, test } from 'vitest'
import { about, dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { until } from '../../testkit/until.ts'

const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')

const wholeCluster = { replicas: 16, resources: { gpu: { count: 8 } } }

interface PendingJob {
  job: {
    phase: string
    pending: { code: string; message: string; fix: string | null; position: number | null; since: string } | null
  }
}
const PENDING = `query Pending($id: ID!) { job(id: $id) { phase pending { code message fix position since } } }`
const pendingOf = async (id: string) => dataOf(await cloud.ask<PendingJob>(acme.token, PENDING, { id })).job

describe('a gang larger than any cluster', () => {
  test('is refused at once, with the largest that could run', async () => {
    const answer = await acme.trySubmit({ replicas: 17, resources: { gpu: { count: 8 } } })
    expect(dataOf(answer).submitJob, about(answer)).toEqual({
      job: null,
      userErrors: [
        {
          code: 'GANG_EXCEEDS_CLUSTERS',
          field: ['replicas'],
          message: expect.stringContaining('16'),
          fix: expect.stringContaining('16'),
        },
      ],
    })
  })

  test('counts how many pods a node holds, not GPUs alone', async () => {
    // Of eight GPUs a node, pods of five leave three idle: 16 nodes hold 16 of them.
    const answer = await acme.trySubmit({ replicas: 17, resources: { gpu: { count: 5 } } })
    expect(dataOf(answer).submitJob.userErrors[0], about(answer)).toMatchObject({
      code: 'GANG_EXCEEDS_CLUSTERS',
      fix: expect.stringContaining('16'),
    })
  })
})

test('a gang waits as a whole, says why and for what, and runs when its devices are free', async () => {
  const first = await acme.submitJob({ ...wholeCluster, name: 'first', runSeconds: 3 })
  const second = await acme.submitJob({ name: 'second', replicas: 2, resources: { gpu: { count: 8 } } })
  const third = await acme.submitJob({ name: 'third', replicas: 2, resources: { gpu: { count: 8 } } })

  const [waiting, behind] = await until(
    'the scheduler has explained both',
    () => Promise.all([second, third].map(pendingOf)),
    (jobs) => jobs.every(({ pending }) => pending !== null && pending.code !== 'PENDING_EVALUATION'),
  )
  const { phase, pending } = waiting ?? {}
  expect(phase).toBe('PENDING')
  expect(pending).toEqual({
    code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
    message: expect.stringMatching(/\S/),
    fix: expect.stringMatching(/\S/),
    position: 1,
    since: expect.any(String),
  })
  expect(behind?.pending?.position).toBe(2)

  const events = await acme.eventsUntil(second, 'SUCCEEDED', 'FAILED')
  expect(events.map(({ type }) => type).filter((type) => type !== 'REASON_CHANGED')).toEqual([
    'SUBMITTED',
    'ADMITTED',
    'RUNNING',
    'SUCCEEDED',
  ])
  const firstEnded = (await acme.eventsUntil(first, 'SUCCEEDED', 'FAILED')).at(-1)
  const admitted = events.find(({ type }) => type === 'ADMITTED')
  expect(Date.parse(admitted?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(firstEnded?.at ?? ''))
  expect((await acme.eventsUntil(third, 'SUCCEEDED', 'FAILED')).at(-1)?.type).toBe('SUCCEEDED')
})
