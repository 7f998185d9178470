import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { NEUTRAL_FIELDS, SUPPORTED_FIELDS } from '../../scheduler/live/podFields.ts'
import { dataOf } from '../testkit/answers.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import { intervalsOf } from '../testkit/intervals.ts'
import { until } from '../testkit/until.ts'
import { JOBS, type ListedJob, type ListedQueue, QUEUES, rowOf } from './listed.ts'
import { namespaceOf, type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { last } from './records.ts'
import { jobsWithRefusedFields, REFUSED_FIELDS, UNREACHABLE_FIELDS } from './refusedFields.ts'
import { costOf } from './reports.ts'

/** A tenant's engineer with kubectl and the role `edit`, beside the API. */
onRealControlPlane((controlPlane) => {
  let cloud: RealCloud
  let acme: CloudTenant
  let namespace: string
  let examples: string[]
  beforeAll(async () => {
    cloud = await startRealCloud(controlPlane, 1)
    acme = await cloud.tenant('acme')
    namespace = await namespaceOf(cloud, acme)
    const guide = await readFile(join(import.meta.dirname, '../../docs/guide/kubectl.md'), 'utf8')
    examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) =>
      // Nothing runs its images, so how long it takes has to be said.
      yaml.replaceAll('t-acme-research', namespace).replace(/( +)image: .*/, `$&\n$1${RUNS_A_SECOND}`),
    )
    await cloud.kubectl(['create', 'rolebinding', 'carol', '--clusterrole=edit', '--user=carol', '-n', namespace])
  })
  afterAll(() => cloud?.stop())

  const carol = (args: string[], stdin?: string) =>
    cloud.kubectl(['--as', 'carol', '--namespace', namespace, ...args], stdin)
  const manifest = (name: string, { pods = 1, gpus = 1, podSpec = '' } = {}) =>
    `{ apiVersion: batch/v1, kind: Job, metadata: { name: ${name} }, spec: { parallelism: ${pods}, completions: ${pods},
      template: { spec: { restartPolicy: Never, ${podSpec} containers: [{ name: main, image: busybox,
        env: [{ name: SIM_RUN_SECONDS, value: "3600" }],
        resources: { limits: { nvidia.com/gpu: ${gpus} } } }] } } } }`
  const create = (name: string, wish?: Parameters<typeof manifest>[1]) =>
    carol(['create', '-f', '-'], manifest(name, wish))

  async function listed(): Promise<ListedJob[]> {
    const answer = await cloud.ask<{ jobs: { edges: { node: ListedJob }[] } }>(acme.token, JOBS)
    return dataOf(answer).jobs.edges.map(({ node }) => node)
  }
  async function inGraph(name: string, holds: (job: ListedJob) => boolean = () => true): Promise<ListedJob> {
    const jobs = await until(`${name} is in the graph as awaited`, listed, (all) =>
      all.some((job) => job.name === name && holds(job)),
    )
    return jobs.find((job) => job.name === name) as ListedJob
  }
  const describedJob = (name: string, holds: (text: string) => boolean) =>
    until(`kubectl describe job ${name} tells it`, () => carol(['describe', 'job', name]), holds)
  async function end(name: string): Promise<void> {
    await carol(['delete', 'job', name])
    await cloud.jobs.until(`${name} is gone`, (all) => all.find((each) => each.isGone && nameOf(each) === name))
  }

  test('the guide’s examples run, are metered, and stand in the graph with who made them', async () => {
    expect(examples).toHaveLength(2)
    // One after the other: the second goes before the first, which would be stopped for it.
    for (const [i, [name, jobClass]] of Object.entries({ train: 'TRAINING', notebook: 'INTERACTIVE' }).entries()) {
      await carol(['create', '-f', '-'], examples[i])
      const { id, ...job } = await inGraph(name)
      expect(job).toMatchObject({ origin: 'KUBECTL', createdBy: 'carol', class: jobClass, queue: { name: 'default' } })
      const types = (await acme.eventsUntil(id, 'METERED')).map(({ type }) => type)
      expect(types.filter((type) => type !== 'REASON_CHANGED')).toEqual(WHOLE_LIFE)
      expect((await costOf(cloud, acme, id)).cost.complete).toBe(true)
      const shares = (await intervalsOf(cloud, acme)).filter((row) => row.job === id).map(({ share }) => share)
      expect(shares).toEqual(name === 'train' ? Array(8).fill('1') : ['0.25'])
      expect(await carol(['get', 'job', name])).toContain('Complete')
    }
    expect(await describedJob('train', (text) => text.includes('Admitted'))).toMatch(
      /Normal +Admitted .*sluice +Given 2 slots in node pool h100, on gpu-0\./,
    )
  })

  test('one that waits says why to kubectl, and is planned anew when its owner changes it', async () => {
    await create('first', { gpus: 8 })
    await inGraph('first', ({ phase }) => phase === 'RUNNING')
    await create('second', { pods: 2, gpus: 8 })
    const text = await describedJob('second', (told) => told.includes('GangLargerThanCluster'))
    expect(text).toMatch(/Warning +GangLargerThanCluster/)
    await carol(['patch', 'job', 'second', '-p', JSON.stringify({ spec: { parallelism: 1 } })])
    await inGraph('second', ({ replicas }) => replicas === 1)
    await end('first')
    await inGraph('second', ({ phase }) => phase === 'RUNNING')
    const graph = await inGraph('first')
    expect(graph).toMatchObject({ phase: 'CANCELLED', failure: { reason: 'DELETED' } })
    await end('second')
  })

  describe('docs/scheduling-support.md', () => {
    test('names every field that this API server has for pods, containers, volumes and Jobs', async () => {
      const page = await readFile(join(import.meta.dirname, '../../docs/scheduling-support.md'), 'utf8')
      const named = new Set([...page.matchAll(/`([A-Za-z]+)/g)].map(([, word]) => word))
      const fieldsOf = async (path: string, schema: string) => {
        const { components } = JSON.parse(await cloud.kubectl(['get', '--raw', `/openapi/v3/${path}`]))
        return Object.keys(components.schemas[schema].properties)
      }
      const fields = [
        ...(await fieldsOf('api/v1', 'io.k8s.api.core.v1.PodSpec')),
        ...(await fieldsOf('api/v1', 'io.k8s.api.core.v1.Container')),
        ...(await fieldsOf('apis/batch/v1', 'io.k8s.api.batch.v1.JobSpec')),
      ]
      expect(fields.filter((field) => !named.has(field))).toEqual([])
    })

    test('refuses what it says it refuses: never bound, and the reason names the field', async () => {
      const podSpec = JSON.parse(await cloud.kubectl(['get', '--raw', '/openapi/v3/api/v1'])).components.schemas[
        'io.k8s.api.core.v1.PodSpec'
      ].properties
      const tried = Object.values(REFUSED_FIELDS).map(({ path }) => path.split(/[.[]/)[0])
      const known = [...NEUTRAL_FIELDS, ...SUPPORTED_FIELDS, ...tried, ...UNREACHABLE_FIELDS]
      expect(
        Object.keys(podSpec).filter((field) => !known.includes(field)),
        'fields without a sample',
      ).toEqual([])

      await carol(['create', '-f', '-'], JSON.stringify(jobsWithRefusedFields(namespace)))
      const said = await cloud.jobs.until('each has its reason', (all) => {
        const reasons = all.filter((each) => nameOf(each)?.startsWith('refused-') && reasonOf(each) !== undefined)
        return reasons.length === Object.keys(REFUSED_FIELDS).length ? reasons : undefined
      })
      const byName = new Map(said.map((each) => [nameOf(each), reasonOf(each)]))
      for (const [i, [what, { path }]] of Object.entries(REFUSED_FIELDS).entries()) {
        expect(byName.get(`refused-${i}`)?.message, what).toContain(`UnsupportedField(spec.template.spec.${path})`)
      }
      expect(cloud.pods.all().filter((pod) => last(pod).metadata.name?.startsWith('refused-'))).toEqual([])
      const told = await describedJob('refused-0', (text) => text.includes('UnsupportedField'))
      expect(told).toMatch(/Warning +UnsupportedField .*spec\.template\.spec\.affinity/)
      await carol(['delete', 'jobs', ...byName.keys().filter((name) => name !== undefined)])
    })
  })

  describe('what its pods will ask for', () => {
    const reasonFor = (name: string) =>
      cloud.jobs.until(`${name} has its reason`, (all) => {
        const found = all.find((each) => nameOf(each) === name)
        return found && reasonOf(found)
      })

    test('counts before it is admitted, where a RuntimeClass adds to it', async () => {
      const runtimeClass = `{ apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: { name: sandboxed },
        handler: sandboxed, overhead: { podFixed: { cpu: "900" } } }`
      await cloud.kubectl(['create', '-f', '-'], runtimeClass)
      await carol(['create', '-f', '-'], manifest('sandboxed', { podSpec: 'runtimeClassName: sandboxed,' }))
      const { code, message } = await reasonFor('sandboxed')
      expect(code).toBe('GangLargerThanCluster')
      expect(message).toMatch(/900(\.\d+)? CPUs/)
      await end('sandboxed')
      await cloud.kubectl(['delete', 'runtimeclass', 'sandboxed'])
    })

    test('has to be what its namespace allows, and is tried again when that changes', async () => {
      const limits = `{ apiVersion: v1, kind: LimitRange, metadata: { name: small },
        spec: { limits: [{ type: Pod, max: { cpu: 1 } }] } }`
      await cloud.kubectl(['create', '--namespace', namespace, '-f', '-'], limits)
      await create('too-large')
      const { code, message } = await reasonFor('too-large')
      expect(code).toBe('Misconfigured')
      expect(message).toContain('maximum cpu usage per Pod is 1')
      await cloud.kubectl(['delete', 'limitrange', 'small', '--namespace', namespace])
      await inGraph('too-large', isRunning)
      await end('too-large')
    })

    test('is found out by an account that can make no pod', async () => {
      const pod = {
        apiVersion: 'v1' as const,
        kind: 'Pod' as const,
        metadata: { name: 'own', namespace: 'default' },
        spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'busybox' }] },
      }
      await expect(cloud.agentsCluster.create('Pod', pod)).rejects.toMatchObject({ code: 'FORBIDDEN' })
      expect((await cloud.agentsCluster.create('Pod', pod, { dryRun: true })).spec?.containers).toHaveLength(1)
    })
  })

  test('cancelJob ends one, deletes the Job with its pods, and what they held is metered', async () => {
    await create('unwanted', { gpus: 2 })
    const { id } = await inGraph('unwanted', ({ phase }) => phase === 'RUNNING')
    expect(dataOf(await acme.cancelJob(id)).cancelJob).toMatchObject({ job: { phase: 'CANCELLED' }, userErrors: [] })
    await cloud.jobs.until('the Job is gone', (all) => all.find((each) => each.isGone && nameOf(each) === 'unwanted'))
    const types = (await acme.eventsUntil(id, 'METERED')).map(({ type }) => type)
    expect(types.slice(-2)).toEqual(['CANCELLED', 'METERED'])
    expect((await intervalsOf(cloud, acme)).filter(({ job }) => job === id)).toHaveLength(2)
    await create('unwanted')
    const again = await until('another of its name is another job', listed, (all) =>
      all.some((job) => job.name === 'unwanted' && job.phase === 'RUNNING'),
    )
    expect(again.filter(({ name }) => name === 'unwanted')).toHaveLength(2)
    await end('unwanted')
  })

  describe('an agent that starts anew', () => {
    test('adopts nothing twice, and finds what was cancelled meanwhile', async () => {
      await create('lasting')
      await create('doomed')
      const [lasting, doomed] = [await inGraph('lasting', isRunning), await inGraph('doomed', isRunning)]
      await cloud.stopAgent()
      expect(dataOf(await acme.cancelJob(doomed.id)).cancelJob.userErrors).toEqual([])
      await cloud.startAgent()
      await cloud.jobs.until('the Job is gone', (all) => all.find((each) => each.isGone && nameOf(each) === 'doomed'))
      await acme.eventsUntil(doomed.id, 'METERED')
      expect((await listed()).filter(({ name }) => name === 'lasting')).toMatchObject([
        { id: lasting.id, phase: 'RUNNING' },
      ])
      await end('lasting')
    })
  })

  test('a Job of the API tells kubectl who submitted it, and kubectl can end it', async () => {
    const id = await acme.submitJob({ name: 'of-api', runSeconds: 3_600 })
    await acme.eventsUntil(id, 'RUNNING')
    const [job] = JSON.parse(await carol(['get', 'jobs', '-l', `sluice.dev/job=${id}`, '-o', 'json'])).items as Job[]
    const { origin, createdBy } = await inGraph('of-api')
    expect({ origin, createdBy }).toEqual({ origin: 'API', createdBy: 'developer@acme' })
    expect(job?.metadata.annotations).toMatchObject({ 'sluice.dev/created-by': 'developer@acme' })
    await end(job?.metadata.name ?? '')
    const events = await acme.eventsUntil(id, 'METERED')
    expect(events.find(({ type }) => type === 'CANCELLED')).toMatchObject({ reason: 'DELETED' })
  })

  test('kubectl get queues tells at one moment what the graph tells', async () => {
    await create('holds', { gpus: 3 })
    await inGraph('holds', ({ phase }) => phase === 'RUNNING')
    await create('waits', { gpus: 6 })
    await inGraph('waits', ({ pending }) => pending?.code === 'InsufficientGpus')
    const operator = await cloud.operator()
    const both = async () => {
      const answer = await cloud.ask<{ queues: { edges: { node: ListedQueue }[] } }>(operator, QUEUES)
      const [header = '', ...rows] = (await cloud.kubectl(['get', 'queues', '-o', 'wide'])).trim().split('\n')
      return {
        graph: dataOf(answer).queues.edges.map(({ node }) => node),
        kubectl: rows.map((row) => rowOf(header, row)),
      }
    }
    const { graph, kubectl } = await until('both have seen it', both, (seen) =>
      seen.graph.some(({ usedGpus, pendingGpus }) => Number(usedGpus) === 3 && Number(pendingGpus) === 6),
    )
    expect(
      kubectl.map(({ NAME, ACTIVE, PENDING, ADMITTED, USED, ASKED, WEIGHT }) => ({
        NAME,
        ACTIVE,
        PENDING,
        ADMITTED,
        USED,
        ASKED,
        WEIGHT,
      })),
    ).toEqual(
      graph.map(({ name, pending, admitted, usedGpus, pendingGpus, weight }) => ({
        NAME: name,
        ACTIVE: 'True',
        PENDING: String(pending),
        ADMITTED: String(admitted),
        USED: usedGpus,
        ASKED: pendingGpus,
        WEIGHT: weight,
      })),
    )
    await end('waits')
    await end('holds')
  })
})

const RUNS_A_SECOND = 'env: [{ name: SIM_RUN_SECONDS, value: "1" }]'
const WHOLE_LIFE = ['SUBMITTED', 'ADMITTED', 'RUNNING', 'SUCCEEDED', 'METERED']
const isRunning = ({ phase }: ListedJob) => phase === 'RUNNING'

function nameOf(record: Parameters<typeof last<Job>>[0]): string | undefined {
  return last(record).metadata.name
}

function reasonOf(record: Parameters<typeof last<Job>>[0]): { code: string; message: string } | undefined {
  const text = last(record).metadata.annotations?.[annotations.pending]
  return text === undefined ? undefined : JSON.parse(text)
}
