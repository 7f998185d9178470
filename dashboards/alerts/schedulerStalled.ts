import { max, rate } from '../promql/expressions.ts'
import type { Alert } from './alert.ts'

/** A gang may keep the scheduler waiting for its pods for minutes, but then it plans on. */
const BUSY_SECONDS = 300

const busy = 'sluice_scheduler_busy_seconds{job="sluice",role="agent",cluster="local",replica_role="standalone"}'
const cycles =
  'sluice_scheduler_cycles_total{job="sluice",role="agent",cluster="local",outcome="unchanged",replica_role="standalone"}'

/** Something to do and no plan. That no plan is made where nothing changes is right. */
export const schedulerStalled: Alert = {
  name: 'SluiceSchedulerStalled',
  severity: 'critical',
  expr: `${max('sluice_scheduler_busy_seconds', { by: ['cluster'] })} > ${BUSY_SECONDS} unless on (cluster) ${rate('sluice_scheduler_cycles_total', { by: ['cluster'], range: '5m' })} > 0`,
  for: '2m',
  summary: 'The scheduler of cluster {{ $labels.cluster }} decides nothing.',
  description:
    'The scheduler of cluster {{ $labels.cluster }} has had something to do for {{ $value | humanizeDuration }} without a break and has made no plan for 5 minutes. No job starts there.',
  examples: [
    {
      name: 'a scheduler that waits for an answer that never comes',
      series: { [busy]: '0x5 0+60x25', [cycles]: '0+10x5 50x25' },
      at: '20m',
      firing: [
        {
          labels: { cluster: 'local' },
          description:
            'The scheduler of cluster local has had something to do for 14m 0s without a break and has made no plan for 5 minutes. No job starts there.',
        },
      ],
    },
    {
      name: 'a cluster that is full and in which nothing changes',
      series: { [busy]: '0x30', [cycles]: '50x30' },
      at: '20m',
      firing: [],
    },
    {
      name: 'a scheduler with always something to do, which plans',
      series: { [busy]: '0+60x30', [cycles]: '0+10x30' },
      at: '20m',
      firing: [],
    },
  ],
}
