import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, onTestFinished, test } from 'vitest'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import { startTestCluster } from '../../kubernetes/simulated/testkit.ts'
import type { SubgraphName } from '../../platform/link/protocol.ts'
import { type Caches, startCaches, stopCaches } from '../caches.ts'
import { beginEpoch } from '../epochs.ts'
import { CLUSTER_ID, fakeControlPlane } from '../testkit/fakeControlPlane.ts'
import { overriding } from '../testkit/overriding.ts'
import { promptTimers } from '../testkit/promptTimers.ts'
import { startObservations } from './observations.ts'
import { PACE_MS } from './outbox.ts'

async function prepare() {
  const plane = fakeControlPlane()
  await plane.link.hello({ name: 'test', kubernetesVersion: 'v1' }, AbortSignal.any([]))
  const simulated = await startTestCluster()
  const { cluster } = simulated
  await cluster.apply('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM_NAMESPACE } })
  const log = pino({ level: 'silent' })
  const caches = await startCaches(cluster, log)
  onTestFinished(async () => {
    await stopCaches(caches)
    await simulated.stop()
  })
  await beginEpoch(simulated.cluster, 'scheduler')
  return { ...simulated, plane, caches, log }
}

type Prepared = Awaited<ReturnType<typeof prepare>>

function observe(
  { cluster, clock, plane, caches, log }: Prepared,
  overrides: { cluster?: Cluster; caches?: Caches } = {},
) {
  const timers = promptTimers(100_000)
  const acknowledged: string[] = []
  const observations = startObservations({
    snapshots: { newest: () => null, acknowledged: () => {}, retell: () => {} },
    cluster,
    clusterId: CLUSTER_ID,
    epoch: 1,
    caches,
    link: plane.link,
    clock,
    log,
    timers,
    random: () => 1,
    onAcknowledged: (subgraph, records) => void acknowledged.push(...records.map(({ kind }) => `${subgraph} ${kind}`)),
    onProgress: () => {},
    ...overrides,
  })
  onTestFinished(() => observations.stop())
  return { observations, timers, acknowledged, told: () => plane.until(() => observations.isWithin(0)) }
}

const epochsOf = ({ plane }: Prepared, subgraph: SubgraphName) => [
  ...new Set(plane.batches(subgraph).map(({ epoch }) => epoch)),
]

describe('observations', () => {
  test('begin with all there is, to every subgraph that observes, under one epoch', async () => {
    const stage = await prepare()
    const { observations, acknowledged, told } = observe(stage)
    assert.isFalse(observations.isWithin(1_000))
    await told()
    assert.deepEqual(acknowledged.sort(), [
      'inventory node',
      'inventory resyncEnd',
      'jobs resyncEnd',
      'metering resyncEnd',
    ])
    for (const subgraph of ['inventory', 'jobs', 'metering'] as const) assert.deepEqual(epochsOf(stage, subgraph), [1])
  })

  test('say when a subgraph knows all there was, and at once of one that takes none', async () => {
    const stage = await prepare()
    const { plane } = stage
    const held = Promise.withResolvers<void>()
    plane.observing = async (subgraph, _batch, deliver) => {
      if (subgraph === 'jobs') await held.promise
      return deliver()
    }
    const { observations } = observe(stage)
    await Promise.all([observations.whenTold('tenants'), observations.whenTold('metering')])
    let isTold = false
    const jobsTold = observations.whenTold('jobs').then(() => {
      isTold = true
    })
    await immediate()
    assert.isFalse(isTold)
    held.resolve()
    await jobsTold
  })

  test('begin anew for all where one subgraph has lost the thread', async () => {
    const stage = await prepare()
    const { told, observations } = observe(stage)
    await told()
    let isLost = true
    stage.plane.observing = async (subgraph, batch, deliver) => {
      if (subgraph !== 'metering' || !isLost) return deliver()
      isLost = false
      return { outcome: 'gap', expected: { epoch: batch.epoch, number: 0 } }
    }
    observations.heartbeat()
    await stage.plane.until(() => epochsOf(stage, 'metering').includes(2))
    await told()
    for (const subgraph of ['inventory', 'jobs', 'metering'] as const) {
      assert.deepEqual(stage.plane.batches(subgraph).at(-1)?.epoch, 2)
    }
  })

  test('begin above what the control plane remembers of a cluster that was made anew', async () => {
    const stage = await prepare()
    const stale = { outcome: 'staleEpoch', expected: { epoch: 41, number: 7 } } as const
    stage.plane.observing = async (_subgraph, batch, deliver) => (batch.epoch < 42 ? stale : deliver())
    const { told, timers } = observe(stage)
    await told()
    assert.deepEqual(epochsOf(stage, 'jobs'), [42])
    assert.isEmpty(timers.delays.filter((delayMs) => delayMs > PACE_MS && delayMs < 100_000))
  })

  test('of two agents end up with one a minute at most, not in a storm', async () => {
    const stage = await prepare()
    let rounds = 0
    stage.plane.observing = async (subgraph, batch, deliver) => {
      if (subgraph !== 'jobs' || ++rounds > 10) return deliver()
      // The other agent was faster again.
      const epoch = await beginEpoch(stage.cluster, 'observations')
      return { outcome: 'staleEpoch', expected: { epoch, number: batch.number } }
    }
    const { timers, told } = observe(stage)
    await told()
    const pauses = timers.delays.filter((delayMs) => delayMs >= 1_000 && delayMs < 100_000)
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  test('wait for an API server that does not let them begin', async () => {
    const stage = await prepare()
    let failures = 3
    const cluster = overriding(stage.cluster, {
      async patch(...patch) {
        if (failures-- > 0) throw new ClusterError('UNAVAILABLE', 'not now')
        return stage.cluster.patch(...patch)
      },
    })
    const { told } = observe(stage, { cluster })
    await told()
    assert.deepEqual(epochsOf(stage, 'jobs'), [1])
  })

  test('claim no time at which the cluster was out of sight', async () => {
    const stage = await prepare()
    const { caches, plane, clock, pass } = stage
    let isCurrent = true
    const pods = Object.create(caches.pods, { isCurrent: { get: () => isCurrent } }) as Caches['pods']
    const { observations, told } = observe(stage, { caches: { ...caches, pods } })
    await told()
    const before = clock.nowMs()
    isCurrent = false
    await pass(60)
    observations.heartbeat()
    await told()
    const through = () => Date.parse(plane.batches('metering').at(-1)?.through ?? '')
    assert.equal(through(), before)
    isCurrent = true
    observations.heartbeat()
    await told()
    assert.equal(through(), clock.nowMs())
  })

  test('stop while they wait for the next epoch', async () => {
    const stage = await prepare()
    const waiting = Promise.withResolvers<void>()
    const cluster = overriding(stage.cluster, {
      async patch() {
        waiting.resolve()
        throw new ClusterError('UNAVAILABLE', 'not now')
      },
    })
    const { observations } = observe(stage, { cluster })
    await waiting.promise
    await observations.stop()
  })
})
