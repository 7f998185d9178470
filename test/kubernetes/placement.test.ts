import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { annotations } from '../../kubernetes/names.ts'
import type { Kinds, Pod } from '../../kubernetes/objects.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import { until } from '../testkit/until.ts'
import { namespaceOf, type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'

/** What of placement depends on what the API server and Kubernetes' own controllers make of it. */
onRealControlPlane((controlPlane) => {
  let cloud: RealCloud
  let acme: CloudTenant
  let namespace: string
  beforeAll(async () => {
    cloud = await startRealCloud(controlPlane, 2)
    acme = await cloud.tenant('acme')
    namespace = await namespaceOf(cloud, acme)
  })
  afterAll(() => cloud?.stop())

  async function create(name: string, wish: { pods?: number; gpus?: number; spec?: object; metadata?: object }) {
    const { pods = 1, gpus = 1, spec, metadata } = wish
    const container = {
      name: 'main',
      image: 'busybox',
      env: [{ name: 'SIM_RUN_SECONDS', value: '3600' }],
      resources: { limits: { 'nvidia.com/gpu': String(gpus) } },
    }
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace },
      spec: {
        parallelism: pods,
        completions: pods,
        completionMode: 'Indexed',
        template: { metadata, spec: { restartPolicy: 'Never', containers: [container], ...spec } },
      },
    }
    await cloud.kubectl(['create', '-f', '-'], JSON.stringify(job))
  }
  async function podsOf(name: string): Promise<readonly Pod[]> {
    const labelSelector = `batch.kubernetes.io/job-name=${name}`
    return (await cloud.cluster.list('Pod', { namespace, labelSelector })).items
  }
  async function nodesOf(name: string, pods: number): Promise<string[]> {
    const bound = await until(
      `${name} runs`,
      async () => (await podsOf(name)).flatMap(({ spec }) => spec?.nodeName ?? []),
      (nodes) => nodes.length === pods,
    )
    return bound.sort()
  }
  async function reasonOf(name: string, code: string): Promise<{ message: string; fix: string }> {
    const told = await until(
      `${name} waits with ${code}`,
      async () =>
        (await cloud.cluster.get('Job', { namespace, name })).metadata.annotations?.[annotations.pending] ?? '',
      (text) => text.includes(code),
    )
    return JSON.parse(told)
  }
  const end = (name: string) => cloud.kubectl(['delete', 'job', name, '-n', namespace, '--wait=false'])

  test('a gang kept apart from its own kind is on two nodes, and a third pod of that kind waits', async () => {
    const apart = {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'apart' } } },
          ],
        },
      },
    }
    const metadata = { labels: { app: 'apart' } }
    await create('pair', { pods: 2, spec: apart, metadata })
    expect(new Set(await nodesOf('pair', 2)).size).toBe(2)
    await create('third', { spec: apart, metadata })
    await reasonOf('third', 'PodRulesFailed')
    await end('third')
    await end('pair')
  })

  test('a gang that requires a level the cluster has not is told those it has', async () => {
    const metadata = { annotations: { [annotations.topologyRequired]: 'rack' } }
    await create('near', { pods: 2, metadata })
    expect((await reasonOf('near', 'UnknownTopologyLevel')).fix).toContain('SchedulingPolicy')
    const levels = [{ name: 'rack', nodeLabel: 'kubernetes.io/hostname' }]
    const patch = JSON.stringify({ spec: { topology: { levels } } })
    await cloud.kubectl(['patch', 'schedulingpolicy', 'default', '--type=merge', '-p', patch])
    expect(new Set(await nodesOf('near', 2)).size).toBe(1)
    await end('near')
  })

  describe('a claim that waits for its first consumer', () => {
    const claim = () => cloud.cluster.get('PersistentVolumeClaim', { namespace, name: 'data' })

    test('is told a node, is bound by Kubernetes when its volume comes, and its pod is bound after it', async () => {
      const storageClass: Kinds['StorageClass'] = {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: `disk-${namespace}` },
        provisioner: 'disk.example.com',
        volumeBindingMode: 'WaitForFirstConsumer',
      }
      await cloud.cluster.create('StorageClass', storageClass)
      await cloud.cluster.create('PersistentVolumeClaim', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { namespace, name: 'data' },
        spec: {
          storageClassName: storageClass.metadata.name as string,
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      })
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
      await create('reader', { spec: { volumes } })
      const node = await until(
        'the claim knows its node',
        async () => (await claim()).metadata.annotations?.['volume.kubernetes.io/selected-node'] ?? '',
        (name) => name !== '',
      )
      expect((await podsOf('reader')).map(({ spec }) => spec?.nodeName)).toEqual([undefined])
      await provision(storageClass.metadata.name as string, node)
      expect(await nodesOf('reader', 1)).toEqual([node])
      expect((await claim()).status?.phase).toBe('Bound')
      await end('reader')
    })

    /** What its provisioner does. */
    async function provision(storageClassName: string, node: string): Promise<void> {
      await cloud.cluster.create('PersistentVolume', {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: `volume-${namespace}` },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName,
          claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: 'data' },
          csi: { driver: 'disk.example.com', volumeHandle: 'one' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
              ],
            },
          },
        },
      })
    }
  })
})
