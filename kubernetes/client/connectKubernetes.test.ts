import { writeFile } from 'node:fs/promises'
import { afterEach, assert, describe, expect, test } from 'vitest'
import type { Cluster, ClusterError } from '../cluster.ts'
import { connectKubernetes, type KubernetesCluster } from './connectKubernetes.ts'
import { type Answer, type FakeApiServer, json, startFakeApiServer } from './fakeApiServer.ts'
import { DEFAULT_LIMITS, type Limits } from './transport.ts'

let server: FakeApiServer
let cluster: KubernetesCluster

async function connect(
  answer: Answer,
  limits: Partial<Limits> = {},
  options: { basePath?: string } = {},
): Promise<void> {
  server = await startFakeApiServer(answer, options)
  cluster = await connectKubernetes({ kubeconfig: server.kubeconfig }, { ...DEFAULT_LIMITS, ...limits })
}
afterEach(async () => {
  await cluster.close()
  await server.close()
})

const configMap = { apiVersion: 'v1' as const, kind: 'ConfigMap' as const, metadata: { namespace: 'a', name: 'x' } }

describe('what is asked', () => {
  const writing = 'fieldManager=sluice&timeout=30s'
  const cases: Record<string, { call: (cluster: Cluster) => Promise<unknown>; want: object }> = {
    'list of a namespace, by page and label': {
      call: (c) => c.list('Job', { namespace: 'a', labelSelector: 'x=1,y', limit: 5, continue: 'next' }),
      want: { method: 'GET', url: '/apis/batch/v1/namespaces/a/jobs?labelSelector=x%3D1%2Cy&limit=5&continue=next' },
    },
    'list of all namespaces': { call: (c) => c.list('Pod'), want: { method: 'GET', url: '/api/v1/pods' } },
    'get of what has no namespace': {
      call: (c) => c.get('Queue', { name: 'acme' }),
      want: { url: '/apis/sluice.dev/v1alpha1/queues/acme' },
    },
    create: {
      call: (c) => c.create('ConfigMap', configMap),
      want: { method: 'POST', url: `/api/v1/namespaces/a/configmaps?${writing}`, body: configMap },
    },
    'create as a dry run': {
      call: (c) => c.create('ConfigMap', configMap, { dryRun: true }),
      want: { url: `/api/v1/namespaces/a/configmaps?${writing}&dryRun=All` },
    },
    apply: {
      call: (c) => c.apply('ConfigMap', configMap),
      want: {
        method: 'PATCH',
        url: `/api/v1/namespaces/a/configmaps/x?${writing}&force=true`,
        headers: expect.objectContaining({ 'content-type': 'application/apply-patch+yaml' }),
      },
    },
    'patch of a status': {
      call: (c) => c.patch('Node', { name: 'n' }, [{ op: 'remove', path: '/status/x' }], { subresource: 'status' }),
      want: {
        method: 'PATCH',
        url: `/api/v1/nodes/n/status?${writing}`,
        headers: expect.objectContaining({ 'content-type': 'application/json-patch+json' }),
        body: [{ op: 'remove', path: '/status/x' }],
      },
    },
    'delete with a precondition': {
      call: (c) => c.delete('Pod', { namespace: 'a', name: 'p' }, { uid: 'u', gracePeriodSeconds: 0 }),
      want: {
        method: 'DELETE',
        body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u' }, gracePeriodSeconds: 0 },
      },
    },
    'bind with preconditions and annotations': {
      call: (c) =>
        c.bind({ namespace: 'a', pod: 'p', node: 'n', uid: 'u', resourceVersion: '7', annotations: { k: 'v' } }),
      want: {
        method: 'POST',
        url: `/api/v1/namespaces/a/pods/p/binding?${writing}`,
        body: {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { namespace: 'a', name: 'p', uid: 'u', resourceVersion: '7', annotations: { k: 'v' } },
          target: { apiVersion: 'v1', kind: 'Node', name: 'n' },
        },
      },
    },
    evict: {
      call: (c) => c.evict({ namespace: 'a', name: 'p' }),
      want: {
        url: `/api/v1/namespaces/a/pods/p/eviction?${writing}`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace: 'a', name: 'p' } },
      },
    },
  }
  for (const [name, { call, want }] of Object.entries(cases)) {
    test(name, async () => {
      await connect(json({ metadata: { resourceVersion: '1' }, items: [] }))
      await call(cluster)
      expect(server.requests).toEqual([expect.objectContaining(want)])
      assert.equal(server.requests[0]?.headers.authorization, 'Bearer a-token')
    })
  }

  test('lies below the path of the server’s address', async () => {
    await connect(json({ metadata: {} }), {}, { basePath: '/clusters/blue/' })
    await cluster.get('Node', { name: 'n' })
    assert.equal(server.requests[0]?.url, '/clusters/blue/api/v1/nodes/n')
  })
})

