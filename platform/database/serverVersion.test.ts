import { expect, test } from 'vitest'
import type { Connection } from './connection.ts'
import { requireServerVersion } from './serverVersion.ts'

const serverOf = (number: string, text: string) =>
  ({ query: async () => ({ rows: [{ number, text }] }) }) as unknown as Connection

test('Postgres 18 and later will do', async () => {
  await requireServerVersion(serverOf('180000', '18.0'))
  await requireServerVersion(serverOf('190004', '19.4'))
})

test('an older one is refused, with its version and what would do', async () => {
  await expect(requireServerVersion(serverOf('170006', '17.6'))).rejects.toMatchObject({
    code: 'POSTGRES_TOO_OLD',
    message: expect.stringContaining('17.6'),
    fix: expect.stringContaining('18'),
  })
})
