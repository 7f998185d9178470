import { afterEach, assert, describe, expect, test } from 'vitest'
import { CLAIM_FINALIZER } from '../../../kubernetes/names.ts'
import type { ResourceClaim } from '../../../kubernetes/objects.ts'
import { SIMULATED_DRIVER } from '../../../kubernetes/simulated/kubelet/claimedDevices.ts'
import {
  allocateTo,
  claiming,
  claimNodes,
  claimSpec,
  claimTemplate,
  createGpuClass,
  given,
  lonelyPod,
  namedClaim,
} from '../../testkit/claims.ts'
import { nodes, podsOf, type Stage, startStage } from '../../testkit/stage.ts'

let stage: Stage
afterEach(() => stage?.stop())

async function start(options: Parameters<typeof startStage>[0] = {}): Promise<void> {
  stage = await startStage({ nodes: claimNodes('a'), ...options })
  await createGpuClass(stage.cluster)
  await template('one', claimSpec(1))
  await template('two', claimSpec(2))
}

async function template(name: string, spec: ResourceClaim['spec']): Promise<void> {
  await stage.cluster.create('ResourceClaimTemplate', claimTemplate('t', name, spec))
  await stage.settle()
}

async function claims(): Promise<readonly ResourceClaim[]> {
  return (await stage.cluster.list('ResourceClaim', { namespace: 't' })).items
}

describe('pods with claims', () => {
  test('run on devices that are allocated to their claims and reserved for them', async () => {
    await start()
    await stage.submit(claiming({ template: 'two' }, { name: 'j', slots: 2 }))
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual(['a/0+1', 'a/2+3'])
    const pods = await podsOf(stage.cluster, 'j')
    expect(pods.map(({ status }) => status?.phase)).toEqual(['Running', 'Running'])
    const all = await claims()
    expect(all.map(given).sort()).toEqual([
      ['a/gpu-0', 'a/gpu-1'],
      ['a/gpu-2', 'a/gpu-3'],
    ])
    assert.sameMembers(
      all.flatMap(({ status }) => status?.reservedFor?.map(({ uid }) => uid) ?? []),
      pods.map(({ metadata }) => metadata.uid ?? ''),
    )
    for (const { metadata, status } of all) {
      expect(metadata.finalizers).toContain(CLAIM_FINALIZER)
      expect(status?.allocation?.nodeSelector?.nodeSelectorTerms).toEqual([
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] },
      ])
    }
  })

  test('give their devices back when they have ended, and whoever waits for them runs', async () => {
    await start()
    await stage.submit(claiming({ template: 'two' }, { name: 'first', slots: 2, runSeconds: 10 }))
    await stage.settle()
    await stage.submit(claiming({ template: 'one' }, { name: 'second' }))
    await stage.settle()
    expect(await stage.placesOf('second')).toEqual([])
    expect((await stage.reasonOf('second'))?.code).toBe('InsufficientGpus')
    await stage.pass(11)
    expect(await stage.placesOf('second')).toEqual(['a/0'])
    expect((await claims()).map(given)).toEqual([['a/gpu-0']])
  })

  test('go where devices have the attributes that claim and class ask for, and hand config on', async () => {
    const [a, b] = claimNodes('a', 'b')
    assert(a && b)
    await start({ nodes: [...nodes('counted'), a, { ...b, pool: 'a100', gpuModel: 'A100' }] })
    const expression = `device.attributes["${SIMULATED_DRIVER}"].productName == "A100"`
    const { requests = [] } = claimSpec(1, { selectors: [{ cel: { expression } }] }).devices
    const config = [{ requests: ['gpu'], opaque: { driver: SIMULATED_DRIVER, parameters: { sharing: 'none' } } }]
    await template('a100', { devices: { requests, config } })
    await stage.submit(claiming({ template: 'a100' }, { name: 'j' }))
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual(['b/0'])
    expect((await claims())[0]?.status?.allocation?.devices?.config).toEqual([{ ...config[0], source: 'FromClaim' }])
  })

  test('are not mixed with those that ask for a resource: each goes to its own kind of node', async () => {
    await start({ nodes: [...nodes('counted'), ...claimNodes('a')] })
    await stage.submit({ name: 'counts', gpus: 3 })
    await stage.submit(claiming({ template: 'one' }, { name: 'claims', slots: 3 }))
    await stage.settle()
    await stage.submit({ name: 'more', gpus: 2 })
    await stage.settle()
    expect(await stage.placesOf('counts')).toEqual(['counted/0+1+2'])
    expect(await stage.placesOf('claims')).toEqual(['a/0', 'a/1', 'a/2'])
    expect(await stage.placesOf('more')).toEqual([])
  })

  test('make room for a job of higher priority, and come back when it is done', async () => {
    await start()
    await stage.submit(claiming({ template: 'two' }, { name: 'low', slots: 2 }))
    await stage.settle()
    const annotations = { 'sluice.dev/class': 'INFERENCE' }
    await stage.submit(claiming({ template: 'two' }, { name: 'high', slots: 2, annotations, runSeconds: 60 }))
    await stage.pass(40)
    expect(await stage.placesOf('high')).toEqual(['a/0+1', 'a/2+3'])
    expect(await stage.placesOf('low')).toEqual([])
    await stage.pass(60)
    expect(await stage.placesOf('low')).toEqual(['a/0+1', 'a/2+3'])
    expect((await claims()).length).toBe(2)
  })
})

