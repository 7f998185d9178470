import { assert, describe, test } from 'vitest'
import { cpuMilli, memoryMiB, thousandths, wholeUnits } from './quantity.ts'

const cases: Record<string, [got: () => number, want: number]> = {
  'cores become milli cores': [() => cpuMilli('2', 'up'), 2000],
  'a decimal of cores is exact': [() => cpuMilli('1.1', 'up'), 1100],
  'milli cores stay': [() => cpuMilli('250m', 'up'), 250],
  'less than a milli core asked counts as one': [() => cpuMilli('100u', 'up'), 1],
  'less than a milli core offered counts as none': [() => cpuMilli('100u', 'down'), 0],
  'GiB become MiB': [() => memoryMiB('2Gi', 'up'), 2048],
  'decimal gigabytes asked are rounded up': [() => memoryMiB('1G', 'up'), 954],
  'decimal gigabytes offered are rounded down': [() => memoryMiB('1G', 'down'), 953],
  'bytes without a unit': [() => memoryMiB('1048576', 'up'), 1],
  'milli bytes, as the API server may print them': [() => memoryMiB('1048576000m', 'up'), 1],
  exponents: [() => memoryMiB('128e6', 'down'), 122],
  'GPUs are whole': [() => wholeUnits('8'), 8],
  'a share in thousandths': [() => thousandths('0.25'), 250],
  'a share finer than a thousandth is rounded up': [() => thousandths('0.0001'), 1],
  'negative figures round away from what is there': [() => cpuMilli('-1.5m', 'down'), -2],
}
describe('quantities', () => {
  for (const [name, [got, want]] of Object.entries(cases)) test(name, () => assert.equal(got(), want))

  for (const bad of ['', '.', 'ten', '1 Gi', '0x10', '1GiB', '--1']) {
    test(`"${bad}" is refused`, () => assert.throws(() => cpuMilli(bad, 'up'), RangeError))
  }
})
