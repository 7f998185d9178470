import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, assert, describe, expect, onTestFinished, test } from 'vitest'
import { type Cluster, ClusterError, type ClusterErrorCode } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Kinds } from '../../kubernetes/objects.ts'
import { startTestCluster, type TestCluster, testJob } from '../../kubernetes/simulated/testkit.ts'
import { encodeAssignment } from '../../scheduler/model/assignment.ts'
import { overriding } from '../testkit/overriding.ts'
import { promptTimers } from '../testkit/promptTimers.ts'
import { tellJobEvents } from './tellJobEvents.ts'

const REF = { namespace: 't', name: 'job' }
const SINCE = '2026-01-01T00:01:00Z'
const pending = (code: string, since = SINCE) =>
  JSON.stringify({ code, message: 'The queue is full.', fix: 'Wait.', since })
const assignment = encodeAssignment({ flavor: 'h100', slots: [{ node: 'gpu-1', devices: [0] }] }) ?? ''

let cloud: TestCluster
afterEach(() => cloud.stop())

async function start() {
  cloud = await startTestCluster()
  const project = { op: 'add' as const, path: '/metadata/labels/sluice.dev~1project', value: 'project_1' }
  assert.equal(labels.project, 'sluice.dev/project')
  await cloud.cluster.patch('Namespace', { name: 't' }, [project])
  await cloud.cluster.create('Job', testJob())
  return cloud.cluster
}
async function teller(cluster: Cluster) {
  const log = pino({ level: 'silent' })
  const caches = {
    jobs: startInformer(cluster, 'Job', { log }),
    namespaces: startInformer(cluster, 'Namespace', { log }),
  }
  await Promise.all([caches.jobs.synced, caches.namespaces.synced])
  const timers = promptTimers()
  const { stop } = tellJobEvents({ cluster, caches, log, timers })
  const end = () => Promise.all([stop(), caches.jobs.stop(), caches.namespaces.stop()])
  onTestFinished(async () => void (await end()))
  return { timers, end }
}
const annotate = (values: Record<string, string>, isSuspended = true) =>
  cloud.cluster.patch('Job', REF, [
    { op: 'add', path: '/metadata/annotations', value: values },
    { op: 'replace', path: '/spec/suspend', value: isSuspended },
  ])
async function told(atLeast: number): Promise<Kinds['Event'][]> {
  for (let turn = 0; turn < 2_000; turn++) {
    await immediate()
    const { items } = await cloud.cluster.list('Event')
    if (items.length >= atLeast) return [...items]
  }
  throw new Error(`fewer than ${atLeast} events were told`)
}
const words = ({ type, reason, message }: Kinds['Event']) => [type, reason, message]

describe('events on a Job', () => {
  test('say what an elastic one was given since, whatever else stands there', async () => {
    const cluster = await start()
    await teller(cluster)
    const steps = [null, 7, { from: 2, at: '2026-01-01T00:05:00Z' }, { from: 3, at: 'soon' }]
    const admission = { [annotations.admittedAt]: SINCE, [annotations.assignment]: assignment }
    await annotate({ ...admission, [annotations.grown]: JSON.stringify({ steps }) }, false)
    expect((await told(2)).map(({ reason }) => reason).toSorted()).toEqual(['Admitted', 'Grown'])
  })

  test('say why it waits, then that it is admitted and where, each once and at its own time', async () => {
    const cluster = await start()
    await teller(cluster)
    await annotate({ [annotations.pending]: pending('WaitingForQuota') })
    const [waits] = await told(1)
    expect(waits).toMatchObject({
      type: 'Normal',
      reason: 'WaitingForQuota',
      message: 'The queue is full. Wait.',
      lastTimestamp: SINCE,
      involvedObject: { kind: 'Job', ...REF },
    })
    await annotate({ [annotations.assignment]: assignment, [annotations.admittedAt]: '2026-01-01T00:02:00Z' }, false)
    const events = await told(2)
    expect(events.map(words)).toContainEqual(['Normal', 'Admitted', 'Given 1 slot in node pool h100, on gpu-1.'])
  })

  test('warn of what somebody has to mend, and of an eviction, whose own reason is not told again', async () => {
    const cluster = await start()
    await teller(cluster)
    await annotate({ [annotations.pending]: pending('UnsupportedField', '2026-01-01T00:00:30Z') })
    await told(1)
    const evicted = JSON.stringify({ at: SINCE, reason: 'NodeLost', message: 'Its node is gone.' })
    await annotate({ [annotations.evicted]: evicted, [annotations.pending]: pending('WaitingForBackoff') })
    expect((await told(2)).map(words).sort()).toEqual([
      ['Warning', 'Evicted', 'NodeLost: Its node is gone.'],
      ['Warning', 'UnsupportedField', 'The queue is full. Wait.'],
    ])
  })

  test('are told once, by an agent that starts anew as well', async () => {
    const cluster = await start()
    const first = await teller(cluster)
    await annotate({ [annotations.pending]: pending('WaitingForQuota') })
    await told(1)
    await first.end()
    const attempts: string[] = []
    const counted = overriding(cluster, {
      create: (kind, object, options) => {
        attempts.push(kind)
        return cluster.create(kind, object, options)
      },
    })
    await teller(counted)
    await annotate({ [annotations.pending]: pending('InsufficientGpus', '2026-01-01T00:03:00Z') })
    expect(await told(2)).toHaveLength(2)
    await annotate({ note: 'mine', [annotations.pending]: pending('InsufficientGpus', '2026-01-01T00:03:00Z') })
    assert.isAtMost(attempts.length, 2)
  })

  test('are tried again when the API server is away, and given up where they are not allowed', async () => {
    const cluster = await start()
    const refusals: ClusterErrorCode[] = ['UNAVAILABLE', 'FORBIDDEN']
    const { timers } = await teller(
      overriding(cluster, {
        create: async (kind, object, options) => {
          const code = refusals.shift()
          if (code !== undefined) throw new ClusterError(code, 'no')
          return cluster.create(kind, object, options)
        },
      }),
    )
    await annotate({ [annotations.pending]: pending('WaitingForQuota') })
    for (let turn = 0; turn < 2_000 && refusals.length > 1; turn++) await immediate()
    timers.runLong()
    for (let turn = 0; turn < 2_000 && refusals.length > 0; turn++) await immediate()
    await annotate({ [annotations.pending]: pending('InsufficientGpus', '2026-01-01T00:03:00Z') })
    expect((await told(1)).map(({ reason }) => reason)).toEqual(['InsufficientGpus'])
  })

  test('are not told of a Job outside tenants’ namespaces, nor from words that the scheduler never writes', async () => {
    const cluster = await start()
    await teller(cluster)
    const stranger = testJob()
    await cluster.create('Job', {
      ...stranger,
      metadata: {
        namespace: 'default',
        name: 'x',
        annotations: { [annotations.pending]: pending('WaitingForQuota') },
      },
    })
    await annotate({ [annotations.pending]: pending('not a word!') })
    await annotate({ [annotations.pending]: '{' })
    await annotate({ [annotations.pending]: pending('WaitingForQuota') })
    expect((await told(1)).map(({ metadata }) => metadata.namespace)).toEqual(['t'])
  })
})
