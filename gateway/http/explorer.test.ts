import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { explorerBundle } from '../explorer/bundle.ts'
import { startTestGateway } from '../testkit/gateway.ts'

describe('the explorer', () => {
  test('its page comes at once, needs no token, and loads from this gateway alone', async () => {
    const { url } = await startTestGateway()
    const response = await fetch(url)
    expect(response.status).toBe(200)
    const html = await response.text()
    expect(html).not.toMatch(/https?:\/\//)
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'/)
  })

  test('every file that the page names is there', async () => {
    const { url } = await startTestGateway()
    const html = await (await fetch(url)).text()
    const names = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, name]) => name)
    expect(names).toHaveLength(2)
    for (const name of names) {
      const response = await fetch(`${url}${name}`)
      expect([name, response.status]).toEqual([name, 200])
      expect(response.headers.get('content-type')).toMatch(/^text\/(javascript|css)/)
      expect(response.headers.get('cache-control')).toContain('immutable')
      await response.arrayBuffer()
    }
  }, 60_000)

  for (const path of ['', '../http/server.ts', '..%2F..%2Fpackage.json', 'nothing.js']) {
    test(`/explorer/…/${path} is not there`, async () => {
      const { url } = await startTestGateway()
      const { version } = await explorerBundle()
      const response = await fetch(`${url}/explorer/${version}/${path}`)
      expect(response.status).toBe(404)
    })
  }

  test('the bundle brings its workers, and imports nothing from elsewhere', async () => {
    const files = await (await explorerBundle()).files()
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        'explorer.js',
        'explorer.css',
        'editor.worker.js',
        'json.worker.js',
        'graphql.worker.js',
      ]),
    )
    for (const [name, path] of files) {
      if (!/\.(js|css)$/.test(name)) continue
      expect([
        name,
        (await readFile(path, 'utf8')).match(/(?:import|from|url\()\s*\(?["']?https?:\/\/[^"')]+/),
      ]).toEqual([name, null])
    }
  }, 60_000)
})
