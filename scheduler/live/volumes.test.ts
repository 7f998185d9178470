import { afterEach, assert, describe, test } from 'vitest'
import type { Kinds, Pod } from '../../kubernetes/objects.ts'
import { gpuNode } from '../../kubernetes/simulated/testkit.ts'
import { podsOf, type Stage, startStage } from '../testkit/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const usesData: Partial<NonNullable<Pod['spec']>> = {
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
}
const nodesOf = async (name: string) => (await stage.placesOf(name)).map((place) => place.split('/')[0])
const claim = () => stage.cluster.get('PersistentVolumeClaim', { namespace: 't', name: 'data' })

async function start(
  options: { mode?: 'WaitForFirstConsumer' | 'Immediate'; provisioner?: string; zones?: string[] } = {},
) {
  const { mode = 'WaitForFirstConsumer', provisioner = 'disk.example.com', zones } = options
  const nodes = ['a', 'a', 'b'].map((zone, i) => ({ ...gpuNode, name: `n${i + 1}`, labels: { zone } }))
  stage = await startStage({ nodes })
  await stage.cluster.create('StorageClass', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'disk' },
    provisioner,
    volumeBindingMode: mode,
    ...(zones && { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: zones }] }] }),
  })
}

async function createClaim(): Promise<void> {
  await stage.cluster.create('PersistentVolumeClaim', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 't', name: 'data' },
    spec: {
      storageClassName: 'disk',
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
    },
  })
  await stage.settle()
}

/** What the provisioner and the volume controller do: a volume for the claim, in that zone. */
async function provision(zone: string): Promise<void> {
  const volume: Kinds['PersistentVolume'] = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'volume' },
    spec: {
      claimRef: { namespace: 't', name: 'data' },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
      },
    },
  }
  await stage.cluster.create('PersistentVolume', volume)
  const { metadata } = await claim()
  await stage.cluster.patch('PersistentVolumeClaim', { namespace: 't', name: 'data' }, [
    { op: 'add', path: '/spec/volumeName', value: 'volume' },
    {
      op: 'add',
      path: '/metadata/annotations',
      value: { ...metadata.annotations, 'pv.kubernetes.io/bind-completed': 'yes' },
    },
  ])
  await stage.settle()
}

/** What the agent does with pods that are gone. */
async function meterDeleted(): Promise<void> {
  for (const { metadata } of await podsOf(stage.cluster, 'job')) {
    if (metadata.deletionTimestamp === undefined) continue
    await stage.cluster.patch('Pod', { namespace: 't', name: metadata.name ?? '' }, [
      { op: 'remove', path: '/metadata/finalizers' },
    ])
  }
  await stage.settle()
}

describe('a claim that waits for its first consumer', () => {
  test('is told the node of the first pod, and no pod is bound before it has a volume', async () => {
    await start()
    await createClaim()
    await stage.submit({ gpus: 4, slots: 2, pod: usesData })
    await stage.settle()
    assert.equal((await claim()).metadata.annotations?.['volume.kubernetes.io/selected-node'], 'n1')
    assert.lengthOf(await podsOf(stage.cluster, 'job'), 2)
    assert.deepEqual(await nodesOf('job'), [])
    await provision('a')
    assert.deepEqual(await nodesOf('job'), ['n1', 'n2'])
  })

  test('whose volume comes where not all pods are takes the gang there', async () => {
    await start()
    await createClaim()
    await stage.submit({ gpus: 4, pod: usesData })
    await stage.settle()
    await provision('b')
    await meterDeleted()
    assert.deepEqual(await nodesOf('job'), ['n3'])
  })

  test('sends the gang back with the reason where no volume comes in time, and is used when it has come after all', async () => {
    await start()
    await createClaim()
    await stage.submit({ gpus: 1, pod: usesData })
    await stage.pass(62)
    assert.include((await stage.reasonOf('job'))?.message, 'was not made in time')
    await provision('b')
    await stage.pass(60)
    assert.deepEqual(await nodesOf('job'), ['n3'])
  })

  test('is told a node of its class’s topologies alone', async () => {
    await start({ zones: ['b'] })
    await createClaim()
    await stage.submit({ gpus: 1, pod: usesData })
    await stage.settle()
    assert.equal((await claim()).metadata.annotations?.['volume.kubernetes.io/selected-node'], 'n3')
  })

  test('goes on with the next scheduler', async () => {
    await start()
    await createClaim()
    await stage.submit({ gpus: 1, pod: usesData })
    await stage.settle()
    await stage.restartScheduler()
    await provision('a')
    assert.deepEqual(await nodesOf('job'), ['n1'])
  })
})

describe('a job waits with the reason VolumeNotReady', () => {
  const refused = async () => {
    await stage.submit({ gpus: 1, slots: 1, pod: usesData })
    await stage.settle()
    assert.deepEqual(await nodesOf('job'), [])
    const reason = await stage.reasonOf('job')
    assert.equal(reason?.code, 'VolumeNotReady')
    return reason?.message
  }

  test('until its claim exists, and then starts where the volume is', async () => {
    await start()
    assert.include(await refused(), 'no claim data')
    await createClaim()
    await provision('b')
    await meterDeleted()
    assert.deepEqual(await nodesOf('job'), ['n3'])
  })

  test('while a claim that is bound at once is not bound', async () => {
    await start({ mode: 'Immediate' })
    await createClaim()
    assert.include(await refused(), 'no volume yet')
  })

  test('where a volume would have to be chosen', async () => {
    await start({ provisioner: 'kubernetes.io/no-provisioner' })
    await createClaim()
    assert.include(await refused(), 'does not choose')
  })
})

test('a job that runs is not disturbed by what becomes of its claim', async () => {
  await start()
  await createClaim()
  await provision('a')
  await stage.submit({ gpus: 1, pod: usesData })
  await stage.settle()
  await stage.cluster.delete('PersistentVolumeClaim', { namespace: 't', name: 'data' })
  await stage.settle()
  assert.deepEqual(await nodesOf('job'), ['n1'])
})
