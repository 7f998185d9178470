import { expect, test } from 'vitest'

test('drizzle-orm loads whole, every file of it as an ES module', async () => {
  await import('./preload.ts')
  const { sql } = await import('drizzle-orm')
  const { drizzle } = await import('drizzle-orm/postgres-js')
  const { pgTable } = await import('drizzle-orm/pg-core')
  const { migrate } = await import('drizzle-orm/postgres-js/migrator')
  expect([sql, drizzle, pgTable, migrate].map((each) => typeof each)).toEqual(Array(4).fill('function'))
})
