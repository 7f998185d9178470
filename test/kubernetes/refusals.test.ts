import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectKubernetes, type KubernetesCluster } from '../../kubernetes/client/connectKubernetes.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { onRealControlPlane } from './realControlPlane.ts'

/** What only a real API server refuses: it knows who asks, and what disruption budgets allow. */
onRealControlPlane((controlPlane) => {
  let cluster: KubernetesCluster
  let folder: string
  beforeAll(async () => {
    cluster = await controlPlane.connect()
    folder = await mkdtemp(join(tmpdir(), 'sluice-refusals-'))
  })
  afterAll(async () => {
    await cluster.close()
    await rm(folder, { recursive: true })
  })

  async function connectWithToken(token: string): Promise<KubernetesCluster> {
    const config = JSON.parse(await readFile(controlPlane.kubeconfig, 'utf8'))
    config.users[0].user.token = token
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, JSON.stringify(config))
    return connectKubernetes({ kubeconfig })
  }

  test('a token that nobody gave out is UNAUTHORIZED', async () => {
    const stranger = await connectWithToken('made-up')
    await expect(stranger.list('Node')).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 })
    await stranger.close()
  })

  test('a service account without rights is FORBIDDEN, to read, to write and to watch', async () => {
    const namespace = await controlPlane.namespace(cluster)
    const token = await controlPlane.kubectl(['create', 'token', 'default', '--namespace', namespace])
    const account = await connectWithToken(token.trim())
    const configMap = { apiVersion: 'v1' as const, kind: 'ConfigMap' as const, metadata: { namespace, name: 'x' } }
    await expect(account.list('Node')).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 })
    await expect(account.apply('ConfigMap', configMap)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const watch = account.watch('Pod', { resourceVersion: '1', signal: AbortSignal.timeout(10_000) })
    await expect(Array.fromAsync(watch)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await account.close()
  })

  test('an eviction that a disruption budget does not allow is TOO_MANY_REQUESTS', async () => {
    const namespace = await controlPlane.namespace(cluster)
    const budget = `{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: all, namespace: ${namespace} },
      spec: { minAvailable: 1, selector: {} } }`
    await controlPlane.kubectl(['apply', '-f', '-'], budget)
    const ref = await readyPod(namespace)
    await expect(cluster.evict(ref)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', status: 429 })
    await cluster.delete('Pod', ref, { gracePeriodSeconds: 0 })
  })

  /** A budget protects only what runs. */
  async function readyPod(namespace: string): Promise<{ namespace: string; name: string }> {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: 'needed' },
      spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'busybox' }] },
    }
    const { metadata } = await cluster.create('Pod', pod)
    const ref = { namespace, name: 'needed' }
    await cluster.bind({ namespace, pod: 'needed', node: 'nobodys-node', uid: metadata.uid ?? '', annotations: {} })
    const conditions = [{ type: 'Ready', status: 'True' }]
    await cluster.patch(
      'Pod',
      ref,
      [
        { op: 'add', path: '/status/phase', value: 'Running' },
        { op: 'add', path: '/status/conditions', value: conditions },
      ],
      { subresource: 'status' },
    )
    return ref
  }
})
