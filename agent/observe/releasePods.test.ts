import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { assert, describe, onTestFinished, test } from 'vitest'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { startInformer } from '../../kubernetes/informer.ts'
import { METERED_FINALIZER } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { startTestCluster } from '../../kubernetes/simulated/testkit.ts'
import type { Observation, SubgraphName } from '../../platform/link/protocol.ts'
import { overriding } from '../testkit/overriding.ts'
import { promptTimers } from '../testkit/promptTimers.ts'
import { observePod } from './observePod.ts'
import { releasePods } from './releasePods.ts'

const OTHER_FINALIZER = 'example.test/other'

/** @param releasersCluster may refuse what the releaser asks for */
async function start(releasersCluster: (cluster: Cluster) => Cluster = (same) => same) {
  const test = await startTestCluster()
  onTestFinished(test.stop)
  const { cluster } = test
  const log = pino({ level: 'silent' })
  const pods = startInformer(cluster, 'Pod', { log })
  onTestFinished(() => pods.stop())
  await pods.synced
  const timers = promptTimers()
  let progress = Promise.withResolvers<void>()
  const releaser = releasePods({
    cluster: releasersCluster(cluster),
    pods,
    log,
    timers,
    random: () => 1,
    onProgress() {
      progress.resolve()
      progress = Promise.withResolvers()
    },
  })
  onTestFinished(() => releaser.stop())

  const stage = {
    ...test,
    pods,
    releaser,
    timers,
    /** Nothing happens any more by itself. */
    async rest() {
      for (;;) {
        const { promise } = progress
        await test.settle()
        await immediate()
        if (releaser.pending === 0) return
        await promise
      }
    },
    /** By all who keep what a pod was, unless told. */
    acknowledge(records: Observation[], by: SubgraphName[] = ['inventory', 'jobs', 'metering']) {
      for (const subgraph of by) releaser.acknowledged(subgraph, records)
    },
    create: (name: string) => cluster.create('Pod', pod(name)),
    /** Created, bound, run for 5 s, ended. */
    async run(name: string) {
      await test.bind(await cluster.create('Pod', pod(name)), 'gpu-1')
      await test.pass(10)
    },
    delete: (name: string) => cluster.delete('Pod', { namespace: 't', name }),
    async finalizersOf(name: string) {
      const { items } = await cluster.list('Pod', { namespace: 't' })
      return items.find(({ metadata }) => metadata.name === name)?.metadata.finalizers ?? null
    },
    /** What metering is told of the pod now. */
    recordOf: (name: string, overrides: Partial<Extract<Observation, { kind: 'pod' }>> = {}): Observation => ({
      kind: 'pod',
      seq: 1,
      ...observePod(pods.get({ namespace: 't', name }) as Pod, { tenantId: 'tenant', projectId: 'project' }),
      ...overrides,
    }),
  }
  return stage
}

function pod(name: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 't', finalizers: [OTHER_FINALIZER, METERED_FINALIZER] },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'example.test/a:1', env: [{ name: 'SIM_RUN_SECONDS', value: '5' }] }],
    },
  }
}

