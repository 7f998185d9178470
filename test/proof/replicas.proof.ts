import { expect, onTestFinished, test } from 'vitest'
import { checkLedger, checkStories, type Promised } from '../faults/promises.ts'
import { ask, dataOf } from '../testkit/answers.ts'
import { type CloudTenant, createTenant, type JobEvent, type JobInput } from '../testkit/cloudTenant.ts'
import { exportIntervals } from '../testkit/intervals.ts'
import { REPLICATED_ROLES, type ReplicatedCloud, startReplicatedCloud } from '../testkit/replicatedCloud.ts'
import { seeded } from '../testkit/seeded.ts'
import { subscribe } from '../testkit/streams.ts'
import { inTime, until } from '../testkit/until.ts'

const MOMENTS = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED'] as const
const JOBS_PER_ROUND = 8
const CANCELLED_OF_ALL = 0.2
const SUBMIT = `mutation Submit($input: SubmitJobInput!) {
  submitJob(input: $input) { job { id } userErrors { code message } }
}`
const EVENTS = 'subscription Events($after: Cursor) { jobEvents(after: $after) { cursor type job { id } } }'
interface Submitted {
  submitJob: { job: { id: string } | null; userErrors: { code: string }[] }
}

const seed = Number(process.env.SLUICE_SEED ?? 3)

test(`two of everything, one of each killed amid the work: every promise holds (SLUICE_SEED=${seed})`, async () => {
  const cloud = await startReplicatedCloud(onTestFinished)
  const random = seeded(seed)
  const acme = await createTenant(cloud, 'acme')
  const promised: Promised = { jobs: new Map(), cancelled: new Set() }
  await persistently(() => acme.submitJob({ idempotencyKey: 'first', name: 'first' })).then((id) =>
    promised.jobs.set('first', id),
  )

  for (const [round, role] of REPLICATED_ROLES.entries()) {
    const victim = Math.floor(random() * 2)
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'RUNNING'
    const met = acme.nextEvents(moment, 1 + Math.floor(random() * 3))
    const work = workThrough(acme, promised, `round-${round}`, random)
    await met
    await cloud.kill(role, victim)
    await work
    await cloud.restart(role, victim)
  }

  await checkStories(cloud, acme, promised)
  await checkLedger(cloud, acme, promised)

  await oneKeyAtBothGateways(cloud, acme)
  await oneCursorAtBothGateways(cloud, acme)
  await oneExportFromEveryReplica(cloud, acme)
})

async function workThrough(acme: CloudTenant, { jobs, cancelled }: Promised, batch: string, random: () => number) {
  for (let index = 0; index < JOBS_PER_ROUND; index += 1) {
    const input: Partial<JobInput> = {
      idempotencyKey: `${batch}-${index}`,
      name: `${batch}-${index}`,
      replicas: 1 + Math.floor(random() * 2),
      runSeconds: 1 + Math.floor(random() * 3),
    }
    const id = await persistently(() => acme.submitJob(input))
    jobs.set(input.idempotencyKey ?? '', id)
    if (random() >= CANCELLED_OF_ALL) continue
    const { job } = await persistently(async () => dataOf(await acme.cancelJob(id)).cancelJob)
    // An answer that was lost may have been a yes: then the job says so.
    const { phase } = job ?? (await persistently(() => acme.job(id)))
    if (phase === 'CANCELLED') cancelled.add(id)
  }
}

/** As a client that means it: what got no answer is sent again, as it was. */
function persistently<T>(request: () => Promise<T>): Promise<T> {
  return until(
    'a replica answers',
    () =>
      request().then(
        (value) => ({ value }),
        (error: unknown) => ({ error: String(error) }),
      ),
    (attempt) => 'value' in attempt,
  ).then((attempt) => {
    if ('value' in attempt) return attempt.value
    throw new Error(attempt.error)
  })
}

async function oneKeyAtBothGateways(cloud: ReplicatedCloud, acme: CloudTenant): Promise<void> {
  const input = {
    projectId: acme.projectId,
    queue: 'default',
    name: 'twice',
    image: 'registry.example/train:1',
    resources: { cpu: '1', memoryMiB: 1024, gpu: { count: 1 } },
    idempotencyKey: 'at-both',
  }
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      ask<Submitted>(cloud.gatewayUrls()[index % 2] ?? '', acme.token, SUBMIT, { input }),
    ),
  )
  expect(new Set(answers.map((answer) => dataOf(answer).submitJob.job?.id)).size).toBe(1)
}

/** What one replica has told is resumed at the other, each event once. */
async function oneCursorAtBothGateways(cloud: ReplicatedCloud, acme: CloudTenant): Promise<void> {
  const after = await acme.eventsCursor()
  const job = await acme.submitJob({ name: 'followed' })
  const seen: string[] = []
  let cursor = after
  for (let turn = 0; seen.at(-1) !== 'METERED'; turn += 1) {
    const url = cloud.gatewayUrls()[turn % 2] ?? ''
    const stream = subscribe<{ jobEvents: JobEvent }>('WEBSOCKET', {
      url,
      token: acme.token,
      query: EVENTS,
      variables: { after: cursor },
    })
    const { value } = await inTime(`an event follows ${seen.at(-1)}`, stream.next())
    await stream.return()
    if (!value) throw new Error('the stream ended')
    const { jobEvents: event } = dataOf(value)
    cursor = event.cursor
    if (event.job?.id === job) seen.push(event.type)
  }
  expect(seen).toEqual([...new Set(seen)])
  expect(seen[0]).toBe('SUBMITTED')
}

async function oneExportFromEveryReplica(cloud: ReplicatedCloud, acme: CloudTenant): Promise<void> {
  const { id } = await exportIntervals(cloud, acme)
  const bodies = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const url = `${cloud.gatewayUrls()[index % 2]}/exports/${id}`
      // Each on a connection of its own, so that both replicas of metering are asked.
      const answer = await fetch(url, { headers: { authorization: `Bearer ${acme.token}`, connection: 'close' } })
      expect(answer.status).toBe(200)
      return answer.text()
    }),
  )
  expect(new Set(bodies).size).toBe(1)
}
