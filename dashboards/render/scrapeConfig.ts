import { JOBS } from '../promql/selector.ts'

/** Where an ops listener is, and what is added to everything read there. */
export interface Target {
  address: string
  role: 'gateway' | 'subgraph' | 'agent'
  /** Of an agent: the name of its cluster. */
  cluster?: string
}
/** One of NVIDIA's exporters, or what speaks like it. */
export interface DeviceTarget {
  address: string
  cluster: string
}

export interface ScrapeOptions {
  interval: string
  targets: readonly Target[]
  deviceTargets: readonly DeviceTarget[]
  /** Of the device targets: dcgm-exporter has /metrics. */
  devicePath?: string
  ruleFiles: readonly string[]
}

/** A configuration of Prometheus as its file says it. */
export function scrapeConfig({ interval, targets, deviceTargets, devicePath, ruleFiles }: ScrapeOptions): object {
  return {
    global: { scrape_interval: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [
      {
        job_name: JOBS.sluice,
        static_configs: targets.map(({ address, ...labels }) => ({ targets: [address], labels })),
      },
      {
        job_name: JOBS.dcgm,
        // The exporter's `namespace` and `pod` are the workload's: without this they would be the exporter's own.
        honor_labels: true,
        ...(devicePath !== undefined && { metrics_path: devicePath }),
        static_configs: deviceTargets.map(({ address, ...labels }) => ({ targets: [address], labels })),
      },
    ],
  }
}
