import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Row } from '../dashboard.ts'
import { lines } from '../panels.ts'
import { quantile, rate, sum } from '../promql/expressions.ts'

/** Whether those who subscribed hear of things in time. */
export const subscriptionsRow = (): Row => ({
  title: 'Control plane: subscriptions',
  panels: [active(), delivered(), lag(), dropped()],
})

const active = () =>
  lines({
    title: 'Open subscriptions',
    description:
      'Clients’ subscriptions that are open now. A cliff: a gateway has gone, and its clients resume elsewhere.',
    unit: units.Short,
    width: 6,
    queries: [{ expr: sum('sluice_subscriptions_active'), legend: 'open' }],
  })

const delivered = () =>
  lines({
    title: 'Events delivered',
    description: 'Events per second handed to clients’ streams, one for each subscriber.',
    unit: units.OpsPerSecond,
    width: 6,
    queries: [{ expr: rate('sluice_subscription_events_delivered_total'), legend: 'events' }],
  })

const lag = () =>
  lines({
    title: 'Subscription lag',
    description:
      'From an event’s coming out of the log until its subscriber takes it, p99. Long where a client is slow or the process is busy.',
    unit: units.Seconds,
    width: 6,
    queries: [
      { expr: quantile(0.99, 'sluice_subscription_lag_seconds', { by: ['subgraph'] }), legend: '{{subgraph}} p99' },
    ],
  })

const dropped = () =>
  lines({
    title: 'Events dropped',
    description:
      'Events per second thrown away because a subscriber’s buffer was full. Nothing is lost: it is told so and resumes after its last cursor.',
    unit: units.OpsPerSecond,
    width: 6,
    queries: [{ expr: rate('sluice_subscription_events_dropped_total', { by: ['subgraph'] }), legend: '{{subgraph}}' }],
  })
