import { series } from '../promql/selector.ts'
import type { Alert } from './alert.ts'

/** @property awaySeconds several of the agent's polls, so that a gateway may restart in between */
export interface AgentDisconnectedLimits {
  awaySeconds: number
  for: string
}

/** @param limits a test has no minutes to wait */
export function agentDisconnected(limits: AgentDisconnectedLimits = { awaySeconds: 60, for: '1m' }): Alert {
  // The newest of what any gateway has told in six hours: one that has just started has not met the agent yet.
  const lastSeen = `max by (cluster) (max_over_time(${series('sluice_link_agent_last_seen_timestamp_seconds')}[6h]))`
  return {
    name: 'SluiceAgentDisconnected',
    severity: 'critical',
    expr: `time() - ${lastSeen} > ${limits.awaySeconds}`,
    for: limits.for,
    summary: 'The agent of cluster {{ $labels.cluster }} is away.',
    description:
      'The agent of cluster {{ $labels.cluster }} last called {{ $value | humanizeDuration }} ago. New jobs, cancellations and quota do not reach the cluster, and nothing is heard of its pods; what runs there goes on.',
    examples: [
      {
        name: 'an agent that stopped calling ten minutes ago',
        series: { [lastSeenOf('local')]: '0+60x10 600x20' },
        at: '20m',
        firing: [
          {
            labels: { cluster: 'local' },
            description:
              'The agent of cluster local last called 10m 0s ago. New jobs, cancellations and quota do not reach the cluster, and nothing is heard of its pods; what runs there goes on.',
          },
        ],
      },
      {
        name: 'a gateway that restarted while the agent was away knows nothing of it',
        series: { [lastSeenOf('local')]: '0+60x10 _x20' },
        at: '20m',
        firing: [
          {
            labels: { cluster: 'local' },
            description:
              'The agent of cluster local last called 10m 0s ago. New jobs, cancellations and quota do not reach the cluster, and nothing is heard of its pods; what runs there goes on.',
          },
        ],
      },
      {
        name: 'of two gateways one no longer hears the agent, which calls the other',
        series: {
          [lastSeenOf('local', 'gateway-a')]: '0x30',
          [lastSeenOf('local', 'gateway-b')]: '0+60x30',
        },
        at: '20m',
        firing: [],
      },
    ],
  }
}

const lastSeenOf = (cluster: string, instance = 'gateway-a') =>
  `sluice_link_agent_last_seen_timestamp_seconds{job="sluice",role="gateway",instance="${instance}",cluster="${cluster}"}`
