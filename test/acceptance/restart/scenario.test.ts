import { afterAll, expect, test } from 'vitest'
import { dataOf } from '../../testkit/answers.ts'
import { MODE, startCloud } from '../../testkit/cloud.ts'
import { intervalsOf, secondsOf, sumOf } from '../../testkit/intervals.ts'
import { runProgram } from '../../testkit/program.ts'

/** One story: each test goes on where the one before it ended. */
const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')
const finished = await acme.submitJob({ name: 'finished' })
await acme.eventsUntil(finished, 'METERED')
const running = await acme.submitJob({ name: 'running', replicas: 2, resources: { gpu: { count: 2 } }, runSeconds: 12 })
const before = await acme.eventsUntil(running, 'RUNNING')
const podsBefore = podIdsOf(await acme.job(running))
const queue = await cappedQueue()
const holding = await acme.submitJob({ name: 'holding', queue, runSeconds: 12 })
/** Until the program is back. */
const waiting = await acme.submitJob({ name: 'waiting', queue })
const cursor = await acme.eventsCursor()

// Apart, each role has a lock of its own kind: its port, its database, its cluster.
test.skipIf(MODE === 'apart')('a second start on the same data folder is refused, and the first goes on', async () => {
  const second = runProgram(['up', '--no-tour'], { SLUICE_DATA: cloud.dataDir, SLUICE_PORT: '0' })
  expect((await second.ended).code).toBe(1)
  expect(second.stderr()).toContain(cloud.dataDir)
  expect(second.stderr()).toContain(String(cloud.program.pid))
  expect(second.stderr()).not.toMatch(/^ +at /m)
  expect((await acme.job(finished)).phase).toBe('SUCCEEDED')
})

test('Ctrl-C ends streams with a reason to resume, and everything in order', async () => {
  const query = 'subscription Events($after: Cursor) { jobEvents(after: $after) { type } }'
  const stream = cloud.subscribe<object>(acme.token, query, { after: before[0]?.cursor }, 'SSE')
  await stream.next() // it is open
  const answers = Array.fromAsync(stream)
  const { code, signal } = await cloud.interrupt()
  // The program ends itself with another code where it has not stopped in time.
  expect([code, signal]).toEqual([0, null])
  expect((await answers).at(-1)?.errors?.[0]?.extensions.code).toBe('GOING_AWAY')
  if (MODE === 'whole') expect(cloud.program.stdout()).toContain(cloud.dataDir)
})

test('the next start has everything, the pods that were running among it', async () => {
  await cloud.restart()
  expect((await acme.job(finished)).phase).toBe('SUCCEEDED')
  const job = await acme.job(running)
  expect(podIdsOf(job)).toEqual(podsBefore)
})

test('the job that was running goes on, and ends once', async () => {
  const types = (await acme.eventsUntil(running, 'METERED')).map(({ type }) => type)
  expect(types).toEqual([...before.map(({ type }) => type), 'SUCCEEDED', 'METERED'])
  expect(podIdsOf(await acme.job(running))).toEqual(podsBefore)
})

test('jobs that were waiting are admitted', async () => {
  for (const job of [holding, waiting]) {
    const types = (await acme.eventsUntil(job, 'METERED')).map(({ type }) => type)
    expect(types.filter((type) => type === 'SUCCEEDED')).toHaveLength(1)
  }
})

test('a subscriber resumes after a cursor from before', async () => {
  const query = 'subscription Since($jobId: ID!, $after: Cursor) { jobEvents(jobId: $jobId, after: $after) { type } }'
  const types: string[] = []
  for await (const answer of cloud.subscribe<{ jobEvents: { type: string } }>(acme.token, query, {
    jobId: running,
    after: cursor,
  })) {
    types.push(dataOf(answer).jobEvents.type)
    if (types.at(-1) === 'METERED') break
  }
  expect(types).toEqual(['SUCCEEDED', 'METERED'])
})

test('each device of the job has one interval, over the whole of it', async () => {
  const rows = (await intervalsOf(cloud, acme)).filter(({ job }) => job === running)
  expect(rows).toHaveLength(4)
  expect(new Set(rows.map(({ device }) => device)).size).toBe(4)
  for (const row of rows) expect(secondsOf(row)).toBeGreaterThanOrEqual(12)
  const { usage, cost } = await acme.job(running)
  expect(usage?.gpuSeconds).toBe(sumOf(rows, 'gpu_seconds'))
  expect(cost).toMatchObject({ amount: sumOf(rows, 'cost'), complete: true })
})

function podIdsOf({ pods }: { pods: { edges: { node: { id: string } }[] } }): string[] {
  return pods.edges.map(({ node }) => node.id).sort()
}

/** Of one GPU. */
async function cappedQueue(): Promise<string> {
  const quotas = [{ flavor: '*', resource: 'GPU', nominalQuota: '1', borrowingLimit: '0' }]
  const query = 'mutation Queue($input: CreateQueueInput!) { createQueue(input: $input) { queue { name } } }'
  const input = { name: 'one', tenantId: acme.id, quotas }
  const answer = await cloud.ask<{ createQueue: { queue: { name: string } } }>(await cloud.operator(), query, { input })
  return dataOf(answer).createQueue.queue.name
}
