import { describe, expect, test } from 'vitest'
import type { DeviceClass, ResourceClaim } from '../../../kubernetes/objects.ts'
import { claimSpec } from '../../testkit/claims.ts'
import { readClaim, readClass } from './readClaim.ts'
import { readSelector } from './readSelector.ts'

type Requests = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['requests']>

describe('a selector', () => {
  test('is read where it is a conjunction of equalities', () => {
    const selector = `device.driver == "gpu.example.com" && device.attributes['gpu.example.com'].model == 'H100'&&
      device.attributes["example.com"].slot == -3 && device.attributes["example.com"].mig == false`
    expect(readSelector(selector)).toEqual([
      { name: 'driver', value: 'gpu.example.com' },
      { name: 'gpu.example.com/model', value: 'H100' },
      { name: 'example.com/slot', value: -3 },
      { name: 'example.com/mig', value: false },
    ])
  })

  for (const selector of [
    '',
    'true',
    'device.driver != "a"',
    'device.driver == "a" || device.driver == "b"',
    'device.driver == "a" &&',
    '&& device.driver == "a"',
    'device.driver == "a" && !(device.attributes["b"].c == 1)',
    'device.driver == "a\\"b"',
    'device.driver == "a" device.driver == "b"',
    '"a" == device.driver',
    'device.attributes["a"].b == 1.5',
    'device.attributes["a"].b == 12u',
    'device.attributes["a"].b == trueish',
    'device.attributes["a"].b == 99999999999999999999',
    'device.attributes["a"]["b"] == 1',
    'device.attributes["a"].b.startsWith("c")',
    'device.capacity["a"].memory == quantity("1Gi")',
    'device.driver == "a" + "b"',
    'device.driver == "a".lowerAscii()',
  ]) {
    test(`is not read where it is anything else: ${selector || 'nothing'}`, () => {
      expect(readSelector(selector)).toBeNull()
    })
  }
})

describe('a claim', () => {
  test('comes to counts and attributes', () => {
    const spec = claimSpec(2, { selectors: [{ cel: { expression: 'device.attributes["a"].b == "c"' } }] })
    expect(readClaim(spec)).toEqual({
      requests: [{ name: 'gpu', deviceClass: 'gpu', count: 2, attributes: [{ name: 'a/b', value: 'c' }] }],
    })
  })

  test('is one device where it does not say how many, and its config does not matter', () => {
    const config = [{ opaque: { driver: 'd', parameters: {} } }]
    const requests = [{ name: 'r', exactly: { deviceClassName: 'c' } }]
    expect(readClaim({ devices: { requests, config } })).toMatchObject({ requests: [{ count: 1 }] })
  })

  const first: Requests[number] = { name: 'r', exactly: { deviceClassName: 'c' } }
  const exactly = (changes: object): object => ({
    devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', ...changes } }] },
  })
  const cases: Record<string, object> = {
    'devices.requests': { devices: {} },
    'devices.constraints': { devices: { requests: [first], constraints: [{ matchAttribute: 'a/b' }] } },
    'devices.fieldOfTheFuture': { devices: { requests: [first], fieldOfTheFuture: 1 } },
    'devices.requests[1].firstAvailable': { devices: { requests: [first, { name: 's', firstAvailable: [{}] }] } },
    'devices.requests[0].exactly': { devices: { requests: [{ name: 'r' }] } },
    'devices.requests[0].exactly.allocationMode': exactly({ allocationMode: 'All' }),
    'devices.requests[0].exactly.adminAccess': exactly({ adminAccess: true }),
    'devices.requests[0].exactly.capacity': exactly({ capacity: { requests: { memory: '1Gi' } } }),
    'devices.requests[0].exactly.tolerations': exactly({ tolerations: [{ operator: 'Exists' }] }),
    'devices.requests[0].exactly.selectors[0].cel.expression': exactly({
      selectors: [{ cel: { expression: 'true' } }],
    }),
  }
  for (const [path, spec] of Object.entries(cases)) {
    test(`with ${path} is not supported`, () => expect(readClaim(spec)).toEqual({ path }))
  }
})

test('of a class, selectors count and config does not', () => {
  const spec: DeviceClass['spec'] = { config: [{ opaque: { driver: 'd', parameters: {} } }] }
  expect(readClass({ metadata: { name: 'c' }, spec })).toEqual([])
  const selectors = [{ cel: { expression: 'device.driver.startsWith("a")' } }]
  expect(readClass({ metadata: { name: 'c' }, spec: { selectors } })).toEqual({ path: 'selectors[0].cel.expression' })
})