describe('a claim that is not supported', () => {
  test('says so with its path, and is admitted once its template is another', async () => {
    await start()
    await template('all', claimSpec(1, { allocationMode: 'All' }))
    await stage.submit(claiming({ template: 'all' }, { name: 'j' }))
    await stage.settle()
    const reason = await stage.reasonOf('j')
    expect(reason?.code).toBe('UnsupportedClaim')
    expect(reason?.message).toContain(
      'UnsupportedClaim(ResourceClaimTemplate all: spec.spec.devices.requests[0].exactly.allocationMode)',
    )
    await stage.cluster.delete('ResourceClaimTemplate', { namespace: 't', name: 'all' })
    await stage.settle()
    expect((await stage.reasonOf('j'))?.code).toBe('UnsupportedClaim')
    await template('all', claimSpec(4))
    expect(await stage.placesOf('j')).toEqual(['a/0+1+2+3'])
  })

  test('of a class that does not exist or cannot be read waits too', async () => {
    await start()
    await template('odd', claimSpec(1, { deviceClassName: 'odd' }))
    await stage.submit(claiming({ template: 'odd' }, { name: 'j' }))
    await stage.settle()
    expect(await stage.reasonOf('j')).toMatchObject({ code: 'Misconfigured', message: /DeviceClass odd/ })
    const spec = { selectors: [{ cel: { expression: 'device.driver.startsWith("gpu")' } }] }
    await stage.cluster.create('DeviceClass', { metadata: { name: 'odd' }, spec })
    stage.timers.pass(31_000)
    expect((await stage.reasonOf('j'))?.message).toContain('DeviceClass odd: spec.selectors[0].cel.expression')
  })

  test('asks for devices of two kinds in one pod', async () => {
    await start()
    const [first] = claimSpec().devices.requests ?? []
    const selectors = [{ cel: { expression: 'device.attributes["x"].y == 1' } }]
    const other = { name: 'other', exactly: { deviceClassName: 'gpu', selectors } }
    await template('mixed', { devices: { requests: [...(first ? [first] : []), other] } })
    await stage.submit(claiming({ template: 'mixed' }, { name: 'j' }))
    await stage.settle()
    expect((await stage.reasonOf('j'))?.message).toContain('devices.requests[1]')
  })
})

describe('a claim that a pod names', () => {
  test('serves one job after the other', async () => {
    await start()
    await stage.cluster.create('ResourceClaim', namedClaim('t', 'mine', claimSpec(2)))
    await stage.submit(claiming({ claim: 'mine' }, { name: 'first', runSeconds: 10 }))
    await stage.settle()
    await stage.submit(claiming({ claim: 'mine' }, { name: 'second' }))
    await stage.settle()
    expect(await stage.placesOf('first')).toEqual(['a/0+1'])
    expect((await stage.reasonOf('second'))?.message).toContain('in use')
    await stage.pass(11)
    expect(await stage.placesOf('second')).toEqual(['a/0+1'])
  })

  test('is not shared by the pods of a gang', async () => {
    await start()
    await stage.cluster.create('ResourceClaim', namedClaim('t', 'mine', claimSpec(1)))
    await stage.submit(claiming({ claim: 'mine' }, { name: 'j', slots: 2 }))
    await stage.settle()
    expect(await stage.reasonOf('j')).toMatchObject({ code: 'UnsupportedClaim' })
  })

  test('goes to one of two jobs that were admitted together; the other waits', async () => {
    await start()
    await stage.cluster.create('ResourceClaim', namedClaim('t', 'mine', claimSpec(1)))
    await stage.submit(claiming({ claim: 'mine' }, { name: 'first' }))
    await stage.submit(claiming({ claim: 'mine' }, { name: 'second' }))
    await stage.settle()
    const places = [...(await stage.placesOf('first')), ...(await stage.placesOf('second'))]
    expect(places).toHaveLength(1)
  })
})

describe('devices that others have allocated', () => {
  test('are not given away, neither now nor by the next scheduler, until they are given back', async () => {
    await start()
    await stage.cluster.create('ResourceClaim', namedClaim('t', 'foreign', claimSpec(3)))
    const pod = await lonelyPod(stage.cluster, 'pod', 'foreign')
    await allocateTo(stage.cluster, 'foreign', ['gpu-0', 'gpu-1', 'gpu-3'], pod)
    await stage.submit(claiming({ template: 'one' }, { name: 'small' }))
    await stage.submit(claiming({ template: 'two' }, { name: 'large' }))
    await stage.settle()
    expect(await stage.placesOf('small')).toEqual(['a/2'])
    await stage.restartScheduler()
    await stage.settle()
    expect(await stage.placesOf('large')).toEqual([])
    await stage.cluster.delete('Pod', { namespace: 't', name: 'pod' }, { gracePeriodSeconds: 0 })
    await stage.pass(30)
    expect(await stage.placesOf('large')).toEqual(['a/0+1'])
  })
})
