import { expect, test } from 'vitest'

test('drizzle-orm loads whole, every file of it as an ES module', async () => {
  await import('./preload.ts')
  const { sql } = await import('drizzle-orm')
  const { pgTable } = await import('drizzle-orm/pg-core')
  expect([sql, pgTable].map((each) => typeof each)).toEqual(['function', 'function'])
})
