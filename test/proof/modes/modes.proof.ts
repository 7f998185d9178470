import { afterAll, describe, expect, test } from 'vitest'
import { createIds } from '../../../platform/ids.ts'
import { type Answer, dataOf } from '../../testkit/answers.ts'
import { type Cloud, type Mode, startCloud } from '../../testkit/cloud.ts'
import { inTime } from '../../testkit/until.ts'
import { type Caller, type CorpusOperation, corpus } from './corpus.ts'
import { normalizer } from './normalize.ts'

const SIZE = 200

/** A control plane in which the same has happened, and how it is asked. */
async function prepare(mode: Mode) {
  const cloud = await startCloud(afterAll, { mode })
  const acme = await cloud.tenant('acme')
  const bravo = await cloud.tenant('bravo')
  const beginning = await acme.eventsCursor()
  const job = await acme.submitJob({ name: 'first' })
  await acme.eventsUntil(job, 'METERED')
  const foreignJob = await bravo.submitJob({ name: 'foreign', runSeconds: 600 })
  const longJob = await acme.submitJob({ name: 'long', runSeconds: 600 })
  await acme.eventsUntil(longJob, 'RUNNING')
  const made = await cloud.ask<{ createQueue: { queue: { id: string } } }>(
    await cloud.operator(),
    'mutation Q($input: CreateQueueInput!) { createQueue(input: $input) { queue { id } } }',
    { input: { name: 'changing', tenantId: acme.id } },
  )
  const values: Record<string, string> = {
    $tenant: acme.id,
    $project: acme.projectId,
    $job: job,
    $longJob: longJob,
    $queue: dataOf(made).createQueue.queue.id,
    $beginning: beginning,
    $foreignTenant: bravo.id,
    $foreignProject: bravo.projectId,
    $foreignJob: foreignJob,
    $unknownJob: UNKNOWN_JOB,
  }
  const tokens: Record<Caller, string | null> = {
    operator: await cloud.operator(),
    'tenant-admin': await acme.as('tenant-admin'),
    developer: acme.token,
    viewer: await acme.as('viewer'),
    stranger: bravo.token,
    nobody: null,
    expired: await cloud.token({ kind: 'operator', subject: 'olga' }, -1),
    agent: await cloud.token({ kind: 'agent', subject: 'agent', cluster: 'local' }),
  }
  const normalize = normalizer()
  return async (operation: CorpusOperation): Promise<unknown> => {
    const variables = filledIn(operation.variables, values) as Record<string, unknown>
    return normalize(await answersTo(cloud, tokens[operation.as], { ...operation, variables }))
  }
}

/** The same in both, and nobody's. */
const UNKNOWN_JOB = createIds().next('job')

async function answersTo(cloud: Cloud, token: string | null, { query, variables, take }: CorpusOperation) {
  if (take === undefined || token === null) return [await cloud.ask(token, query, variables)]
  const answers: Answer<unknown>[] = []
  const stream = cloud.subscribe(token, query, variables, 'SSE')
  for (; answers.length < take; ) {
    const { value, done } = await inTime('the next result has come', stream.next())
    if (done) break
    answers.push(value)
  }
  await stream.return()
  return answers
}

function filledIn(value: unknown, values: Record<string, string>): unknown {
  if (typeof value === 'string') return values[value] ?? value
  if (Array.isArray(value)) return value.map((each) => filledIn(each, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledIn(each, values)]))
}

const whole = await prepare('whole')
const apart = await prepare('apart')

describe('one program and roles apart give the same answer to', () => {
  for (const operation of corpus(SIZE)) {
    test(`${operation.name} (${operation.as})`, async () => {
      const asked = `${operation.query}\nwith ${JSON.stringify(operation.variables)} by ${operation.as}`
      expect(await apart(operation), asked).toEqual(await whole(operation))
    })
  }
})
