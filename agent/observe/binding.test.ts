import { assert, describe, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { bindingOf } from './binding.ts'

const AT = '2026-03-01T12:00:10Z'
const device = { index: 3, uuid: 'GPU-3', model: 'H100', share: '0.5' }

function pod(told: Record<string, string>, nodeName?: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 't', annotations: told },
    spec: { containers: [], ...(nodeName !== undefined && { nodeName }) },
  }
}
const bound = (told: Record<string, string>) => bindingOf(pod(told, 'gpu-1'))
const withDevices = (devices: unknown) => bound({ [annotations.devices]: JSON.stringify(devices) })?.devices

describe('the binding of a pod', () => {
  test('is none before a node has it, whatever its template says', () => {
    assert.isNull(bindingOf(pod({ [annotations.admittedAt]: AT, [annotations.devices]: JSON.stringify([device]) })))
  })

  test('says when, in which slot and with which devices', () => {
    const told = {
      [annotations.admittedAt]: AT,
      [annotations.slot]: '2',
      [annotations.devices]: JSON.stringify([device]),
    }
    assert.deepEqual(bound(told), { admittedAt: AT, slot: 2, devices: [{ ...device, identity: 'ASSIGNED' }] })
  })

  test('has devices without identity where the node does not tell it', () => {
    assert.deepEqual(withDevices([{ ...device, uuid: '', model: '' }]), [
      { index: 3, uuid: null, model: 'unknown', share: '0.5', identity: 'UNKNOWN' },
    ])
  })

  test('by somebody else than the scheduler says nothing', () => {
    assert.deepEqual(bound({}), { admittedAt: null, slot: null, devices: [] })
  })
})

describe('a binding that a tenant has scribbled over says nothing, and does not throw', () => {
  const devices: Record<string, string> = {
    'no JSON': 'all of them',
    'no list': '{"index":0}',
    null: 'null',
    'a number': '7',
    'a list of no devices': '[null, 3, "GPU-1"]',
    'a device without index': JSON.stringify([{ ...device, index: undefined }]),
    'a negative index': JSON.stringify([{ ...device, index: -1 }]),
    'a share above one device': JSON.stringify([{ ...device, share: '1.5' }]),
    'a share of nothing': JSON.stringify([{ ...device, share: '0' }]),
    'a share that is a number': JSON.stringify([{ ...device, share: 1 }]),
    'one bad device among good ones': JSON.stringify([device, { ...device, model: 5 }]),
  }
  for (const [name, text] of Object.entries(devices)) {
    test(`devices: ${name}`, () => assert.deepEqual(bound({ [annotations.devices]: text })?.devices, []))
  }

  for (const slot of ['', 'first', '-1', '1.5', '1e3', 'NaN']) {
    test(`slot: "${slot}"`, () => assert.isNull(bound({ [annotations.slot]: slot })?.slot))
  }

  for (const time of ['', 'now', '2026-03-01', '12', '+275760-09-13T00:00:00Z', '2026-13-41T99:00:00Z']) {
    test(`admitted at: "${time}"`, () => assert.isNull(bound({ [annotations.admittedAt]: time })?.admittedAt))
  }
})
