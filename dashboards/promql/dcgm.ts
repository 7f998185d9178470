import type { Metric } from '../../platform/telemetry/metric.ts'

/** What dashboards and alerts ask of NVIDIA's dcgm-exporter: all of it in that exporter's default list. */
export const dcgmMetrics = {
  DCGM_FI_DEV_GPU_UTIL: { kind: 'gauge', meaning: 'Per cent of the time in which the device was busy.' },
  DCGM_FI_DEV_FB_USED: { kind: 'gauge', meaning: 'Device memory in use, in MiB.' },
  DCGM_FI_DEV_FB_FREE: { kind: 'gauge', meaning: 'Device memory that is free, in MiB.' },
  DCGM_FI_DEV_POWER_USAGE: { kind: 'gauge', meaning: 'Power that the device draws, in watts.' },
  DCGM_FI_DEV_GPU_TEMP: { kind: 'gauge', meaning: 'Temperature of the device, in degrees Celsius.' },
} as const satisfies Record<string, Pick<Metric, 'kind' | 'meaning'>>

export type DcgmName = keyof typeof dcgmMetrics

/** In the exporter's own spelling. `pod` and its like are empty where nobody has the device. */
export type DcgmLabel = 'gpu' | 'UUID' | 'device' | 'modelName' | 'Hostname' | 'namespace' | 'pod' | 'container'
