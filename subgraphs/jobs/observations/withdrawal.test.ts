import { expect, test } from 'vitest'
import type { JobObservation } from '../../../platform/link/protocol.ts'
import { sweep } from '../../../platform/retention/sweep.ts'
import { withdrawnDirectives } from '../../../platform/retention/tasks.ts'
import { testDatabase } from '../../../test/testkit/database.ts'
import { jobObservation } from '../testkit/builders.ts'
import { developer, type Jobs, startJobs, submit } from '../testkit/startJobs.ts'
import { storedJob } from '../testkit/storedJob.ts'

const KEPT_MS = 1_000
const CANCEL = 'mutation ($id: ID!) { cancelJob(input: { id: $id }) { userErrors { code } } }'
const ENDED = { state: 'SUCCEEDED', admittedAt: '2026-03-01T12:00:01Z', finishedAt: '2026-03-01T12:00:09Z' } as const

/** Jobs, and a retention that forgets whatever has been withdrawn so far. */
async function start() {
  const jobs = await startJobs(await testDatabase('jobs'))
  let wallMs = 0
  const sweepOnce = () =>
    sweep({
      database: jobs.database,
      clock: jobs.clock,
      wall: { nowMs: () => wallMs },
      tasks: [withdrawnDirectives('Job', KEPT_MS)],
      batchRows: 100,
      signal: new AbortController().signal,
    })
  return {
    jobs,
    async forgetWithdrawn() {
      await sweepOnce()
      wallMs += KEPT_MS
      await sweepOnce()
    },
  }
}

async function submitted(jobs: Jobs) {
  const stored = await storedJob(jobs, await submit(jobs))
  return {
    id: stored.id,
    seen: (overrides: Partial<JobObservation> = {}) => ({ kind: 'job' as const, ...jobObservation(stored, overrides) }),
    gone: {
      kind: 'jobGone' as const,
      uid: `uid-${stored.id}`,
      namespace: stored.namespace,
      name: stored.objectName,
      at: '2026-03-01T12:00:10Z',
    },
    cancel: () => jobs.execute(developer, CANCEL, { id: stored.id }),
  }
}

const wantedIn = async (jobs: Jobs) => (await jobs.directives()).map(({ key, body }) => [key, body === null])

test('no withdrawal stays for ever: of a job that never had an object, that was deleted by hand, that went as it ended', async () => {
  const { jobs, forgetWithdrawn } = await start()
  const neverSeen = await submitted(jobs)
  await neverSeen.cancel()
  const deleted = await submitted(jobs)
  await jobs.observe(deleted.seen(), deleted.gone)
  const wentAtOnce = await submitted(jobs)
  await jobs.observe(wentAtOnce.seen())
  await jobs.observe(wentAtOnce.seen(ENDED), wentAtOnce.gone)
  const wanted = await submitted(jobs)
  expect(await wantedIn(jobs)).toEqual([
    [neverSeen.id, true],
    [deleted.id, true],
    [wentAtOnce.id, true],
    [wanted.id, false],
  ])
  await forgetWithdrawn()
  expect(await wantedIn(jobs)).toEqual([[wanted.id, false]])
})

test('an object that outlives the memory of its withdrawal is withdrawn again when an agent tells of it', async () => {
  const { jobs, forgetWithdrawn } = await start()
  const known = await submitted(jobs)
  await jobs.observe(known.seen())
  const unknown = await submitted(jobs)
  await known.cancel()
  await unknown.cancel()
  await forgetWithdrawn()
  expect(await wantedIn(jobs)).toEqual([])

  jobs.restartAgent()
  await jobs.observe(known.seen(), unknown.seen(), { kind: 'resyncEnd' })
  expect(await wantedIn(jobs)).toEqual([
    [known.id, true],
    [unknown.id, true],
  ])
  await jobs.observe(known.gone, unknown.gone)
  expect(await wantedIn(jobs)).toEqual([])
})

test('a withdrawal that stands is not told again with each observation', async () => {
  const { jobs } = await start()
  const { seen, cancel } = await submitted(jobs)
  await jobs.observe(seen())
  await cancel()
  const [first] = await jobs.directives()
  await jobs.observe(seen())
  expect(await jobs.directives()).toEqual([first])
})