describe('a pod that has ended', () => {
  test('is kept, deleted or not, until its end is acknowledged; then only our finalizer goes', async () => {
    const { run, rest, releaser, acknowledge, recordOf, finalizersOf, delete: remove } = await start()
    await run('a')
    await remove('a')
    await rest()
    assert.deepEqual(await finalizersOf('a'), [OTHER_FINALIZER, METERED_FINALIZER])
    acknowledge([recordOf('a')])
    assert.equal(releaser.pending, 1)
    await rest()
    assert.deepEqual(await finalizersOf('a'), [OTHER_FINALIZER])
  })

  test('is kept until metering has it for the ledger and jobs for the story, whoever comes first', async () => {
    const { run, rest, acknowledge, recordOf, finalizersOf } = await start()
    const orders: SubgraphName[][] = [
      ['metering', 'jobs'],
      ['jobs', 'metering'],
    ]
    for (const [first = 'jobs', second = 'jobs'] of orders) {
      await run(first)
      acknowledge([recordOf(first)], [first, first, 'inventory'])
      await rest()
      assert.include((await finalizersOf(first)) ?? [], METERED_FINALIZER)
      acknowledge([recordOf(first)], [second])
      await rest()
      assert.notInclude((await finalizersOf(first)) ?? [], METERED_FINALIZER)
    }
  })

  test('is kept where what was acknowledged is that it ran', async () => {
    const { run, rest, acknowledge, recordOf, finalizersOf } = await start()
    await run('a')
    acknowledge([recordOf('a', { finishedAt: null }), { kind: 'resyncEnd', seq: 2 }])
    await rest()
    assert.include((await finalizersOf('a')) ?? [], METERED_FINALIZER)
  })

  test('is kept where the acknowledgement was for an earlier pod of its name', async () => {
    const { run, rest, acknowledge, recordOf, finalizersOf } = await start()
    await run('a')
    acknowledge([recordOf('a', { uid: 'uid-of-another' })])
    await rest()
    assert.include((await finalizersOf('a')) ?? [], METERED_FINALIZER)
  })

  test('is released after a day without acknowledgement, and not before', async () => {
    const { run, rest, timers, finalizersOf } = await start()
    await run('a')
    await rest()
    assert.deepEqual(timers.delays, [24 * 3_600_000])
    assert.include((await finalizersOf('a')) ?? [], METERED_FINALIZER)
    timers.runLong()
    await rest()
    assert.notInclude((await finalizersOf('a')) ?? [], METERED_FINALIZER)
  })

  test('has no deadline any more once it is acknowledged', async () => {
    const { run, rest, releaser, acknowledge, recordOf, timers } = await start()
    await run('a')
    acknowledge([recordOf('a')])
    await rest()
    timers.runLong()
    assert.equal(releaser.pending, 0)
  })

  test('is released once, however often it is acknowledged', async () => {
    let patches = 0
    const { run, rest, acknowledge, recordOf } = await start((cluster) =>
      overriding(cluster, {
        patch: (...patch) => {
          patches += 1
          return cluster.patch(...patch)
        },
      }),
    )
    await run('a')
    acknowledge([recordOf('a'), recordOf('a')])
    acknowledge([recordOf('a')])
    await rest()
    assert.equal(patches, 1)
  })
})

describe('a pod that was never bound', () => {
  test('is released as soon as it is deleted: it held nothing', async () => {
    const { create, rest, finalizersOf, delete: remove } = await start()
    await create('a')
    await rest()
    assert.include((await finalizersOf('a')) ?? [], METERED_FINALIZER)
    await remove('a')
    await rest()
    assert.deepEqual(await finalizersOf('a'), [OTHER_FINALIZER])
  })
})

describe('a pod that runs', () => {
  test('is kept when it is deleted, since what it held is not told yet', async () => {
    const { create, bind, settle, rest, finalizersOf, delete: remove } = await start()
    await bind(await create('a'), 'gpu-1')
    await settle()
    await remove('a')
    await rest()
    assert.include((await finalizersOf('a')) ?? [], METERED_FINALIZER)
  })
})

describe('a release that fails', () => {
  test('is tried again, while others go on', async () => {
    let refusals = 3
    const order: string[] = []
    const { run, rest, acknowledge, recordOf, finalizersOf } = await start((cluster) =>
      overriding(cluster, {
        async patch(kind, ref, patch) {
          if (ref.name === 'stuck' && refusals-- > 0) throw new ClusterError('UNAVAILABLE', 'not now')
          order.push(ref.name)
          return cluster.patch(kind, ref, patch)
        },
      }),
    )
    await run('stuck')
    await run('other')
    acknowledge([recordOf('stuck'), recordOf('other')])
    await rest()
    assert.deepEqual(order, ['other', 'stuck'])
    assert.deepEqual(await finalizersOf('stuck'), [OTHER_FINALIZER])
  })

  test('because the finalizers are others by now takes ours from its new place', async () => {
    const { cluster, run, rest, acknowledge, recordOf, finalizersOf } = await start()
    await run('a')
    const record = recordOf('a')
    // The copy does not know of this yet when the release is tried first.
    await cluster.patch('Pod', { namespace: 't', name: 'a' }, [{ op: 'remove', path: '/metadata/finalizers/0' }])
    acknowledge([record])
    await rest()
    assert.deepEqual((await finalizersOf('a')) ?? [], [])
  })

  test('because the pod is gone is done', async () => {
    const { run, rest, releaser, acknowledge, recordOf } = await start((cluster) =>
      overriding(cluster, {
        patch: async () => {
          throw new ClusterError('NOT_FOUND', 'no such pod')
        },
      }),
    )
    await run('a')
    acknowledge([recordOf('a')])
    await rest()
    assert.equal(releaser.pending, 0)
  })
})
