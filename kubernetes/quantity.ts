/**
 * Kubernetes quantities as the integers Sluice counts in. Exact for every decimal; what falls between
 * two integers is rounded up where it is a request and down where it is capacity, so that what fits
 * by our count also fits by the kubelet's.
 * @throws RangeError where the text is no quantity; the API server lets none through
 */
export function cpuMilli(quantity: string, round: 'up' | 'down'): number {
  return scaled(quantity, 1000n, 1n, round)
}

/** Memory in MiB, rounded as above. */
export function memoryMiB(quantity: string, round: 'up' | 'down'): number {
  return scaled(quantity, 1n, 1024n ** 2n, round)
}

/** Whole units, such as GPUs or pods. */
export function wholeUnits(quantity: string): number {
  return scaled(quantity, 1n, 1n, 'down')
}

/** A decimal number as thousandths: "0.25" is 250. Rounded up. */
export function thousandths(decimal: string): number {
  return scaled(decimal, 1000n, 1n, 'up')
}

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/
const DECIMAL_EXPONENT: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY_POWER: Record<string, bigint> = { Ki: 1n, Mi: 2n, Gi: 3n, Ti: 4n, Pi: 5n, Ei: 6n }

function scaled(quantity: string, times: bigint, over: bigint, round: 'up' | 'down'): number {
  const match = QUANTITY.exec(quantity.trim())
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match ?? []
  if (match === null || whole + fraction === '') throw new RangeError(`"${quantity}" is not a quantity`)
  const power = Number(exponent ?? DECIMAL_EXPONENT[suffix] ?? 0) - fraction.length
  let numerator = BigInt(`${sign}${whole}${fraction}`) * times * 1024n ** (BINARY_POWER[suffix] ?? 0n)
  let denominator = over
  if (power >= 0) numerator *= 10n ** BigInt(power)
  else denominator *= 10n ** BigInt(-power)
  const exact = numerator / denominator
  const rest = numerator % denominator
  if (round === 'up' && rest > 0n) return Number(exact + 1n)
  return Number(rest < 0n && round === 'down' ? exact - 1n : exact)
}
