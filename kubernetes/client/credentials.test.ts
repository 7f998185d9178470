import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, assert, beforeEach, describe, expect, test } from 'vitest'
import { type Credentials, readCredentials } from './credentials.ts'

let folder: string
let nowMs: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-credentials-'))
  nowMs = 0
})
afterEach(() => rm(folder, { recursive: true }))

async function read(user: object, cluster: object = {}): Promise<Credentials> {
  const kubeconfig = join(folder, 'kubeconfig')
  const config = {
    clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/base/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  return readCredentials({ kubeconfig }, () => nowMs)
}

test('the address is taken apart', async () => {
  expect(await read({})).toMatchObject({ origin: 'https://api.example:6443', basePath: '/base' })
})

test('certificates, keys and the name to verify are TLS options', async () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const user = { 'client-certificate-data': base64('certificate'), 'client-key-data': base64('key') }
  const cluster = { 'certificate-authority-data': base64('authority'), 'tls-server-name': 'inner' }
  expect((await read(user, cluster)).tls).toEqual({
    ca: Buffer.from('authority'),
    cert: Buffer.from('certificate'),
    key: Buffer.from('key'),
    servername: 'inner',
  })
})

test('a user name and password are basic authentication', async () => {
  const { headers } = await read({ username: 'ann', password: 'secret' })
  assert.equal((await headers()).Authorization, `Basic ${Buffer.from('ann:secret').toString('base64')}`)
})

test('a proxy is refused rather than passed by', async () => {
  await expect(read({}, { 'proxy-url': 'http://egress.example' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

describe('tokens of a plugin', () => {
  /** Prints another token at each call. */
  function plugin(status: { expirationTimestamp?: string } = {}): object {
    const calls = join(folder, 'calls')
    const fields = JSON.stringify(status).slice(1, -1).replaceAll('"', '\\"')
    const script = [
      `echo x >> ${calls}`,
      `n=$(wc -l < ${calls} | tr -d ' ')`,
      `echo "{\\"status\\":{\\"token\\":\\"token-$n\\"${fields && `,${fields}`}}}"`,
    ].join('\n')
    return { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] }
  }
  const token = async (credentials: Credentials) => (await credentials.headers()).Authorization

  test('that expired are asked for again, but not for each request', async () => {
    const credentials = await read({ exec: plugin({ expirationTimestamp: '2001-01-01T00:00:00Z' }) })
    const first = await token(credentials)
    nowMs += 9_999
    assert.equal(await token(credentials), first)
    nowMs += 1
    assert.notEqual(await token(credentials), first)
  })

  test('are asked for again at once when the server did not take them', async () => {
    const credentials = await read({ exec: plugin() })
    const first = await token(credentials)
    credentials.forget()
    assert.notEqual(await token(credentials), first)
  })

  test('that cannot be had are UNAUTHORIZED', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', 'exit 3'] }
    await expect(read({ exec })).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })
})
