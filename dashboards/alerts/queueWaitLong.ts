import type { Alert } from './alert.ts'
import { recorded } from './recordings.ts'

const ABOVE_SECONDS = 1_800

export const queueWaitLong: Alert = {
  name: 'SluiceQueueWaitLong',
  severity: 'warning',
  expr: `${recorded('cluster_queue:admission_wait_seconds:p95_rate30m')} > ${ABOVE_SECONDS}`,
  for: '15m',
  summary: 'Jobs wait long in queue {{ $labels.queue }}.',
  description:
    'Of the jobs that queue {{ $labels.queue }} of cluster {{ $labels.cluster }} admitted in the last half hour, one in twenty had waited {{ $value | humanizeDuration }} or longer.',
  examples: [
    {
      name: 'half of the jobs waited up to 43 minutes',
      series: {
        'sluice_admission_wait_time_seconds_bucket{job="sluice",cluster="local",queue="default",replica_role="standalone",le="1280"}':
          '0+1x80',
        'sluice_admission_wait_time_seconds_bucket{job="sluice",cluster="local",queue="default",replica_role="standalone",le="2560"}':
          '0+2x80',
        'sluice_admission_wait_time_seconds_bucket{job="sluice",cluster="local",queue="default",replica_role="standalone",le="+Inf"}':
          '0+2x80',
      },
      at: '1h',
      firing: [
        {
          labels: { cluster: 'local', queue: 'default' },
          description:
            'Of the jobs that queue default of cluster local admitted in the last half hour, one in twenty had waited 40m 32s or longer.',
        },
      ],
    },
    {
      name: 'one job in a hundred waited longer than the rest',
      series: {
        'sluice_admission_wait_time_seconds_bucket{job="sluice",cluster="local",queue="default",replica_role="standalone",le="10"}':
          '0+99x80',
        'sluice_admission_wait_time_seconds_bucket{job="sluice",cluster="local",queue="default",replica_role="standalone",le="2560"}':
          '0+100x80',
        'sluice_admission_wait_time_seconds_bucket{job="sluice",cluster="local",queue="default",replica_role="standalone",le="+Inf"}':
          '0+100x80',
      },
      at: '1h',
      firing: [],
    },
  ],
}
