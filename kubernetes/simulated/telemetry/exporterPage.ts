import { DCGM_METRICS, type DcgmMetric } from './dcgmMetrics.ts'
import type { GpuSample } from './gpuSamples.ts'

/** Where the page is on the ops listener of whoever runs the simulated cluster. */
export const EXPORTER_PATH = '/dcgm/metrics'

/** What dcgm-exporter would answer on the cluster's nodes, all in one page of Prometheus' text format; an idle device has no labels of a pod. */
export function exporterPage(samples: readonly GpuSample[]): string {
  const labelled = samples.map((sample) => ({ sample, labels: labelsOf(sample) }))
  return (Object.keys(DCGM_METRICS) as DcgmMetric[])
    .map((name) => {
      const { kind, help } = DCGM_METRICS[name]
      const values = labelled.map(({ sample, labels }) => `${name}{${labels}} ${sample[name]}\n`)
      return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${values.join('')}`
    })
    .join('')
}

function labelsOf({ labels }: GpuSample): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')
}
