import { expect, test } from 'vitest'
import { testDatabase } from '../../../test/testkit/database.ts'
import { jobObservation } from '../testkit/builders.ts'
import { developer, startJobs, stranger, submit } from '../testkit/startJobs.ts'
import { storedJob } from '../testkit/storedJob.ts'

const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}.000Z`
const DECISIONS = /* GraphQL */ `
  query ($id: ID!, $first: Int, $after: String) {
    job(id: $id) {
      decisions(first: $first, after: $after) {
        edges { cursor node { at kind reason message } }
        pageInfo { hasNextPage }
      }
    }
  }
`
interface Decisions {
  job: {
    decisions: {
      edges: { cursor: string; node: { at: string; kind: string; reason: string | null; message: string | null } }[]
      pageInfo: { hasNextPage: boolean }
    }
  }
}

/** A job that waited, was admitted, stopped for another, did not come up, and was admitted again. */
async function tried() {
  const jobs = await startJobs(await testDatabase('jobs'))
  const id = await submit(jobs)
  const waits = (code: string, since: string) => ({ code, message: `Because ${code}.`, fix: null, since })
  const see = async (seen: Parameters<typeof jobObservation>[1]) =>
    jobs.observe({ kind: 'job', ...jobObservation(await storedJob(jobs, id), seen) })
  await see({ state: 'PENDING', pending: waits('WaitingForQuota', at(1)) })
  await see({ state: 'ADMITTED', admittedAt: at(2) })
  const evicted = { at: at(3), reason: 'Preempted', message: 'Made room.' }
  await see({ state: 'PENDING', evicted, pending: waits('InsufficientGpus', at(4)) })
  await see({ state: 'PENDING', evicted, pending: waits('WaitingForBackoff', at(5)) })
  await see({ state: 'ADMITTED', admittedAt: at(6) })
  const ask = (variables: object = {}, as = developer) => jobs.execute<Decisions>(as, DECISIONS, { id, ...variables })
  return { ask }
}

test('a job tells what was decided about it, step by step', async () => {
  const { ask } = await tried()
  const { data } = await ask()
  const told = data?.job.decisions.edges.map(({ node }) => `${node.at.slice(17, 19)} ${node.kind} ${node.reason}`)
  expect(told).toEqual([
    '01 WAITING WaitingForQuota',
    '02 ADMITTED null',
    '03 PREEMPTED Preempted',
    '04 WAITING InsufficientGpus',
    '05 REQUEUED WaitingForBackoff',
    '06 ADMITTED null',
  ])
  expect(data?.job.decisions.edges[0]?.node.message).toBe('Because WaitingForQuota.')
})

test('page by page nothing is left out or told twice', async () => {
  const { ask } = await tried()
  const all = (await ask()).data?.job.decisions.edges ?? []
  const first = (await ask({ first: 4 })).data?.job.decisions
  expect(first).toEqual({ edges: all.slice(0, 4), pageInfo: { hasNextPage: true } })
  const rest = (await ask({ first: 4, after: first?.edges.at(-1)?.cursor })).data?.job.decisions
  expect(rest).toEqual({ edges: all.slice(4), pageInfo: { hasNextPage: false } })
})

test('a cursor of another list is refused, and another tenant finds no such job', async () => {
  const { ask } = await tried()
  const refused = await ask({ after: Buffer.from('after:pod_1').toString('base64url') })
  expect(refused.errors?.[0]?.extensions.code).toBe('CURSOR_INVALID')
  expect((await ask({}, stranger)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
})
