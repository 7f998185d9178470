/** Where a gang runs: one place for each slot, by the slot's number. */
export interface Assignment {
  /** One flavor for the whole gang, so that its pods run on alike hardware and its quota is one. */
  readonly flavor: string
  readonly slots: readonly Place[]
}

export interface Place {
  readonly node: string
  /** Device indexes on that node, ascending; empty where no GPU is asked. */
  readonly devices: readonly number[]
}

/**
 * Most bytes an assignment may take on the Job: each status write of the Job sends its annotations
 * to every watcher again, and all of an object's annotations together may hold 256 KiB.
 */
export const MAX_ASSIGNMENT_BYTES = 64 * 1024
/** Bounds what decoding a forged text can cost. */
const MAX_SLOTS = 65_536

/**
 * A table of node names, and runs of slots over it: `count` slots with the same device indexes, of
 * which the first is on node `first` of the table and each next one `step` further.
 */
interface Encoded {
  v: 1
  flavor: string
  nodes: string[]
  runs: [first: number, count: number, step: 0 | 1, devices: string][]
}

/** @returns null where the text would be longer than MAX_ASSIGNMENT_BYTES */
export function encodeAssignment(assignment: Assignment): string | null {
  const encoded: Encoded = { v: 1, flavor: assignment.flavor, nodes: [], runs: [] }
  const numbers = new Map<string, number>()
  for (const place of assignment.slots) {
    const number = numbers.get(place.node) ?? numbers.size
    if (number === numbers.size) {
      numbers.set(place.node, number)
      encoded.nodes.push(place.node)
    }
    const devices = encodeRanges(place.devices)
    const run = encoded.runs.at(-1)
    if (run !== undefined && run[3] === devices) {
      const [first, count] = run
      const step = count > 1 ? run[2] : number === first ? 0 : 1
      if (number === first + count * step) {
        run[1] = count + 1
        run[2] = step
        continue
      }
    }
    encoded.runs.push([number, 1, 1, devices])
  }
  const text = JSON.stringify(encoded)
  return Buffer.byteLength(text) > MAX_ASSIGNMENT_BYTES ? null : text
}

/** @returns null where the text is no assignment; a tenant may write anything on its Jobs */
export function decodeAssignment(text: string): Assignment | null {
  if (text.length > MAX_ASSIGNMENT_BYTES) return null
  const encoded = parse(text)
  if (encoded === null) return null
  const slots: Place[] = []
  for (const [first, count, step, ranges] of encoded.runs) {
    const devices = decodeRanges(ranges)
    if (devices === null || slots.length + count > MAX_SLOTS) return null
    for (let i = 0; i < count; i++) {
      const node = encoded.nodes[first + i * step]
      if (node === undefined) return null
      slots.push({ node, devices })
    }
  }
  return slots.length === 0 ? null : { flavor: encoded.flavor, slots }
}

function parse(text: string): Encoded | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { v, flavor, nodes, runs } = value as Partial<Record<keyof Encoded, unknown>>
  if (v !== 1 || typeof flavor !== 'string' || !Array.isArray(nodes) || !Array.isArray(runs)) return null
  if (!nodes.every((name) => typeof name === 'string')) return null
  return runs.every(isRun) ? { v, flavor, nodes, runs } : null
}

function isRun(run: unknown): run is Encoded['runs'][number] {
  if (!Array.isArray(run) || run.length !== 4) return false
  const [first, count, step, devices] = run as unknown[]
  return isCount(first) && isCount(count) && count > 0 && (step === 0 || step === 1) && typeof devices === 'string'
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** [0, 1, 2, 5] as "0-2,5". */
function encodeRanges(indexes: readonly number[]): string {
  const ranges: string[] = []
  for (let i = 0; i < indexes.length; i++) {
    const from = indexes[i] ?? 0
    let to = from
    while (indexes[i + 1] === to + 1) {
      to += 1
      i += 1
    }
    ranges.push(from === to ? `${from}` : `${from}-${to}`)
  }
  return ranges.join(',')
}

function decodeRanges(text: string): number[] | null {
  if (text === '') return []
  const indexes: number[] = []
  for (const range of text.split(',')) {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(range)
    if (match === null) return null
    const from = Number(match[1])
    const to = Number(match[2] ?? match[1])
    if (to < from || from <= (indexes.at(-1) ?? -1)) return null
    for (let index = from; index <= to; index++) indexes.push(index)
  }
  return indexes
}
