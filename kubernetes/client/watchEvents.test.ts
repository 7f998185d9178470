import { once } from 'node:events'
import { afterEach, assert, describe, expect, test } from 'vitest'
import { connectKubernetes, type KubernetesCluster } from './connectKubernetes.ts'
import { type Answer, type FakeApiServer, json, startFakeApiServer } from './fakeApiServer.ts'
import { DEFAULT_LIMITS, type Limits } from './transport.ts'

let server: FakeApiServer
let cluster: KubernetesCluster

async function connect(answer: Answer, limits: Partial<Limits> = {}): Promise<void> {
  server = await startFakeApiServer(answer)
  cluster = await connectKubernetes({ kubeconfig: server.kubeconfig }, { ...DEFAULT_LIMITS, ...limits })
}
afterEach(async () => {
  await cluster.close()
  await server.close()
})

describe('a watch', () => {
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, resourceVersion: '5' } })
  const line = (value: unknown) => `${JSON.stringify(value)}\n`
  const watch = (signal: AbortSignal = new AbortController().signal) =>
    cluster.watch('ConfigMap', { namespace: 'a', resourceVersion: '4', signal })

  test('gives changes and bookmarks in order, and ends with the stream', async () => {
    await connect((response) => {
      response.write(line({ type: 'ADDED', object: object('x') }))
      response.write(line({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } }))
      response.end(line({ type: 'DELETED', object: object('x') }))
    })
    expect(await Array.fromAsync(watch())).toEqual([
      { type: 'ADDED', object: object('x') },
      { type: 'BOOKMARK', resourceVersion: '8' },
      { type: 'DELETED', object: object('x') },
    ])
    assert.equal(
      server.requests[0]?.url,
      '/api/v1/namespaces/a/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=4',
    )
  })

  test('from too long ago is EXPIRED, whether the server says so at once or in the stream', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
    await connect((response, request) => {
      if (request.url.includes('namespaces')) json(status, 410)(response, request)
      else response.end(line({ type: 'ERROR', object: status }))
    })
    await expect(Array.fromAsync(watch())).rejects.toMatchObject({ code: 'EXPIRED' })
    const everywhere = cluster.watch('ConfigMap', { resourceVersion: '4', signal: new AbortController().signal })
    await expect(Array.fromAsync(everywhere)).rejects.toMatchObject({ code: 'EXPIRED' })
  })

  test('that is aborted just ends, before, at and after its first event', async () => {
    await connect((response) => void response.write(line({ type: 'ADDED', object: object('x') })))
    expect(await Array.fromAsync(watch(AbortSignal.abort()))).toEqual([])
    const aborting = new AbortController()
    const seen: string[] = []
    for await (const event of watch(aborting.signal)) {
      seen.push(event.type)
      aborting.abort()
    }
    expect(seen).toEqual(['ADDED'])
  })

  test('that nobody reads any more gives its connection back', async () => {
    const closed: Promise<unknown>[] = []
    await connect((response) => {
      closed.push(once(response, 'close'))
      response.write(line({ type: 'ADDED', object: object('x') }))
    })
    for await (const _ of watch()) break
    await Promise.all(closed)
    assert.equal(closed.length, 1)
  })

  test('whose connection breaks is UNAVAILABLE, so that nobody takes it for a quiet end', async () => {
    await connect((response) => {
      response.write(line({ type: 'ADDED', object: object('x') }), () => response.destroy())
    })
    await expect(Array.fromAsync(watch())).rejects.toMatchObject({ name: 'ClusterError', code: 'UNAVAILABLE' })
  })

  test('on which nothing comes for too long is taken for dead', async () => {
    await connect((response) => response.writeHead(200).flushHeaders(), { watchIdleMs: 100 })
    await expect(Array.fromAsync(watch())).rejects.toMatchObject({ name: 'ClusterError', code: 'TIMEOUT' })
  })

  test('never takes the connection that requests need, and too many are refused', async () => {
    await connect(
      (response, seen) => {
        if (seen.url.includes('watch')) response.write(line({ type: 'ADDED', object: object('x') }))
        else json(object('x'))(response, seen)
      },
      { requestConnections: 1, watches: 2 },
    )
    const aborting = new AbortController()
    const open = [watch(aborting.signal), watch(aborting.signal)].map((events) => events[Symbol.asyncIterator]())
    await Promise.all(open.map((events) => events.next()))
    assert.equal((await cluster.get('ConfigMap', { namespace: 'a', name: 'x' })).metadata.name, 'x')
    await expect(Array.fromAsync(watch())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    aborting.abort()
    await Promise.all(open.map((events) => events.next()))
  })

  test('ends when the cluster is closed', async () => {
    await connect((response) => void response.write(line({ type: 'ADDED', object: object('x') })))
    const events = watch()[Symbol.asyncIterator]()
    await events.next()
    const next = events.next()
    await Promise.all([expect(next).rejects.toMatchObject({ code: 'UNAVAILABLE' }), cluster.close()])
    cluster = await connectKubernetes({ kubeconfig: server.kubeconfig })
  })
})
