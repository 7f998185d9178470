/** Who may ask for the schema through the graph: everyone who is signed in, or operators alone. */
export const INTROSPECTION_POLICIES = ['members', 'operators'] as const
export type IntrospectionPolicy = (typeof INTROSPECTION_POLICIES)[number]

/** Every bound of the gateway. What each means for a client: docs/guide/limits.md. */
export interface GatewayLimits {
  introspection: IntrospectionPolicy

  /** Cost of operations that one tenant, or one operator, may spend. */
  tenantCostPerSecond: number
  /** Requests without a good token from one address. */
  anonymousRequestsPerSecond: number
  /** Requests and bytes of one cluster's agent. */
  linkRequestsPerSecond: number
  linkBytesPerSecond: number
  /** So many seconds' worth of each may come at once after a pause. */
  burstSeconds: number

  /** Subscriptions open at a time, over all clients. */
  subscriptions: number
  /** Subscriptions open at a time of one tenant, or one operator. */
  subscriptionsPerTenant: number
  /** How long a subscriber may leave a result untaken before its stream ends. */
  resultTakenWithinMs: number
  /** How long a subscription may outlive its token, or go on too slowly. */
  streamSweepMs: number

  /** WebSockets open at a time of one tenant, or one operator. */
  socketsPerTenant: number
  /** Operations running at a time on one WebSocket. */
  operationsPerSocket: number
  /** How long a WebSocket may wait to say who it is. */
  socketInitWithinMs: number
  /** Bytes that may wait to be taken by the client of one WebSocket. */
  socketBufferBytes: number

  /** Connections open at a time; more are closed at once. */
  connections: number
  /** How long a client may take to send the head of a request, and the whole of it. */
  headWithinMs: number
  requestWithinMs: number
  /** How long a client may take nothing of an answer that waits for it. */
  stalledForMs: number

  /** How long a subgraph may take to answer: more than it waits for others' facts. */
  answerWithinMs: number
  /** How long stopping waits for what is under way. */
  stopGraceMs: number
}

/** For two cores: one tenant can use much of a gateway, none can take it all. */
export const DEFAULT_LIMITS: GatewayLimits = {
  introspection: 'members',

  tenantCostPerSecond: 10_000,
  anonymousRequestsPerSecond: 50,
  linkRequestsPerSecond: 1_000,
  linkBytesPerSecond: 32_000_000,
  burstSeconds: 5,

  subscriptions: 5_000,
  subscriptionsPerTenant: 1_000,
  resultTakenWithinMs: 30_000,
  streamSweepMs: 1_000,

  socketsPerTenant: 500,
  operationsPerSocket: 100,
  socketInitWithinMs: 5_000,
  socketBufferBytes: 4_000_000,

  connections: 10_000,
  headWithinMs: 10_000,
  requestWithinMs: 60_000,
  stalledForMs: 60_000,

  answerWithinMs: 10_000,
  stopGraceMs: 4_000,
}
