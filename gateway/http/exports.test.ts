import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Claims } from '../../platform/identity/identity.ts'
import { ALICE, startTestGateway } from '../testkit/gateway.ts'

const MALLORY: Claims = { ...ALICE, subject: 'mallory', tenantId: 'tenant_2' } as Claims

describe('downloads of exports', () => {
  test('whoever has the right gets the file, by name and type', async () => {
    const { download } = await withExport('a,b\n1,2\n')
    const response = await download('export_1')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('a,b\n1,2\n')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-length': '8',
      'content-disposition': "attachment; filename*=UTF-8''usage%20of%20acme.csv",
      'cache-control': 'private, no-store',
    })
  })

  test('a large file comes whole', async () => {
    const content = '0123456789abcdef'.repeat(200_000)
    const { download } = await withExport(content)
    expect((await (await download('export_1')).text()) === content).toBe(true)
  })

  test('HEAD tells the size alone', async () => {
    const { download } = await withExport('a,b\n')
    const response = await download('export_1', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '4', ''])
  })

  test('the right is asked for at each download: another tenant finds nothing', async () => {
    const { download } = await withExport('a,b\n')
    const response = await download('export_1', { claims: MALLORY })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
  })

  for (const id of ['export_9', '', 'export_1/more', '..%2Fexport_1']) {
    test(`"${id}" is no export: 404`, async () => {
      const { download } = await withExport('a,b\n')
      expect((await download(id)).status).toBe(404)
    })
  }

  test('without a token: 401', async () => {
    const { url } = await withExport('a,b\n')
    expect((await fetch(`${url}/exports/export_1`)).status).toBe(401)
  })

  test('another method: 405', async () => {
    const { download } = await withExport('a,b\n')
    expect((await download('export_1', { method: 'DELETE' })).status).toBe(405)
  })
})

/** A gateway with one export, which belongs to Alice's tenant. */
async function withExport(content: string) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-exports-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'export_1.csv')
  await writeFile(path, content)
  const cloud = await startTestGateway({
    arrange: (subgraphs) =>
      subgraphs.map((subgraph) => {
        if (subgraph.name !== 'metering') return subgraph
        return {
          ...subgraph,
          download: async (id, identityToken) => {
            const identity = await cloud.subgraphTokens.verify(identityToken)
            if (id !== 'export_1' || identity.kind !== 'member' || identity.tenantId !== 'tenant_1') return null
            return {
              fileName: 'usage of acme.csv',
              contentType: 'text/csv; charset=utf-8',
              sizeBytes: Buffer.byteLength(content),
              content: () => createReadStream(path),
              discard: () => {},
            }
          },
        }
      }),
  })
  return {
    url: cloud.url,
    async download(id: string, { claims = ALICE, method = 'GET' }: { claims?: Claims; method?: string } = {}) {
      const headers = { authorization: `Bearer ${await cloud.token(claims)}` }
      return fetch(`${cloud.url}/exports/${id}`, { method, headers })
    },
  }
}
