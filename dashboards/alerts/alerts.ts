import { agentDisconnected } from './agentDisconnected.ts'
import type { Alert } from './alert.ts'
import { apiLatencyHigh } from './apiLatencyHigh.ts'
import { gpuUtilizationLow } from './gpuUtilizationLow.ts'
import { meteringLagging } from './meteringLagging.ts'
import { queueLong } from './queueLong.ts'
import { queueWaitLong } from './queueWaitLong.ts'
import { schedulerStalled } from './schedulerStalled.ts'
import { subscriptionLagHigh } from './subscriptionLagHigh.ts'

/** Everything that Sluice alerts about. */
export const alerts: readonly Alert[] = [
  gpuUtilizationLow,
  queueLong,
  queueWaitLong,
  apiLatencyHigh,
  agentDisconnected(),
  schedulerStalled,
  subscriptionLagHigh,
  meteringLagging,
]
