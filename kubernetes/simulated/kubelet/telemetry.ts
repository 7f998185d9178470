import { hash32 } from '../api/identifiers.ts'
import type { NodeState } from './nodes.ts'
import { millionths } from './podDevices.ts'
import type { PodRun } from './podRun.ts'

/** One GPU as dcgm-exporter tells of it: its own metric and label names and units. */
export interface GpuSample {
  labels: {
    gpu: string
    UUID: string
    device: string
    modelName: string
    Hostname: string
    /** Of the pod that holds most of it; '' where it is idle. */
    namespace: string
    pod: string
    container: string
  }
  /** Per cent. */
  DCGM_FI_DEV_GPU_UTIL: number
  /** MiB. */
  DCGM_FI_DEV_FB_USED: number
  DCGM_FI_DEV_FB_FREE: number
  /** Watts. */
  DCGM_FI_DEV_POWER_USAGE: number
  /** Degrees Celsius. */
  DCGM_FI_DEV_GPU_TEMP: number
}

const IDLE_WATTS = 60
const FULL_WATTS = 640
const IDLE_CELSIUS = 31
const FULL_CELSIUS = 68
/** The exporter's own sampling interval: within it a sample does not change. */
const SAMPLE_SECONDS = 5

/** All GPUs of the nodes that are up. The same seed, pods and domain time give the same samples. */
export function gpuSamples(
  nodes: Iterable<NodeState>,
  running: Iterable<PodRun>,
  nowMs: number,
  seed: string,
): GpuSample[] {
  const holders = new Map<string, { run: PodRun; share: number }[]>()
  for (const run of running) {
    for (const { uuid, share } of run.devices) {
      const held = holders.get(uuid) ?? []
      held.push({ run, share: millionths(share) / 1_000_000 })
      holders.set(uuid, held)
    }
  }
  const tick = Math.floor(nowMs / 1_000 / SAMPLE_SECONDS)
  const samples: GpuSample[] = []
  for (const state of nodes) {
    if (!state.isUp) continue
    for (const device of state.devices) {
      const held = holders.get(device.uuid) ?? []
      const noise = (what: string) => (hash32(`${seed}/${what}/${device.uuid}/${tick}`) % 1_000) / 1_000
      samples.push(sampleOf(state, device, held, noise))
    }
  }
  return samples
}

function sampleOf(
  { node }: NodeState,
  device: NodeState['devices'][number],
  held: { run: PodRun; share: number }[],
  noise: (what: string) => number,
): GpuSample {
  const share = Math.min(
    1,
    held.reduce((total, holder) => total + holder.share, 0),
  )
  const largest = held.reduce<(typeof held)[number] | null>(
    (most, holder) => (most === null || holder.share > most.share ? holder : most),
    null,
  )
  // A program that has a GPU keeps it between 80 and 100 per cent busy for its share.
  const busy = share * (0.8 + 0.2 * noise('util'))
  const usedMiB = Math.round(device.memoryMiB * (held.length === 0 ? 0.002 : share * (0.7 + 0.2 * noise('memory'))))
  const pod = largest?.run.pod
  return {
    labels: {
      gpu: String(device.index),
      UUID: device.uuid,
      device: `nvidia${device.index}`,
      modelName: node.gpuModel ?? '',
      Hostname: node.name,
      namespace: pod?.metadata.namespace ?? '',
      pod: pod?.metadata.name ?? '',
      container: pod?.spec?.containers[0]?.name ?? '',
    },
    DCGM_FI_DEV_GPU_UTIL: Math.round(busy * 100),
    DCGM_FI_DEV_FB_USED: usedMiB,
    DCGM_FI_DEV_FB_FREE: device.memoryMiB - usedMiB,
    DCGM_FI_DEV_POWER_USAGE: round(IDLE_WATTS + (FULL_WATTS - IDLE_WATTS) * busy + 4 * noise('power')),
    DCGM_FI_DEV_GPU_TEMP: Math.round(IDLE_CELSIUS + (FULL_CELSIUS - IDLE_CELSIUS) * busy + 2 * noise('temperature')),
  }
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
