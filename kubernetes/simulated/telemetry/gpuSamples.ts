import { hash32 } from '../api/identifiers.ts'
import type { NodeState } from '../kubelet/nodes.ts'
import { millionths } from '../kubelet/podDevices.ts'
import type { PodRun } from '../kubelet/podRun.ts'
import type { DcgmMetric } from './dcgmMetrics.ts'
import type { EnergyMeter } from './energyMeter.ts'
import { LEAST_BUSY, wattsAt } from './power.ts'

/** One GPU as dcgm-exporter tells of it: its own names, units and order of labels. */
export type GpuSample = { labels: GpuLabels } & Record<DcgmMetric, number>

export interface GpuLabels {
  gpu: string
  UUID: string
  pci_bus_id: string
  device: string
  modelName: string
  Hostname: string
  /** Of the pod that holds most of it; '' where it is idle. */
  container: string
  namespace: string
  pod: string
}

interface Told {
  nodes: Iterable<NodeState>
  running: Iterable<PodRun>
  energy: EnergyMeter
  nowMs: number
  seed: string
}

const IDLE_CELSIUS = 31
const FULL_CELSIUS = 68
/** Memory is warmer than the chip. */
const MEMORY_CELSIUS = 8
const IDLE_SM_MHZ = 345
const FULL_SM_MHZ = 1_980
const MEMORY_MHZ = 2_619
/** The exporter's own sampling interval: within it a sample does not change. */
const SAMPLE_SECONDS = 5

/** All GPUs of the nodes that are up. The same seed, pods and domain time give the same samples. */
export function gpuSamples({ nodes, running, energy, nowMs, seed }: Told): GpuSample[] {
  const holders = new Map<string, Holder[]>()
  for (const run of running) {
    for (const { uuid, share } of run.devices) {
      const held = holders.get(uuid) ?? []
      holders.set(uuid, held)
      held.push({ run, share: millionths(share) / 1_000_000 })
    }
  }
  const tick = Math.floor(nowMs / 1_000 / SAMPLE_SECONDS)
  const tickMs = tick * SAMPLE_SECONDS * 1_000
  const samples: GpuSample[] = []
  for (const state of nodes) {
    if (!state.isUp) continue
    for (const device of state.devices) {
      const held = holders.get(device.uuid) ?? []
      const noise = (what: string) => (hash32(`${seed}/${what}/${device.uuid}/${tick}`) % 1_000) / 1_000
      samples.push({
        labels: labelsOf(state, device, held),
        ...figuresOf(device, held, noise),
        DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION: energy.millijoules(device.uuid, tickMs),
      })
    }
  }
  return samples
}

interface Holder {
  run: PodRun
  share: number
}
type Device = NodeState['devices'][number]

function labelsOf({ node }: NodeState, device: Device, held: readonly Holder[]): GpuLabels {
  const largest = held.reduce<Holder | null>(
    (most, holder) => (most === null || holder.share > most.share ? holder : most),
    null,
  )
  const pod = largest?.run.pod
  return {
    gpu: String(device.index),
    UUID: device.uuid,
    pci_bus_id: `00000000:${(0x1b + device.index).toString(16).toUpperCase()}:00.0`,
    device: `nvidia${device.index}`,
    modelName: node.gpuModel ?? '',
    Hostname: node.name,
    container: pod?.spec?.containers[0]?.name ?? '',
    namespace: pod?.metadata.namespace ?? '',
    pod: pod?.metadata.name ?? '',
  }
}

function figuresOf(
  device: Device,
  held: readonly Holder[],
  noise: (what: string) => number,
): Omit<Record<DcgmMetric, number>, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION'> {
  const share = Math.min(
    1,
    held.reduce((total, holder) => total + holder.share, 0),
  )
  const busy = share * (LEAST_BUSY + (1 - LEAST_BUSY) * noise('util'))
  const memoryBusy = busy * (0.4 + 0.2 * noise('bandwidth'))
  const usedMiB = Math.round(device.memoryMiB * (held.length === 0 ? 0.002 : share * (0.7 + 0.2 * noise('memory'))))
  const celsius = Math.round(IDLE_CELSIUS + (FULL_CELSIUS - IDLE_CELSIUS) * busy + 2 * noise('temperature'))
  return {
    DCGM_FI_DEV_SM_CLOCK: held.length === 0 ? IDLE_SM_MHZ : FULL_SM_MHZ,
    DCGM_FI_DEV_MEM_CLOCK: MEMORY_MHZ,
    DCGM_FI_DEV_MEMORY_TEMP: celsius + MEMORY_CELSIUS,
    DCGM_FI_DEV_GPU_TEMP: celsius,
    DCGM_FI_DEV_POWER_USAGE: rounded(wattsAt(busy)),
    DCGM_FI_DEV_GPU_UTIL: Math.round(busy * 100),
    DCGM_FI_DEV_MEM_COPY_UTIL: Math.round(memoryBusy * 100),
    // No device of the simulated cluster breaks by itself.
    DCGM_FI_DEV_XID_ERRORS: 0,
    DCGM_FI_DEV_ROW_REMAP_FAILURE: 0,
    DCGM_FI_DEV_FB_FREE: device.memoryMiB - usedMiB,
    DCGM_FI_DEV_FB_USED: usedMiB,
    DCGM_FI_PROF_GR_ENGINE_ACTIVE: rounded(busy),
    DCGM_FI_PROF_PIPE_TENSOR_ACTIVE: rounded(busy * (0.3 + 0.3 * noise('tensor'))),
    DCGM_FI_PROF_DRAM_ACTIVE: rounded(memoryBusy),
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
