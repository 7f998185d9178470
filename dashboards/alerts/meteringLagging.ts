import { max } from '../promql/expressions.ts'
import type { Alert } from './alert.ts'

const ABOVE_SECONDS = 300

const lag = 'sluice_metering_ingest_lag_seconds{job="sluice",role="subgraph",cluster="local"}'

/** Nothing is lost by it: what was not heard yet is heard later. But reports and budgets are that much behind. */
export const meteringLagging: Alert = {
  name: 'SluiceMeteringLagging',
  severity: 'critical',
  expr: `${max('sluice_metering_ingest_lag_seconds', { by: ['cluster'] })} > ${ABOVE_SECONDS}`,
  for: '10m',
  summary: 'The ledger is behind cluster {{ $labels.cluster }}.',
  description:
    'The ledger has heard everything of cluster {{ $labels.cluster }} only up to {{ $value | humanizeDuration }} ago. Usage, cost and budgets are that much behind.',
  examples: [
    {
      name: 'a ledger that has heard nothing for twenty minutes',
      series: { [lag]: '1x10 0+60x30' },
      at: '31m',
      firing: [
        {
          labels: { cluster: 'local' },
          description:
            'The ledger has heard everything of cluster local only up to 20m 0s ago. Usage, cost and budgets are that much behind.',
        },
      ],
    },
    {
      name: 'a ledger that caught up after a restart',
      series: { [lag]: '1x10 0+60x8 2x20' },
      at: '31m',
      firing: [],
    },
  ],
}
