import { afterEach, assert, describe, expect, test } from 'vitest'
import { CLAIM_FINALIZER } from '../../../kubernetes/names.ts'
import type { ResourceClaim } from '../../../kubernetes/objects.ts'
import { claiming, claimNodes, claimSpec, claimTemplate, createGpuClass } from '../../testkit/claims.ts'
import { podsOf, type Stage, startStage } from '../../testkit/stage.ts'

let stage: Stage
afterEach(() => stage?.stop())

async function start(...names: string[]): Promise<void> {
  stage = await startStage({ nodes: claimNodes(...names) })
  await createGpuClass(stage.cluster)
  await stage.cluster.create('ResourceClaimTemplate', claimTemplate('t', 'one', claimSpec(1)))
  await stage.cluster.create('ResourceClaimTemplate', claimTemplate('t', 'two', claimSpec(2)))
  await stage.settle()
}

async function claims(): Promise<readonly ResourceClaim[]> {
  return (await stage.cluster.list('ResourceClaim', { namespace: 't' })).items
}

const given = ({ status }: ResourceClaim) =>
  (status?.allocation?.devices?.results ?? []).map(({ pool, device }) => `${pool}/${device}`)

describe('pods with claims', () => {
  test('run on devices that are allocated to their claims and reserved for them', async () => {
    await start('a')
    await stage.submit(claiming({ template: 'two' }, { name: 'j', slots: 2 }))
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual(['a/0+1', 'a/2+3'])
    const pods = await podsOf(stage.cluster, 'j')
    assert.deepEqual(
      pods.map(({ status }) => status?.phase),
      ['Running', 'Running'],
    )
    const all = await claims()
    assert.deepEqual(all.map(given).sort(), [
      ['a/gpu-0', 'a/gpu-1'],
      ['a/gpu-2', 'a/gpu-3'],
    ])
    assert.sameMembers(
      all.flatMap(({ status }) => status?.reservedFor?.map(({ uid }) => uid) ?? []),
      pods.map(({ metadata }) => metadata.uid ?? ''),
    )
    for (const { metadata } of all) expect(metadata.finalizers).toContain(CLAIM_FINALIZER)
  })

  test('give their devices back when they have ended, and whoever waits for them runs', async () => {
    await start('a')
    await stage.submit(claiming({ template: 'two' }, { name: 'first', slots: 2, runSeconds: 10 }))
    await stage.settle()
    await stage.submit(claiming({ template: 'one' }, { name: 'second' }))
    await stage.settle()
    assert.deepEqual(await stage.placesOf('second'), [])
    assert.equal((await stage.reasonOf('second'))?.code, 'InsufficientGpus')
    await stage.pass(11)
    assert.deepEqual(await stage.placesOf('second'), ['a/0'])
    assert.lengthOf(await claims(), 1)
  })
})
