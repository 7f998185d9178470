import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines, listing } from '../panels.ts'
import { max, rate, sum } from '../promql/expressions.ts'

/** Of each process that has an ops listener. */
export const processesRow = (): Row => ({
  title: 'Processes',
  panels: [cpu(), memory(), eventLoop(), versions()],
})

const cpu = () =>
  lines({
    title: 'CPU',
    description: 'Cores in use. One thread cannot use more than one.',
    unit: units.Short,
    width: 6,
    queries: [
      { expr: rate('process_cpu_seconds_total', { by: ['role', 'instance'] }), legend: '{{role}} {{instance}}' },
    ],
  })

const memory = () =>
  lines({
    title: 'Memory',
    description:
      'Resident memory of the process, and its JavaScript heap. Level under a level load; a slope over hours is a leak.',
    unit: units.BytesIEC,
    width: 6,
    queries: [
      { expr: sum('process_resident_memory_bytes', { by: ['role', 'instance'] }), legend: '{{role}} {{instance}}' },
      { expr: sum('nodejs_heap_used_bytes', { by: ['role', 'instance'] }), legend: '{{role}} {{instance}} heap' },
    ],
  })

const eventLoop = () =>
  lines({
    title: 'Event loop delay',
    description: 'How late timers ran since the last scrape, p99. Beyond 100 ms everything the process serves is late.',
    unit: units.Seconds,
    width: 6,
    queries: [
      {
        expr: max('nodejs_eventloop_delay_seconds', { by: ['role', 'instance'], where: { quantile: '0.99' } }),
        legend: '{{role}} {{instance}}',
      },
    ],
  })

const versions = () =>
  listing({
    title: 'Versions',
    description: 'What runs. During an upgrade two versions stand here, afterwards one.',
    unit: units.Short,
    width: 6,
    by: { role: 'Role', version: 'Version', node_version: 'Node' },
    queries: [{ expr: sum('sluice_build_info', { by: ['role', 'version', 'node_version'] }), legend: 'Processes' }],
  })
