import type { WallClock } from '../../platform/clock.ts'
import { sampled } from '../../platform/telemetry/metrics.ts'

/** When the agent of each cluster has called this gateway last. */
export interface AgentsSeen {
  /** A request of the cluster's agent has come, or one that was held has been answered. */
  seen(cluster: string): void
  stop(): void
}

/** An agent that has nothing to tell says so every 2 s; one that is silent for so long is away. */
const CONNECTED_FOR_MS = 15_000

/** Clusters are registered by people; their names are as many as there are clusters. */
export function createAgentsSeen(wall: WallClock): AgentsSeen {
  const lastSeenMs = new Map<string, number>()
  const ends = [
    sampled('sluice_link_agent_connected', (sample) => {
      for (const [cluster, ms] of lastSeenMs) sample(wall.nowMs() - ms <= CONNECTED_FOR_MS ? 1 : 0, { cluster })
    }),
    sampled('sluice_link_agent_last_seen_timestamp_seconds', (sample) => {
      for (const [cluster, ms] of lastSeenMs) sample(ms / 1_000, { cluster })
    }),
  ]
  return {
    seen: (cluster) => void lastSeenMs.set(cluster, wall.nowMs()),
    stop() {
      for (const end of ends) end()
    },
  }
}
