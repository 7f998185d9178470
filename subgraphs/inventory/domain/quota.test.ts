import { describe, expect, test } from 'vitest'
import { checkQuotas, checkWeight, type QuotaRequest } from './quota.ts'

const flavors = new Set(['a100', 'h100'])
const gpu = (nominalQuota: string, more: Partial<QuotaRequest> = {}): QuotaRequest => ({
  flavor: '*',
  resource: 'GPU',
  nominalQuota,
  ...more,
})

describe('quotas that are taken', () => {
  const cases: Record<string, { given: QuotaRequest; want: string }> = {
    'none of a resource': { given: gpu('0'), want: '0' },
    'thousandths of a GPU': { given: gpu('0.125'), want: '0.125' },
    'zeros that say nothing are dropped': { given: gpu('007.500'), want: '7.5' },
    'millis of a core': { given: gpu('1.5', { resource: 'CPU' }), want: '1.5' },
    'whole MiB': { given: gpu('1048576', { resource: 'MEMORY' }), want: '1048576' },
    'a pool that exists': { given: gpu('8', { flavor: 'h100' }), want: '8' },
  }
  for (const [name, { given, want }] of Object.entries(cases)) {
    test(name, () => {
      expect(checkQuotas([given], flavors)).toMatchObject({ ok: true, value: [{ nominalQuota: want }] })
    })
  }

  test('limits left out are unlimited, limits of zero are not', () => {
    expect(
      checkQuotas([gpu('8'), gpu('8', { flavor: 'h100', borrowingLimit: '0', lendingLimit: '8' })], flavors),
    ).toEqual({
      ok: true,
      value: [
        { flavor: '*', resource: 'GPU', nominalQuota: '8', borrowingLimit: null, lendingLimit: null },
        { flavor: 'h100', resource: 'GPU', nominalQuota: '8', borrowingLimit: '0', lendingLimit: '8' },
      ],
    })
  })
})

describe('quotas that are refused', () => {
  const cases: Record<string, { given: QuotaRequest[]; code: string; field: string[] }> = {
    'a negative amount': { given: [gpu('-1')], code: 'QUOTA_INVALID', field: ['quotas', '0', 'nominalQuota'] },
    'no number': { given: [gpu('eight')], code: 'QUOTA_INVALID', field: ['quotas', '0', 'nominalQuota'] },
    'an exponent': { given: [gpu('1e3')], code: 'QUOTA_INVALID', field: ['quotas', '0', 'nominalQuota'] },
    'more than could be counted': {
      given: [gpu('1000000000')],
      code: 'QUOTA_INVALID',
      field: ['quotas', '0', 'nominalQuota'],
    },
    'ten thousandths of a GPU': {
      given: [gpu('0.1250'), gpu('0.0001', { flavor: 'h100' })],
      code: 'QUOTA_INVALID',
      field: ['quotas', '1', 'nominalQuota'],
    },
    'part of a MiB': {
      given: [gpu('0.5', { resource: 'MEMORY' })],
      code: 'QUOTA_INVALID',
      field: ['quotas', '0', 'nominalQuota'],
    },
    'a bad limit': {
      given: [gpu('1', { borrowingLimit: '-2' })],
      code: 'QUOTA_INVALID',
      field: ['quotas', '0', 'borrowingLimit'],
    },
    'lending more than it has': {
      given: [gpu('4', { lendingLimit: '5' })],
      code: 'QUOTA_INVALID',
      field: ['quotas', '0', 'lendingLimit'],
    },
    'a pool that does not exist': {
      given: [gpu('4', { flavor: 'v100' })],
      code: 'FLAVOR_UNKNOWN',
      field: ['quotas', '0', 'flavor'],
    },
    'the same flavor and resource twice': {
      given: [gpu('4'), gpu('5')],
      code: 'QUOTA_DUPLICATE',
      field: ['quotas', '1'],
    },
    'more than a Queue object holds': {
      given: Array.from({ length: 257 }, () => gpu('1')),
      code: 'QUOTAS_TOO_MANY',
      field: ['quotas'],
    },
  }
  for (const [name, { given, code, field }] of Object.entries(cases)) {
    test(name, () => {
      expect(checkQuotas(given, flavors)).toMatchObject({ ok: false, errors: [{ code, field }] })
    })
  }

  test('all faults are told at once', () => {
    const checked = checkQuotas([gpu('-1', { flavor: 'v100' }), gpu('x', { resource: 'CPU' })], flavors)
    expect(checked.ok ? [] : checked.errors.map(({ code }) => code)).toEqual([
      'FLAVOR_UNKNOWN',
      'QUOTA_INVALID',
      'QUOTA_INVALID',
    ])
  })
})

describe('weights', () => {
  const cases: Record<string, { given: string; want: string | null }> = {
    one: { given: '1', want: '1' },
    'a fraction, shortest': { given: '0.250', want: '0.25' },
    'zero would starve the queue: refused': { given: '0', want: null },
    'zero in other words: refused': { given: '0.000', want: null },
    'negative: refused': { given: '-1', want: null },
    'no number: refused': { given: '', want: null },
    'finer than the scheduler counts: refused': { given: '0.0005', want: null },
  }
  for (const [name, { given, want }] of Object.entries(cases)) {
    test(name, () => {
      expect(checkWeight(given)).toMatchObject(want === null ? { ok: false } : { ok: true, value: want })
    })
  }
})
