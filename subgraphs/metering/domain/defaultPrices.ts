import type { PriceList } from './priceBook.ts'

/** The list that holds until somebody publishes another: in force since ever, in US dollars per second. */
export const DEFAULT_PRICES: PriceList = {
  version: 1,
  effectiveFromSeconds: 0,
  currency: 'USD',
  perGpuSecond: {
    H100: '0.0015',
    A100: '0.001',
    V100M32: '0.0007',
    V100M16: '0.0006',
    P100: '0.0004',
    A10: '0.0003',
    L4: '0.0002',
    T4: '0.0001',
    G3: '0.0005',
    G2: '0.0003',
    '*': '0.0005',
  },
}
