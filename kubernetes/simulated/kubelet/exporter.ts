import type { GpuSample } from './telemetry.ts'

/** Per metric, what the help line of NVIDIA's exporter says. */
const HELP: Record<Exclude<keyof GpuSample, 'labels'>, string> = {
  DCGM_FI_DEV_GPU_UTIL: 'GPU utilization (in %).',
  DCGM_FI_DEV_FB_USED: 'Framebuffer memory used (in MiB).',
  DCGM_FI_DEV_FB_FREE: 'Framebuffer memory free (in MiB).',
  DCGM_FI_DEV_POWER_USAGE: 'Power draw (in W).',
  DCGM_FI_DEV_GPU_TEMP: 'GPU temperature (in C).',
}

/** What dcgm-exporter would answer on the cluster's nodes, all in one page of Prometheus' text format; an idle device has no labels of a pod. */
export function exporterPage(samples: readonly GpuSample[]): string {
  const labelled = samples.map((sample) => ({ sample, labels: labelsOf(sample) }))
  return (Object.keys(HELP) as (keyof typeof HELP)[])
    .map((name) => {
      const values = labelled.map(({ sample, labels }) => `${name}{${labels}} ${sample[name]}\n`)
      return `# HELP ${name} ${HELP[name]}\n# TYPE ${name} gauge\n${values.join('')}`
    })
    .join('')
}

function labelsOf({ labels }: GpuSample): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')
}
