import type { Random } from './random.ts'

type Json = unknown

/** Values that programs are seldom written for. */
const HOSTILE: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => '',
  () => ' ',
  () => 'x'.repeat(70_000),
  () => 'before\0after',
  () => '\ud800',
  () => '💥𝕏\u202e\ufeff',
  () => "'; drop table jobs; --",
  () => '../../etc/passwd',
  () => '{{7*7}}',
  () => -1,
  () => 0,
  () => 0.5,
  () => 1e308,
  () => 2 ** 31,
  () => 2 ** 53 + 1,
  () => '99999999999999999999999999999999999999999',
  () => '-0.0000000000000000000000000001',
  () => '1e400',
  () => 'NaN',
  () => '0000-00-00T99:99:99Z',
  () => '+275760-09-13T00:00:00.000Z',
  () => [],
  () => ({}),
  () => [[[[[[[[[[null]]]]]]]]]],
  () => nested(2_000),
  () => Array.from({ length: 5_000 }, (_, index) => index),
  () => ({ constructor: { prototype: {} }, toString: null }),
  () => JSON.parse('{"__proto__":{"polluted":true}}'),
  () => 'job_01h455vb4pex5vsknk084sn02q',
  () => 'tenant_01h455vb4pex5vsknk084sn02q',
  () => 'tenant_zzzzzzzzzzzzzzzzzzzzzzzzzz',
  () => 'job_',
]

function nested(levels: number): Json {
  let value: Json = 'core'
  for (let level = 0; level < levels; level += 1) value = { deeper: value }
  return value
}

export function hostileValue(random: Random): Json {
  return random.pick(HOSTILE)()
}

/** The same JSON with one to three of its values, at whatever depth, gone or replaced. */
export function mutateJson(value: Json, random: Random): Json {
  let mutated = structuredClone(value)
  for (let times = 1 + random.below(3); times > 0; times -= 1) mutated = mutateOnce(mutated, random)
  return mutated
}

function mutateOnce(value: Json, random: Random): Json {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (keys.length === 0 || random.chance(0.15)) return hostileValue(random)
  const holder = value as Record<string, Json>
  const key = random.pick(keys)
  const fate = random.next()
  if (fate < 0.15) delete holder[key]
  else if (fate < 0.25) holder[`${key}\u200b`] = holder[key]
  else if (fate < 0.35 && Array.isArray(value)) value.push(...value)
  else holder[key] = mutateOnce(holder[key], random)
  return value
}

/** The same JSON as text, sometimes as no serializer writes it. */
export function jsonText(value: Json, random: Random): string {
  const text = JSON.stringify(value) ?? 'undefined'
  switch (random.below(40)) {
    case 0:
      return text.replace(/^\{"(\w+)":/, '{"$1":null,"$1":') // a key twice
    case 1:
      return `\ufeff${text}`
    case 2:
      return text.replaceAll('"', "'")
    case 3:
      return `${text}${text}`
    case 4:
      return mutateText(text, random)
    default:
      return text
  }
}

const GRAMMAR =
  '{ } ( ) [ ] : = ! | & @ $ ... " """ # , \\ \\u0000 -0 1e9 null true on fragment query __typename'.split(' ')

/** Cut short, turned round, or with something in it that does not belong there. */
export function mutateText(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  const to = Math.min(text.length, at + 1 + random.below(12))
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(at)
    case 2:
      return text.slice(0, at) + text.slice(to)
    case 3:
      return text.slice(0, to) + text.slice(at)
    case 4:
      return `${text.slice(0, at)} ${random.pick(GRAMMAR)} ${text.slice(at)}`
    case 5:
      return `${text.slice(0, at)}\0${text.slice(at)}`
    case 6:
      return `${text.slice(0, at)}${String.fromCharCode(random.below(0xffff))}${text.slice(to)}`
    case 7:
      return text.slice(0, at) + random.pick(GRAMMAR).repeat(1 + random.below(3_000)) + text.slice(to)
    default:
      return [...text.slice(0, 5_000)].reverse().join('')
  }
}

/** The same bytes with some of them others. */
export function flipBytes(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes)
  for (let times = 1 + random.below(8); times > 0 && flipped.length > 0; times -= 1)
    flipped[random.below(flipped.length)] = random.below(256)
  return flipped
}