describe('what comes back', () => {
  test('a list tells of each item what it is, and leaves field ownership out', async () => {
    const item = { metadata: { name: 'x', managedFields: [{ manager: 'someone' }] }, data: { a: '1' } }
    await connect(json({ metadata: { resourceVersion: '9', continue: 'more' }, items: [item] }))
    expect(await cluster.list('ConfigMap')).toEqual({
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '1' } }],
      resourceVersion: '9',
      continue: 'more',
    })
  })

  test('the last page has no continue, and a list may be null', async () => {
    await connect(json({ metadata: { resourceVersion: '9', continue: '' }, items: null }))
    expect(await cluster.list('ConfigMap')).toEqual({ items: [], resourceVersion: '9' })
  })

  test('logs are text of the first container', async () => {
    await connect((response, request) => {
      if (request.url.includes('/log')) response.end('line\n')
      else json({ metadata: {}, spec: { containers: [{ name: 'main' }, { name: 'sidecar' }] } })(response, request)
    })
    assert.equal(await cluster.logs({ namespace: 'a', name: 'p' }, { limitBytes: 100 }), 'line\n')
    assert.equal(server.requests[1]?.url, '/api/v1/namespaces/a/pods/p/log?container=main&limitBytes=100')
  })
})

describe('a call is refused', () => {
  const get = () => cluster.get('ConfigMap', { namespace: 'a', name: 'x' })

  test('with the code of the status, its words, and when to come back', async () => {
    await connect(
      json({ kind: 'Status', reason: 'TooManyRequests', message: 'slow down' }, 429, { 'retry-after': '2' }),
    )
    await expect(get()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', message: 'slow down', retryAfterSeconds: 2 })
  })

  test('with what a proxy said where the answer is no status', async () => {
    await connect((response) => void response.writeHead(502).end('<h1>Bad gateway</h1>'))
    await expect(get()).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 502, message: '<h1>Bad gateway</h1>' })
  })

  test('with TIMEOUT where no answer comes', async () => {
    await connect(() => {}, { requestTimeoutMs: 50 })
    await expect(get()).rejects.toMatchObject({ name: 'ClusterError', code: 'TIMEOUT' })
  })

  test('with TIMEOUT where the answer stops half-way', async () => {
    await connect((response) => void response.writeHead(200).write('{"metadata":'), { requestTimeoutMs: 50 })
    await expect(get()).rejects.toMatchObject({ name: 'ClusterError', code: 'TIMEOUT' })
  })

  test('with TIMEOUT where its turn for a connection comes too late', async () => {
    await connect(() => {}, { requestConnections: 1, watches: 0, requestTimeoutMs: 100 })
    const calls = [get(), get(), get()]
    const answers = await Promise.allSettled(calls)
    for (const answer of answers) expect(answer).toMatchObject({ reason: { name: 'ClusterError', code: 'TIMEOUT' } })
    assert.equal(server.requests.length, 1) // what waited too long is never sent
  })

  test('with UNAVAILABLE where the cluster is closed under it, after a moment', async () => {
    await connect(() => {}, { closeGraceMs: 20 })
    const call = get()
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' }), cluster.close()])
    await expect(get()).rejects.toMatchObject({ name: 'ClusterError', code: 'UNAVAILABLE' })
  })

  test('with UNAVAILABLE where the connection breaks, and where there is no server', async () => {
    await connect((response) => void response.destroy())
    await expect(get()).rejects.toMatchObject({ name: 'ClusterError', code: 'UNAVAILABLE' })
    await server.close()
    await expect(get()).rejects.toMatchObject({ name: 'ClusterError', code: 'UNAVAILABLE' })
    server = await startFakeApiServer(json({}))
  })

  test('with UNAVAILABLE where the answer is no JSON', async () => {
    await connect((response) => void response.end('hello'))
    await expect(get()).rejects.toMatchObject({ name: 'ClusterError', code: 'UNAVAILABLE' })
  })
})

describe('a configuration that cannot be used is refused at once', () => {
  const refusal = async (path: string) =>
    (await connectKubernetes({ kubeconfig: path }).catch((error: unknown) => error)) as ClusterError

  test('where the file is not there, is no kubeconfig, or has no current context', async () => {
    await connect(json({}))
    assert.equal((await refusal(`${server.kubeconfig}.missing`)).code, 'BAD_REQUEST')
    for (const content of ['{', '[]', '{"clusters":[]}']) {
      await writeFile(server.kubeconfig, content)
      assert.equal((await refusal(server.kubeconfig)).code, 'BAD_REQUEST', content)
    }
  })
})
