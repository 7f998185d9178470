import { device, not } from '../promql/selector.ts'
import type { Alert } from './alert.ts'

const BELOW_PERCENT = 10

/** By namespace: that is a project, whose people can do something about it; pods come and go. */
export const gpuUtilizationLow: Alert = {
  name: 'SluiceGpuUtilizationLow',
  severity: 'warning',
  expr: `avg by (cluster, namespace) (avg_over_time(${device('DCGM_FI_DEV_GPU_UTIL', { pod: not('') })}[15m])) < ${BELOW_PERCENT}`,
  for: '30m',
  summary: 'GPUs of {{ $labels.namespace }} are allocated and idle.',
  description:
    'The GPUs that pods of {{ $labels.namespace }} hold in cluster {{ $labels.cluster }} have been {{ $value | humanize }} % busy over 15 minutes. They are charged for, and nobody else can have them.',
  examples: [
    {
      name: 'a project whose two GPUs are hardly busy for three quarters of an hour',
      series: {
        'DCGM_FI_DEV_GPU_UTIL{job="dcgm",cluster="local",namespace="t-acme-research",pod="train-0",gpu="0"}': '6x60',
        'DCGM_FI_DEV_GPU_UTIL{job="dcgm",cluster="local",namespace="t-acme-research",pod="train-1",gpu="1"}': '2x60',
      },
      at: '45m',
      firing: [
        {
          labels: { cluster: 'local', namespace: 't-acme-research' },
          description:
            'The GPUs that pods of t-acme-research hold in cluster local have been 4 % busy over 15 minutes. They are charged for, and nobody else can have them.',
        },
      ],
    },
    {
      name: 'idle GPUs that no pod has are nobody’s waste, and a busy neighbour makes up for an idle one',
      series: {
        'DCGM_FI_DEV_GPU_UTIL{job="dcgm",cluster="local",namespace="",pod="",gpu="0"}': '0x60',
        'DCGM_FI_DEV_GPU_UTIL{job="dcgm",cluster="local",namespace="t-acme-research",pod="train-0",gpu="1"}': '0x60',
        'DCGM_FI_DEV_GPU_UTIL{job="dcgm",cluster="local",namespace="t-acme-research",pod="train-1",gpu="2"}': '80x60',
      },
      at: '45m',
      firing: [],
    },
    {
      name: 'a job that only loads its data for a quarter of an hour',
      series: {
        'DCGM_FI_DEV_GPU_UTIL{job="dcgm",cluster="local",namespace="t-acme-research",pod="train-0",gpu="0"}':
          '0x15 90x45',
      },
      at: '45m',
      firing: [],
    },
  ],
}
