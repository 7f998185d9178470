import type { Alert } from './alert.ts'
import { recorded } from './recordings.ts'

/** More than the whole cluster: the queue cannot be emptied at once, however well it is planned. */
export const queueLong: Alert = {
  name: 'SluiceQueueLong',
  severity: 'warning',
  expr: `${recorded('cluster_queue:pending_gpus:sum')} > on (cluster) group_left () ${recorded('cluster:gpus_allocatable:sum')}`,
  for: '15m',
  summary: 'Queue {{ $labels.queue }} waits for more GPUs than cluster {{ $labels.cluster }} has.',
  description:
    'Jobs in queue {{ $labels.queue }} wait for {{ $value | humanize }} GPUs, more than all that cluster {{ $labels.cluster }} has for jobs.',
  examples: [
    {
      name: 'twenty GPUs are waited for where there are sixteen',
      series: {
        'sluice_pending_gpus{job="sluice",cluster="local",queue="default",gpu_model="any",status="active",replica_role="standalone"}':
          '20x40',
        'sluice_cluster_gpus{job="sluice",cluster="local",pool="h100",gpu_model="H100",state="allocated",replica_role="standalone"}':
          '16x40',
        'sluice_cluster_gpus{job="sluice",cluster="local",pool="h100",gpu_model="H100",state="free",replica_role="standalone"}':
          '0x40',
      },
      at: '30m',
      firing: [
        {
          labels: { cluster: 'local', queue: 'default' },
          description: 'Jobs in queue default wait for 20 GPUs, more than all that cluster local has for jobs.',
        },
      ],
    },
    {
      name: 'what needs a change first is not waited for, and a follower’s picture does not count twice',
      series: {
        'sluice_pending_gpus{job="sluice",cluster="local",queue="default",gpu_model="any",status="active",replica_role="leader"}':
          '10x40',
        'sluice_pending_gpus{job="sluice",cluster="local",queue="default",gpu_model="any",status="active",replica_role="follower"}':
          '10x40',
        'sluice_pending_gpus{job="sluice",cluster="local",queue="default",gpu_model="H100",status="inadmissible",replica_role="leader"}':
          '10x40',
        'sluice_cluster_gpus{job="sluice",cluster="local",pool="h100",gpu_model="H100",state="free",replica_role="leader"}':
          '16x40',
      },
      at: '30m',
      firing: [],
    },
  ],
}
