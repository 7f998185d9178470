import { type DiscreteClock, discreteClock } from '../../platform/clocks.ts'
import type { Ref } from '../cluster.ts'
import { annotations, labels } from '../names.ts'
import type { Job, Pod } from '../objects.ts'
import type { NodeDevice, SimulatedNode } from './kubelet/simulatedNode.ts'
import { type SimulatedCluster, type SimulatedClusterOptions, startSimulatedCluster } from './startSimulatedCluster.ts'

export const START_MS = Date.UTC(2026, 0, 1)
export const TENANT = 'tenant_test'

export const gpuNode: SimulatedNode = {
  name: 'gpu-1',
  pool: 'h100',
  gpuModel: 'NVIDIA-H100',
  gpuCount: 4,
  gpuMemoryMiB: 81_920,
  cpuMilli: 32_000,
  memoryMiB: 131_072,
}

/** A simulated cluster on discrete time with a tenant's namespace `t`, and its time in the test's hands. */
export interface TestCluster extends SimulatedCluster {
  clock: DiscreteClock
  /** Everything at this instant has happened. */
  settle(): Promise<void>
  /** Goes on from timer to timer, each instant settled, for so many seconds. */
  pass(seconds: number): Promise<void>
  /** Goes on until nothing is waiting for time any more. */
  passAll(): Promise<void>
  devices(node: string): Promise<NodeDevice[]>
  /** Binds the pod with whole devices of these indexes, or with a share of one of them. */
  bind(pod: Pod, node: string, indexes?: number[], share?: string): Promise<void>
  pods(namespace?: string): Promise<readonly Pod[]>
  job(ref?: Ref): Promise<Job>
}

export async function startTestCluster(
  options: Partial<SimulatedClusterOptions> & { clock?: DiscreteClock } = {},
): Promise<TestCluster> {
  const clock = options.clock ?? discreteClock(START_MS)
  const simulated = await startSimulatedCluster({
    nodes: [gpuNode],
    seed: 'test',
    startupSeconds: 0,
    ...options,
    clock,
  })
  const { cluster, whenIdle } = simulated
  await cluster.apply('Namespace', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 't', labels: { [labels.tenant]: TENANT } },
  })

  async function passUntil(endMs: number): Promise<void> {
    await whenIdle()
    for (let next = clock.nextTimerMs(); next !== null && next <= endMs; next = clock.nextTimerMs()) {
      clock.advanceTo(next)
      await whenIdle()
    }
  }
  async function devices(node: string): Promise<NodeDevice[]> {
    const { metadata } = await cluster.get('Node', { name: node })
    return JSON.parse(metadata.annotations?.[annotations.nodeDevices] ?? '[]')
  }

  return {
    ...simulated,
    clock,
    settle: whenIdle,
    async pass(seconds) {
      const endMs = clock.nowMs() + seconds * 1_000
      await passUntil(endMs)
      clock.advanceTo(endMs)
      await whenIdle()
    },
    passAll: () => passUntil(Number.POSITIVE_INFINITY),
    devices,
    async bind(pod, node, indexes = [], share = '1') {
      const all = await devices(node)
      const chosen = indexes.map((index) => ({ index, uuid: all[index]?.uuid, model: gpuNode.gpuModel, share }))
      await cluster.bind({
        namespace: pod.metadata.namespace as string,
        pod: pod.metadata.name as string,
        node,
        uid: pod.metadata.uid as string,
        annotations: {
          [annotations.admittedAt]: new Date(clock.nowMs()).toISOString(),
          ...(chosen.length > 0 && { [annotations.devices]: JSON.stringify(chosen) }),
        },
      })
    },
    pods: async (namespace = 't') => (await cluster.list('Pod', { namespace })).items,
    job: (ref = { namespace: 't', name: 'job' }) => cluster.get('Job', ref),
  }
}

type JobSpec = NonNullable<Job['spec']>

/** A Job `job` in the tenant's namespace: one pod with so many GPUs, unless told otherwise. */
export function testJob(
  wanted: { gpus?: number; share?: string; env?: Record<string, string>; spec?: Partial<JobSpec> } = {},
): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace: 't', name: 'job' },
    spec: {
      completionMode: 'Indexed',
      completions: 1,
      parallelism: 1,
      backoffLimit: 0,
      template: {
        metadata: wanted.share === undefined ? {} : { annotations: { [annotations.gpuShare]: wanted.share } },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'main',
              image: 'example.test/train:1',
              env: Object.entries(wanted.env ?? {}).map(([name, value]) => ({ name, value })),
              resources: wanted.gpus === undefined ? {} : { limits: { 'nvidia.com/gpu': String(wanted.gpus) } },
            },
          ],
        },
      },
      ...wanted.spec,
    },
  }
}

export const UNSUSPEND = [{ op: 'replace', path: '/spec/suspend', value: false }] as const
export const SUSPEND = [{ op: 'replace', path: '/spec/suspend', value: true }] as const
