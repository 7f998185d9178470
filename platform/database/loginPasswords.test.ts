import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { testPostgres } from '../../test/testkit/database.ts'
import { scramVerifier, setLoginPasswords } from './loginPasswords.ts'

async function administrator() {
  const { connection, superuser } = await testPostgres()
  const options = connection(superuser)
  const client = postgres({ ...options, max: 1 })
  onTestFinished(() => client.end())
  const stored = async (role: string) => {
    const [row] = await client<
      { password: string | null }[]
    >`select rolpassword as password from pg_authid where rolname = ${role}`
    return row?.password ?? null
  }
  return { options, client, stored }
}

test('a verifier is the one that Postgres makes of the password', async () => {
  const { client, stored } = await administrator()
  const role = 'login_passwords_test'
  await client.unsafe(`create role ${role} password 'pencil ~'`)
  onTestFinished(async () => void (await client.unsafe(`drop role ${role}`)))
  const made = (await stored(role)) ?? ''
  const salt = Buffer.from(/^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(made)?.[1] ?? '', 'base64')
  expect(scramVerifier('pencil ~', salt)).toBe(made)
})

test('each login role gets its own, as a verifier; the others are left alone', async () => {
  const { options, client, stored } = await administrator()
  onTestFinished(async () => void (await client.unsafe('alter role sluice_metering password null')))
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
