import type { Alert } from './alert.ts'
import { recorded } from './recordings.ts'

/** Ten times what a submission may take; below it, people do not notice. */
const ABOVE_SECONDS = 0.5

const bucket = (type: string, le: string) =>
  `sluice_graphql_operation_duration_seconds_bucket{job="sluice",role="gateway",type="${type}",outcome="ok",le="${le}"}`

export const apiLatencyHigh: Alert = {
  name: 'SluiceApiLatencyHigh',
  severity: 'warning',
  expr: `${recorded('type:graphql_operation_seconds:p95_rate5m')} > ${ABOVE_SECONDS}`,
  for: '10m',
  summary: 'GraphQL operations of type {{ $labels.type }} are slow.',
  description:
    'One in twenty operations of type {{ $labels.type }} takes {{ $value | humanizeDuration }} or longer, for 10 minutes now.',
  examples: [
    {
      name: 'half of the mutations take up to a second',
      series: {
        [bucket('mutation', '0.5')]: '0+60x30',
        [bucket('mutation', '1')]: '0+120x30',
        [bucket('mutation', '+Inf')]: '0+120x30',
      },
      at: '20m',
      firing: [
        {
          labels: { type: 'mutation' },
          description: 'One in twenty operations of type mutation takes 950ms or longer, for 10 minutes now.',
        },
      ],
    },
    {
      name: 'slow for five minutes, and a subscription that takes long to open',
      series: {
        [bucket('query', '0.1')]: '0+60x5 300x5 300+60x20',
        [bucket('query', '1')]: '0+60x30',
        [bucket('query', '+Inf')]: '0+60x30',
        [bucket('subscription', '0.5')]: '0x30',
        [bucket('subscription', '10')]: '0+60x30',
        [bucket('subscription', '+Inf')]: '0+60x30',
      },
      at: '20m',
      firing: [],
    },
  ],
}
