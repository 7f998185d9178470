import type { Alert } from './alert.ts'
import { recorded } from './recordings.ts'

const ABOVE_SECONDS = 5

const bucket = (le: string) =>
  `sluice_subscription_lag_seconds_bucket{job="sluice",role="subgraph",subgraph="jobs",le="${le}"}`

export const subscriptionLagHigh: Alert = {
  name: 'SluiceSubscriptionLagHigh',
  severity: 'warning',
  expr: `${recorded('subgraph:subscription_lag_seconds:p99_rate5m')} > ${ABOVE_SECONDS}`,
  for: '5m',
  summary: 'Subscribers of {{ $labels.subgraph }} hear of things late.',
  description:
    'One in a hundred events of {{ $labels.subgraph }} reaches its subscriber {{ $value | humanizeDuration }} late or later.',
  examples: [
    {
      name: 'one event in twenty is late',
      series: { [bucket('5')]: '0+95x30', [bucket('10')]: '0+100x30', [bucket('+Inf')]: '0+100x30' },
      at: '15m',
      firing: [
        {
          labels: { subgraph: 'jobs' },
          description: 'One in a hundred events of jobs reaches its subscriber 9s late or later.',
        },
      ],
    },
    {
      name: 'one event in a thousand is late',
      series: { [bucket('5')]: '0+999x30', [bucket('10')]: '0+1000x30', [bucket('+Inf')]: '0+1000x30' },
      at: '15m',
      firing: [],
    },
  ],
}
