import type { WallClock } from '../../platform/clock.ts'
import type { Identity } from '../../platform/identity/identity.ts'
import type { GatewayLimits } from '../limits.ts'
import { createTokenBuckets, type TokenBuckets } from './tokenBuckets.ts'

/** Who asks too much is told when to come again. Each gateway counts for itself. */
export interface Rates {
  /** @throws RateLimited */
  operation(identity: Identity, cost: number): void
  /** A request of nobody we know. @throws RateLimited */
  anonymous(address: string | undefined): void
  /** What a cluster's agent sends. @throws RateLimited */
  link(cluster: string, sent: { requests: number } | { bytes: number }): void
}

export class RateLimited extends Error {
  readonly code = 'RATE_LIMITED'
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number

  constructor(message: string, waitMs: number) {
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
    super(`${message} Try again in ${retryAfterSeconds} s.`)
    this.name = 'RateLimited'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export function createRates(limits: GatewayLimits, wall: WallClock): Rates {
  const buckets = (perSecond: number) => createTokenBuckets({ perSecond, burst: perSecond * limits.burstSeconds, wall })
  const operations = buckets(limits.tenantCostPerSecond)
  const strangers = buckets(limits.anonymousRequestsPerSecond)
  const linkRequests = buckets(limits.linkRequestsPerSecond)
  const linkBytes = buckets(limits.linkBytesPerSecond)

  return {
    operation: (identity, cost) => take(operations, payerOf(identity), cost, 'This asks for more than your share.'),
    anonymous: (address) =>
      take(strangers, networkOf(address), 1, 'Too many requests without a good token came from this address.'),
    link(cluster, sent) {
      if ('bytes' in sent) take(linkBytes, cluster, sent.bytes, `Cluster ${cluster} sends too many bytes.`)
      else take(linkRequests, cluster, sent.requests, `Cluster ${cluster} sends too many requests.`)
    },
  }
}

function take(buckets: TokenBuckets, key: string, amount: number, message: string): void {
  const waitMs = buckets.take(key, amount)
  if (waitMs > 0) throw new RateLimited(message, waitMs)
}

/** Whose share it is: a tenant's, whoever of it asks; an operator's own. */
export function payerOf(identity: Identity): string {
  switch (identity.kind) {
    case 'member':
      return `tenant ${identity.tenantId}`
    case 'operator':
      return `operator ${identity.subject}`
    case 'agent':
      return `cluster ${identity.cluster}`
  }
}

/** Whoever has one IPv6 address has its whole /64. */
function networkOf(address = ''): string {
  return address.includes(':') && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address
}
