import { setImmediate } from 'node:timers/promises'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { oncePerTurn } from './oncePerTurn.ts'

const KEY = { subgraph: 'metering', identityToken: 'alice', document: parse('{ a }'), variables: { id: 1 } }

describe('once per turn', () => {
  test('fetches that are the same and begin together are one', async () => {
    const { fetch, count } = counting()
    const once = oncePerTurn()
    const results = await Promise.all([once(KEY, fetch), once({ ...KEY, variables: { id: 1 } }, fetch)])
    expect(results).toEqual([{ data: { number: 1 } }, { data: { number: 1 } }])
    expect(count()).toBe(1)
  })

  const others = {
    'another caller': { identityToken: 'bob' },
    'another subgraph': { subgraph: 'tenants' },
    'another plan': { document: parse('{ a }') },
    'other values': { variables: { id: 2 } },
  }
  for (const [name, other] of Object.entries(others)) {
    test(`${name}: a fetch of its own`, async () => {
      const { fetch, count } = counting()
      const once = oncePerTurn()
      await Promise.all([once(KEY, fetch), once({ ...KEY, ...other }, fetch)])
      expect(count()).toBe(2)
    })
  }

  test('what has begun is not joined: it may be older than what is asked now', async () => {
    const { fetch, count } = counting()
    const once = oncePerTurn()
    const first = once(KEY, fetch)
    await setImmediate()
    const second = once(KEY, fetch)
    expect([await first, await second]).toEqual([{ data: { number: 1 } }, { data: { number: 2 } }])
    expect(count()).toBe(2)
  })

  test('each has an answer of its own to complete', async () => {
    const once = oncePerTurn()
    const { fetch } = counting()
    const [first, second] = await Promise.all([once(KEY, fetch), once(KEY, fetch)])
    Object.assign(first.data ?? {}, { more: true })
    expect(second.data).toEqual({ number: 1 })
  })

  test('a failure is everybody’s, and is not kept', async () => {
    const once = oncePerTurn()
    const failing = () => Promise.reject(new Error('away'))
    const both = await Promise.allSettled([once(KEY, failing), once(KEY, failing)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await once(KEY, counting().fetch)).toEqual({ data: { number: 1 } })
  })
})

function counting() {
  let count = 0
  return {
    count: () => count,
    fetch: async () => {
      count += 1
      return { data: { number: count } }
    },
  }
}
