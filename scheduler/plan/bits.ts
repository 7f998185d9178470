/** Sets of devices are the bits of one integer: the device at position `d` is bit `d`. */

export function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** Position of the lowest; there must be one. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

/** The lowest `count` of them, as bits. */
export function lowestBits(bits: number, count: number): number {
  let rest = bits
  for (let taken = 0; taken < count; taken++) rest &= rest - 1
  return bits & ~rest
}

export function positionsOf(bits: number): number[] {
  const positions: number[] = []
  for (let rest = bits; rest !== 0; rest &= rest - 1) positions.push(lowestBit(rest))
  return positions
}
