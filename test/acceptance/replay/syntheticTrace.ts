import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Decimal } from 'decimal.js'

/** A small trace in the format of the production one, and what its pods must come to. */
export interface SyntheticTrace {
  nodesPath: string
  podsPath: string
  pods: number
  /** Decimal GPU-seconds of the rows of one tenant, from the trace alone. */
  gpuSecondsOf(tenant: number): string
}

const NODES = [
  'sn,cpu_milli,memory_mib,gpu,model',
  'node-0,64000,262144,4,A10',
  'node-1,64000,262144,4,A10',
  'node-2,32000,131072,2,T4',
  'node-3,32000,131072,2,T4',
  'node-4,96000,524288,8,V100M32',
  'node-5,32000,131072,0,',
]
const COLUMNS =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time'
const QOS = ['LS', 'BE', 'Burstable', 'Guaranteed']
const TENANTS = 4
const PODS = 60

interface Asked {
  gpus?: number
  gpuMilli?: number
  models?: string
  memoryMiB?: number
  runSeconds?: number
  isScheduled?: boolean
}
/** In turn, so that each tenant and each class has several of each kind. */
const KINDS: readonly Asked[] = [
  {},
  { gpuMilli: 460 },
  { gpus: 2 },
  { gpus: 0, gpuMilli: 0 },
  { gpuMilli: 250, models: 'T4' },
  { gpus: 8 },
  { gpuMilli: 540, isScheduled: false },
  { gpus: 4, models: 'V100M16|V100M32' },
  { gpuMilli: 333, runSeconds: 0 },
  { gpus: 4, runSeconds: 700 },
  { gpus: 0, gpuMilli: 0, memoryMiB: 0 },
]

/** Pods that arrive fifteen a minute and ask for more than six nodes can give at once. */
export async function writeSyntheticTrace(folder: string, pods = PODS): Promise<SyntheticTrace> {
  const asked = Array.from({ length: pods }, (_, row) => ({ row, ...podOf(row) }))
  const nodesPath = join(folder, 'nodes.csv')
  const podsPath = join(folder, 'pods.csv')
  await writeFile(nodesPath, NODES.join('\n'))
  await writeFile(podsPath, [COLUMNS, ...asked.map(({ line }) => line)].join('\n'))
  return {
    nodesPath,
    podsPath,
    pods,
    gpuSecondsOf: (tenant) =>
      asked
        .filter(({ row }) => row % TENANTS === tenant)
        .reduce((sum, { gpuSeconds }) => sum.plus(gpuSeconds), new Decimal(0))
        .toFixed(),
  }
}

function podOf(row: number): { line: string; gpuSeconds: Decimal } {
  const { gpus = 1, gpuMilli = 1_000, models = '', memoryMiB = 4_096, ...asked } = KINDS[row % KINDS.length] ?? {}
  const runSeconds = asked.runSeconds ?? 100 + ((row * 37) % 200)
  const created = Math.floor(row / 3) * 12 // three at each instant
  const scheduled = asked.isScheduled === false ? '' : `${created + 3}.0`
  const deleted = (scheduled === '' ? created : created + 3) + runSeconds
  const qos = QOS[Math.floor(row / 3) % QOS.length]
  return {
    line: `pod-${row},4000,${memoryMiB},${gpus},${gpuMilli},${models},${qos},Running,${created},${deleted},${scheduled}`,
    gpuSeconds: new Decimal(gpus).times(gpuMilli).div(1_000).times(runSeconds),
  }
}
