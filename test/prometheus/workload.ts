import { dataOf } from '../testkit/answers.ts'
import type { Cloud } from '../testkit/cloud.ts'
import { inTime, until } from '../testkit/until.ts'

/** Longer than the test. */
const LONG_SECONDS = 600

const CREATE_QUEUE = `mutation Create($input: CreateQueueInput!) {
  createQueue(input: $input) { queue { id } userErrors { code message } }
}`
const EVENTS = 'subscription { jobEvents { type } }'

/**
 * Something of everything that dashboards show: jobs that run, that wait for room and for quota, that ended;
 * subscribers, refusals, and a queue with a quota.
 */
export async function runWorkload(cloud: Cloud): Promise<void> {
  const acme = await cloud.tenant('acme')
  const events = cloud.subscribe<{ jobEvents: { type: string } }>(acme.token, EVENTS)
  const hears = (async () => {
    for await (const answer of events) if (dataOf(answer).jobEvents.type === 'SUCCEEDED') return
  })()
  hears.catch(() => {}) // awaited below, unless something else fails first
  const quotas = [{ flavor: '*', resource: 'GPU', nominalQuota: '12', borrowingLimit: '0' }]
  dataOf(await cloud.ask(await cloud.operator(), CREATE_QUEUE, { input: { name: 'research', quotas } }))

  const whole = (count: number, models = ['H100']) => ({ resources: { gpu: { count, models } } })
  const running = await Promise.all([
    acme.submitJob({ ...whole(8), replicas: 6, runSeconds: LONG_SECONDS }),
    acme.submitJob({ resources: { gpu: { share: '0.5', models: ['A100'] } }, runSeconds: LONG_SECONDS }),
    acme.submitJob({ ...whole(4, ['A100']), queue: 'research', replicas: 2, runSeconds: LONG_SECONDS }),
  ])
  for (const job of running) await acme.eventsUntil(job, 'RUNNING')
  const waiting = await Promise.all([
    acme.submitJob({ ...whole(8), replicas: 3, runSeconds: LONG_SECONDS }),
    acme.submitJob({ ...whole(6, ['A100']), queue: 'research', runSeconds: LONG_SECONDS }),
  ])
  await until(
    'the jobs that wait say why',
    () => Promise.all(waiting.map((job) => acme.job(job))),
    (jobs) => jobs.every(({ pending }) => pending !== null && pending.code !== 'PendingEvaluation'),
  )
  await cloud.ask(await acme.as('viewer'), CREATE_QUEUE, { input: { name: 'not-mine', tenantId: acme.id } })
  // One after the other, so that what counts them grows from one scrape to the next.
  for (let wave = 0; wave < WAVES; wave++) {
    await acme.eventsUntil(await acme.submitJob({ ...whole(1, ['A100']), runSeconds: 1 }), 'METERED')
  }
  await inTime('a subscriber heard of the end of a job', hears)
}

const WAVES = 3
/** What the running jobs hold, and what the waiting ones ask for, once the waves are over. */
export const ALLOCATED_GPUS = 6 * 8 + 0.5 + 2 * 4
export const PENDING_GPUS = 3 * 8 + 6
