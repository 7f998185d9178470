import { expect, test } from 'vitest'
import type { Claims } from '../../../platform/identity/identity.ts'
import { testDatabase } from '../../../test/testkit/database.ts'
import { idOf, jobObservation, podObservation } from '../testkit/builders.ts'
import { developer, type Jobs, operator, startJobs, stranger, submit, viewer } from '../testkit/startJobs.ts'
import { storedJob } from '../testkit/storedJob.ts'

const start = async () => startJobs(await testDatabase('jobs'))
const at = (second: number) => `2026-03-01T12:00:${String(second).padStart(2, '0')}Z`

interface Page {
  jobs: {
    edges: { cursor: string; node: { id: string; name: string; pending: { position: number } | null } }[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
    totalCount: number
    eventsCursor: string
  }
}
const PAGE = /* GraphQL */ `
  query ($projectId: ID, $queueId: ID, $phase: [JobPhase!], $first: Int, $after: String) {
    jobs(projectId: $projectId, queueId: $queueId, phase: $phase, first: $first, after: $after) {
      edges { cursor node { id name pending { position } } }
      pageInfo { hasNextPage endCursor }
      totalCount
      eventsCursor
    }
  }
`
async function list(jobs: Jobs, args: Record<string, unknown> = {}, claims: Claims = developer) {
  const { data, errors } = await jobs.execute<Page>(claims, PAGE, args)
  const nodes = data?.jobs.edges.map(({ node }) => node) ?? []
  return { names: nodes.map(({ name }) => name), nodes, page: data?.jobs, code: errors?.[0]?.extensions.code }
}

async function seePods(jobs: Jobs, id: string, names: readonly string[]) {
  const stored = await storedJob(jobs, id)
  await jobs.observe(
    { kind: 'job', ...jobObservation(stored, { state: 'ADMITTED', admittedAt: at(1) }) },
    ...names.map((name) => ({
      kind: 'pod' as const,
      ...podObservation(stored, {
        uid: `${id} ${name}`,
        name,
        node: 'n1',
        admittedAt: at(1),
        devices: [{ index: 2, uuid: 'GPU-2', model: 'A100', share: '0.5', identity: 'ASSIGNED' }],
      }),
    })),
  )
}

test('a job shows what was asked for and why it waits', async () => {
  const jobs = await start()
  const id = await submit(jobs, { priorityClass: 'sluice-batch', class: 'INTERACTIVE', preemptible: false })
  const { data } = await jobs.execute(
    viewer,
    /* GraphQL */ `
      query ($id: ID!) {
        job(id: $id) {
          id name phase class priorityClass preemptible replicas currentReplicas submittedAt admittedAt startedAt finishedAt
          project { id } queue { id } failure { reason }
          resources { cpu memoryMiB gpu { count share memoryMiB models } }
          pending { code message position workload fix since }
          pods { edges { node { id } } pageInfo { hasNextPage } }
        }
      }
    `,
    { id },
  )
  expect(data).toEqual({
    job: {
      id,
      name: 'train',
      phase: 'PENDING',
      class: 'INTERACTIVE',
      priorityClass: 'sluice-batch',
      preemptible: false,
      replicas: 2,
      currentReplicas: 0,
      submittedAt: '2026-03-01T12:00:00.000Z',
      admittedAt: null,
      startedAt: null,
      finishedAt: null,
      project: { id: idOf('project', 1) },
      queue: { id: idOf('queue', 1) },
      failure: null,
      resources: { cpu: '4', memoryMiB: 4096, gpu: { count: 4, share: null, memoryMiB: null, models: [] } },
      pending: {
        code: 'PendingEvaluation',
        message: 'The scheduler has not looked at this job yet.',
        position: 1,
        workload: '',
        fix: null,
        since: '2026-03-01T12:00:00.000Z',
      },
      pods: { edges: [], pageInfo: { hasNextPage: false } },
    },
  })
})

test('pods show where they are, the oldest first, in pages', async () => {
  const jobs = await start()
  const id = await submit(jobs)
  await seePods(jobs, id, ['a', 'b', 'c'])
  const PODS = /* GraphQL */ `
    query ($id: ID!, $after: String) {
      job(id: $id) {
        currentReplicas
        pods(first: 2, after: $after) {
          edges { node { name phase node job { id } devices { index uuid model share identity } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `
  interface Pods {
    job: {
      currentReplicas: number
      pods: { edges: { node: { name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
    }
  }
  const shown = (await jobs.execute<Pods>(developer, PODS, { id })).data?.job
  expect(shown?.currentReplicas).toBe(3)
  const first = shown?.pods
  expect(first?.edges[0]?.node).toEqual({
    name: 'a',
    phase: 'Pending',
    node: 'n1',
    job: { id },
    devices: [{ index: 2, uuid: 'GPU-2', model: 'A100', share: '0.5', identity: 'ASSIGNED' }],
  })
  expect(first?.pageInfo.hasNextPage).toBe(true)
  const second = (await jobs.execute<Pods>(developer, PODS, { id, after: first?.pageInfo.endCursor })).data?.job.pods
  expect(second?.edges.map(({ node }) => node.name)).toEqual(['c'])
  expect(second?.pageInfo.hasNextPage).toBe(false)
})

test('a list is the newest first, in pages that neither repeat nor leave out', async () => {
  const jobs = await start()
  for (const name of ['a', 'b', 'c', 'd', 'e']) await submit(jobs, { name })
  const first = await list(jobs, { first: 2 })
  expect(first.names).toEqual(['e', 'd'])
  await submit(jobs, { name: 'newer' })
  const second = await list(jobs, { first: 2, after: first.page?.pageInfo.endCursor })
  const third = await list(jobs, { first: 2, after: second.page?.pageInfo.endCursor })
  expect([...second.names, ...third.names]).toEqual(['c', 'b', 'a'])
  expect(third.page?.pageInfo.hasNextPage).toBe(false)
  expect(third.page?.totalCount).toBe(6)
})

test('filters: project, queue, phases', async () => {
  const jobs = await start()
  await seePods(jobs, await submit(jobs, { name: 'admitted' }), [])
  await submit(jobs, { name: 'waiting' })
  await submit(jobs, { name: 'theirs', projectId: idOf('project', 2) }, operator)
  expect((await list(jobs, { projectId: idOf('project', 1) }, operator)).names).toEqual(['waiting', 'admitted'])
  expect((await list(jobs, { queueId: idOf('queue', 1) }, operator)).names).toEqual(['theirs', 'waiting', 'admitted'])
  expect((await list(jobs, { phase: ['PENDING', 'FAILED'] })).names).toEqual(['waiting'])
  expect((await list(jobs, { phase: [] })).names).toEqual([])
})

test('bad pages and cursors are told apart', async () => {
  const jobs = await start()
  expect((await list(jobs, { first: 201 })).code).toBe('BAD_USER_INPUT')
  expect((await list(jobs, { first: -1 })).code).toBe('BAD_USER_INPUT')
  expect((await list(jobs, { after: 'nonsense' })).code).toBe('CURSOR_INVALID')
})

test("another tenant's objects do not exist: not by id, in a list, by filter or as an entity", async () => {
  const jobs = await start()
  const id = await submit(jobs)
  await seePods(jobs, id, ['a'])
  const [pod] =
    (
      await jobs.execute<{ job: { pods: { edges: { node: { id: string } }[] } } }>(
        developer,
        `{ job(id: "${id}") { pods { edges { node { id } } } } }`,
      )
    ).data?.job.pods.edges ?? []
  const entities = /* GraphQL */ `
    query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Job { name } ... on Pod { name } } }
  `
  const ids = [
    { __typename: 'Job', id },
    { __typename: 'Pod', id: pod?.node.id },
  ]
  expect((await jobs.execute(developer, entities, { ids })).data).toEqual({
    _entities: [{ name: 'train' }, { name: 'a' }],
  })

  const foreign = await jobs.execute(stranger, entities, { ids })
  expect(foreign.data).toEqual({ _entities: [null, null] })
  expect(foreign.errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND', 'NOT_FOUND'])
  const byId = await jobs.execute(stranger, `{ job(id: "${id}") { name } }`)
  expect([byId.data, byId.errors?.[0]?.extensions.code]).toEqual([{ job: null }, 'NOT_FOUND'])
  const unknown = await jobs.execute(stranger, `{ job(id: "${idOf('job', 9)}") { name } }`)
  expect(unknown.errors?.[0]?.message).toBe(byId.errors?.[0]?.message)
  expect((await list(jobs, {}, stranger)).names).toEqual([])
  expect((await list(jobs, { projectId: idOf('project', 1) }, stranger)).code).toBe('NOT_FOUND')
})

test('what is no id is not found', async () => {
  const jobs = await start()
  for (const id of ['', 'x', '\\u0000', idOf('queue', 1)]) {
    expect((await jobs.execute(developer, `{ job(id: "${id}") { name } }`)).errors?.[0]?.extensions.code).toBe(
      'NOT_FOUND',
    )
  }
  expect((await list(jobs, { queueId: '\0' })).code).toBe('NOT_FOUND')
})

test('a place in the queue is by priority, then by time, and counts jobs that the caller may not see', async () => {
  const jobs = await start()
  await submit(jobs, { name: 'theirs', projectId: idOf('project', 2) }, operator)
  jobs.clock.ms += 1_000
  await submit(jobs, { name: 'mine' })
  jobs.clock.ms += 1_000
  await submit(jobs, { name: 'urgent', class: 'INFERENCE' })
  const { nodes } = await list(jobs)
  expect(nodes.map(({ name, pending }) => [name, pending?.position])).toEqual([
    ['urgent', 1],
    ['mine', 3],
  ])
})

test('a job that has its slots is in no place of the queue', async () => {
  const jobs = await start()
  await seePods(jobs, await submit(jobs, { name: 'admitted' }), [])
  await submit(jobs, { name: 'waiting' })
  const { nodes } = await list(jobs)
  expect(nodes.map(({ name, pending }) => [name, pending?.position])).toEqual([
    ['waiting', 1],
    ['admitted', undefined],
  ])
})
