import type { Answer } from '../../testkit/answers.ts'

/**
 * What of an answer must be the same everywhere. Ids are numbered in the order in which they are first
 * seen; times, cursors, request ids and amounts of time say only that they are there.
 */
export function normalizer(): (answers: readonly Answer<unknown>[]) => unknown {
  const numbers = new Map<string, string>()
  const counts = new Map<string, number>()

  function numbered(id: string, prefix: string): string {
    const known = numbers.get(id)
    if (known !== undefined) return known
    const count = (counts.get(prefix) ?? 0) + 1
    counts.set(prefix, count)
    numbers.set(id, `${prefix}#${count}`)
    return `${prefix}#${count}`
  }

  function plain(name: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => plain('', each))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(key, each)]))
    if (value === null || value === undefined) return value
    if (VARYING.has(name)) return `<${name}>`
    if (typeof value !== 'string') return value
    return value
      .replace(/\b([a-z]+)_[0-9a-z]{26}\b/g, (id, prefix: string) => numbered(id, prefix))
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
  }

  return (answers) =>
    answers.map(({ status, data, errors }) => ({
      status,
      data: plain('', data),
      // Those of fields that were fetched side by side have no order of their own.
      errors: errors
        ?.map((error) => plain('', error))
        .map((error) => JSON.stringify(error))
        .sort(),
    }))
}

const VARYING = new Set([
  'cursor',
  'endCursor',
  'startCursor',
  'eventsCursor',
  'requestId',
  'gpuSeconds',
  'amount',
  'removedAt',
  'node',
])
