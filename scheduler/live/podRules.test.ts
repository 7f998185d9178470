import { afterEach, assert, describe, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { nodes, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const host = 'kubernetes.io/hostname'
const apartFrom = (app: string): Partial<NonNullable<Pod['spec']>> => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: host, labelSelector: { matchLabels: { app } } }],
    },
  },
})
const nodesOf = async (name: string) => (await stage.placesOf(name)).map((place) => place.split('/')[0])

describe('on the cluster, anti-affinity', () => {
  test('keeps a gang apart, and from pods that were there before anybody asked', async () => {
    stage = await startStage({ nodes: nodes('n1', 'n2', 'n3') })
    await stage.submit({ name: 'old', gpus: 1, podLabels: { app: 'web' } })
    await stage.settle()
    assert.deepEqual(await nodesOf('old'), ['n1'])
    await stage.submit({ name: 'new', gpus: 1, slots: 2, podLabels: { app: 'web' }, pod: apartFrom('web') })
    await stage.settle()
    assert.deepEqual((await nodesOf('new')).toSorted(), ['n2', 'n3'])
    await stage.submit({ name: 'more', gpus: 1, podLabels: { app: 'web' }, pod: apartFrom('web') })
    await stage.settle()
    assert.equal((await stage.reasonOf('more'))?.code, 'PodRulesFailed')
  })

  test('of pods that run is known to the next scheduler, and ends with them', async () => {
    stage = await startStage({ nodes: nodes('n1') })
    await stage.submit({ name: 'lone', gpus: 1, runSeconds: 50, podLabels: { app: 'lone' }, pod: apartFrom('web') })
    await stage.settle()
    await stage.restartScheduler()
    await stage.submit({ name: 'web', gpus: 1, podLabels: { app: 'web' } })
    await stage.submit({ name: 'other', gpus: 1, podLabels: { app: 'other' } })
    await stage.settle()
    assert.deepEqual([await nodesOf('web'), await nodesOf('other')], [[], ['n1']])
    await stage.pass(60)
    assert.deepEqual(await nodesOf('web'), ['n1'])
  })
})

test('an inference job is spread over nodes, a training job is not', async () => {
  stage = await startStage({ nodes: nodes('n1', 'n2') })
  await stage.submit({ name: 'serve', gpus: 1, slots: 2, annotations: { [annotations.class]: 'INFERENCE' } })
  await stage.settle()
  assert.deepEqual(await nodesOf('serve'), ['n1', 'n2'])
  await stage.submit({ name: 'train', gpus: 1, slots: 2 })
  await stage.settle()
  assert.lengthOf(new Set(await nodesOf('train')), 1)
})
