import { describe, expect, test } from 'vitest'
import { databaseAddress, subgraphAddress } from './address.ts'

describe('DATABASE_URL', () => {
  const addresses: Record<string, object> = {
    'postgres://h/db': { host: 'h', port: 5432, database: 'db', ssl: { rejectUnauthorized: false } },
    'postgresql://u:p%40w@h:6432/db': {
      host: 'h',
      port: 6432,
      database: 'db',
      ssl: { rejectUnauthorized: false },
      user: 'u',
      password: 'p@w',
    },
    'postgres://[::1]:7/db': { host: '::1', port: 7, database: 'db', ssl: false },
    'postgres://[::2]:7/db?sslmode=disable': { host: '::2', port: 7, database: 'db', ssl: false },
    'postgres://h/db?sslmode=verify-full': { host: 'h', port: 5432, database: 'db', ssl: true },
    'postgres:///db?host=/run/pg': { host: '/run/pg', port: 5432, database: 'db' },
    'postgres://u@/db?host=/run/pg&port=6': { host: '/run/pg', port: 6, database: 'db', user: 'u' },
  }
  for (const [text, want] of Object.entries(addresses)) {
    test(text, () => {
      expect(databaseAddress(text)).toEqual(want)
    })
  }

  for (const text of ['postgres://h', 'postgres://h:port/db', 'postgres://h/db?sslmode=maybe']) {
    test(`${text} is refused, with what it should be`, () => {
      expect(() => databaseAddress(text)).toThrow(
        expect.objectContaining({ code: 'DATABASE_URL_INVALID', fix: expect.stringContaining('postgres://') }),
      )
    })
  }
})

describe('a subgraph', () => {
  test('logs in as its own role, with its password', () => {
    expect(subgraphAddress('postgres://h/db', 'jobs', 'secret')).toMatchObject({
      user: 'sluice_jobs',
      password: 'secret',
    })
    expect(subgraphAddress('postgres://sluice_jobs:own@h/db', 'jobs', undefined)).toMatchObject({ password: 'own' })
  })

  test('never logs in as anybody else, least of all as an administrator', () => {
    for (const user of ['postgres', 'sluice_metering'])
      expect(() => subgraphAddress(`postgres://${user}@h/db`, 'jobs', undefined)).toThrow(/logs in as sluice_jobs/)
  })
})
