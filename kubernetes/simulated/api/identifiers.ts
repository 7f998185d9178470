import type { Machine } from './machine.ts'

/** Letters of generated names, as Kubernetes draws them: no vowels, so no words. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** A uid for the object that the next write creates. The version makes it unique, the seed repeatable. */
export function nextUid(machine: Machine): string {
  const version = machine.store.version + 1
  const hex = [0, 1, 2, 3].map((part) => hash32(`${machine.seed}/uid/${part}/${version}`)).map(hex8)
  const digits = hex.join('')
  const variant = ((Number.parseInt(digits.charAt(16), 16) & 3) | 8).toString(16)
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    variant + digits.slice(17, 20),
    digits.slice(20, 32),
  ].join('-')
}

/** Five letters, as `generateName` appends them. */
export function nameSuffix(machine: Machine, attempt: number): string {
  let bits = hash32(`${machine.seed}/name/${attempt}/${machine.store.version}`)
  let suffix = ''
  for (let letter = 0; letter < 5; letter++) {
    suffix += SUFFIX_ALPHABET.charAt(bits % SUFFIX_ALPHABET.length)
    bits = Math.floor(bits / SUFFIX_ALPHABET.length)
  }
  return suffix
}

/** FNV-1a with a final mix, because neighbouring versions must not give neighbouring ids. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0')
}
