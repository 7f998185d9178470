import { afterEach, assert, describe, test } from 'vitest'
import { defaultSchedulingPolicy } from '../../kubernetes/crds/schedulingPolicies.ts'
import { annotations } from '../../kubernetes/names.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import { type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const ZONE = { name: 'zone', nodeLabel: 'topology.kubernetes.io/zone' }
const RACK = { name: 'rack', nodeLabel: 'acme.com/rack' }

async function startWith(racks: Record<string, string>): Promise<void> {
  const nodes = Object.entries(racks).map(([name, place]) => {
    const [zone = '', rack = ''] = place.split('/')
    return { ...gpuNode, name, labels: { [ZONE.nodeLabel]: zone, [RACK.nodeLabel]: rack } }
  })
  stage = await startStage({ nodes })
}

async function declare(...levels: { name: string; nodeLabel: string }[]): Promise<void> {
  const { spec } = defaultSchedulingPolicy
  await stage.cluster.apply('SchedulingPolicy', { ...defaultSchedulingPolicy, spec: { ...spec, topology: { levels } } })
  await stage.settle()
}

const nodesOf = async (name: string) => (await stage.placesOf(name)).map((place) => place.split('/')[0])

describe('a gang that requires a rack', () => {
  const wish = { slots: 2, gpus: 4, podAnnotations: { [annotations.topologyRequired]: 'rack' } }

  test('is told that the cluster has no such level, and starts as soon as it is declared', async () => {
    await startWith({ n1: 'z/a', n2: 'z/b', n3: 'z/b' })
    await declare(ZONE)
    await stage.submit(wish)
    await stage.settle()
    const reason = await stage.reasonOf('job')
    assert.equal(reason?.code, 'UnknownTopologyLevel')
    assert.include(reason?.fix, 'zone')
    await declare(ZONE, RACK)
    assert.deepEqual(await nodesOf('job'), ['n2', 'n3'])
  })

  test('waits with the numbers while only several racks together have room, and keeps to one after a restart', async () => {
    await startWith({ n1: 'z/a', n2: 'z/a', n3: 'z/b' })
    await declare(ZONE, RACK)
    await stage.submit({
      name: 'small',
      gpus: 1,
      runSeconds: 100,
      podAnnotations: { [annotations.topologyRequired]: 'rack' },
    })
    await stage.settle()
    assert.deepEqual(await nodesOf('small'), ['n3'])
    await stage.submit({ name: 'blocking', gpus: 4, runSeconds: 50 })
    await stage.settle()
    await stage.submit(wish)
    await stage.settle()
    await stage.restartScheduler()
    await stage.pass(60)
    assert.deepEqual(await nodesOf('job'), ['n1', 'n2'])
  })
})

test('a gang that prefers a rack is given the first that holds it', async () => {
  await startWith({ n1: 'z/a', n2: 'z/a', n3: 'z/b', n4: 'z/b' })
  await declare(ZONE, RACK)
  await stage.submit({ slots: 2, gpus: 4, podAnnotations: { [annotations.topologyPreferred]: 'rack' } })
  await stage.settle()
  assert.deepEqual(await nodesOf('job'), ['n1', 'n2'])
})
