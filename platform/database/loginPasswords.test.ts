import { expect, onTestFinished, test } from 'vitest'
import { query, testPostgres } from '../../test/testkit/database.ts'
import { scramVerifier, setLoginPasswords } from './loginPasswords.ts'

async function administrator() {
  const { connection, superuser } = await testPostgres()
  const options = connection(superuser)
  const stored = async (role: string) => {
    const [row] = await query<{ password: string | null }>(
      options,
      'select rolpassword as password from pg_authid where rolname = $1',
      [role],
    )
    return row?.password ?? null
  }
  return { options, stored }
}

test('a verifier is the one that Postgres makes of the password', async () => {
  const { options, stored } = await administrator()
  const role = 'login_passwords_test'
  await query(options, `create role ${role} password 'pencil ~'`)
  onTestFinished(async () => void (await query(options, `drop role ${role}`)))
  const made = (await stored(role)) ?? ''
  const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(made)?.[1] ?? '', 'base64')
  expect(scramVerifier('pencil ~', salt)).toBe(made)
})

test('each login role gets its own, as a verifier; the others are left alone', async () => {
  const { options, stored } = await administrator()
  onTestFinished(async () => void (await query(options, 'alter role sluice_metering password null')))
  await setLoginPasswords(options, { metering: 'a$ecret' })
  expect(await stored('sluice_metering')).toMatch(/^SCRAM-SHA-256\$4096:/)
  expect(await stored('sluice_inventory')).toBeNull()
})

test('a password that clients would send differently is refused before anything is changed', async () => {
  const { options, stored } = await administrator()
  await expect(setLoginPasswords(options, { inventory: 'good', jobs: 'schlüssel' })).rejects.toMatchObject({
    code: 'PASSWORD_INVALID',
    fix: expect.stringContaining('ASCII'),
  })
  expect(await stored('sluice_inventory')).toBeNull()
})
