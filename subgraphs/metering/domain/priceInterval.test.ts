import { describe, expect, test } from 'vitest'
import { DEFAULT_PRICES } from './defaultPrices.ts'
import { type PriceList, priceAt } from './priceBook.ts'
import { priceInterval } from './priceInterval.ts'

describe('a charge', () => {
  const cases: [seconds: number, share: string, price: string, gpuSeconds: string, cost: string][] = [
    [3600, '1', '0.001', '3600', '3.6'],
    [3, '0.001', '0.0007', '0.003', '0.0000021'],
    [0, '1', '0.001', '0', '0'],
    [86_400, '0', '0', '0', '0'],
    [7, '0.333333', '0.000000000000000001', '2.333331', '0.000000000000000002333331'],
  ]
  for (const [seconds, share, price, gpuSeconds, cost] of cases) {
    test(`of ${seconds} s × ${share} at ${price} has every digit`, () => {
      const charge = priceInterval(seconds, share, { perGpuSecond: price, currency: 'USD', version: 1 })
      expect(charge).toEqual({ gpuSeconds, cost })
    })
  }

  test('of centuries at prices with 18 decimals is the product of integers', () => {
    const [seconds, share, price] = [9_999_999_999, '0.999999', '0.123456789012345678'] as const
    const charge = priceInterval(seconds, share, { perGpuSecond: price, currency: 'USD', version: 1 })
    expect(scaled(charge.cost, 24)).toBe(BigInt(seconds) * scaled(share, 6) * scaled(price, 18))
  })

  test('of a negative time, or of half a second, is our own mistake', () => {
    const price = { perGpuSecond: '1', currency: 'USD', version: 1 }
    expect(() => priceInterval(-1, '1', price)).toThrow()
    expect(() => priceInterval(0.5, '1', price)).toThrow()
  })
})

function scaled(decimal: string, digits: number): bigint {
  const [whole = '0', part = ''] = decimal.split('.')
  return BigInt(whole + part.padEnd(digits, '0'))
}

describe('the price of an interval', () => {
  const first: PriceList = { ...DEFAULT_PRICES, effectiveFromSeconds: 100, perGpuSecond: { A100: '1', '*': '3' } }
  const second: PriceList = { version: 2, effectiveFromSeconds: 200, currency: 'EUR', perGpuSecond: { '*': '5' } }
  const lists = [second, first]

  test('is that of the version in force when it was admitted', () => {
    expect(priceAt(lists, 'A100', 199)).toEqual({ perGpuSecond: '1', currency: 'USD', version: 1 })
    expect(priceAt(lists, 'A100', 200)).toEqual({ perGpuSecond: '5', currency: 'EUR', version: 2 })
  })
  test('before any version is that of the first', () => expect(priceAt(lists, 'A100', 0).version).toBe(1))
  test('of a model that is not listed is that of any other', () =>
    expect(priceAt(lists, 'constructor', 150).perGpuSecond).toBe('3'))
  test('without a device is nothing', () => expect(priceAt(lists, null, 150).perGpuSecond).toBe('0'))
})
