import { LAG_SECONDS, type Metrics, REQUEST_SECONDS, SUBGRAPH_LABEL } from '../metric.ts'

/** Of HTTP; a client may invent others. */
export const HTTP_METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS', '_OTHER'] as const
/** Of the gateway and of a subgraph that runs apart, up to the segment that says what for. */
export const HTTP_ROUTES = [
  '/',
  '/explorer/',
  '/graphql',
  '/link/',
  '/facts/',
  '/exports/',
  '/healthz',
  '_OTHER',
] as const

/** Rate, errors and duration of what clients ask, and the subscriptions they hold. */
export const requestMetrics = {
  http_server_request_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: {
      http_request_method: HTTP_METHODS,
      http_route: HTTP_ROUTES,
      http_response_status_code: { oneForEach: 'status code of HTTP, 499 where the client left before there was one' },
    },
    meaning:
      'From a request’s arrival until its answer has been sent or its client is gone; event streams and long polls last as long as they are open.',
    roles: ['gateway', 'subgraph'],
    buckets: REQUEST_SECONDS,
  },
  sluice_graphql_operation_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { type: ['query', 'mutation', 'subscription'], outcome: ['ok', 'refused', 'failed'] },
    meaning:
      'From a parsed operation to its result, of a subscription to its opening; refused: errors that the client can mend, failed: ours.',
    roles: ['gateway'],
    buckets: REQUEST_SECONDS,
  },
  sluice_subgraph_fetch_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL, outcome: ['ok', 'refused', 'failed'] },
    meaning: 'One fetch of the gateway from a subgraph, until its result or the opening of its stream.',
    roles: ['gateway'],
    buckets: REQUEST_SECONDS,
  },
  sluice_subgraph_execution_duration_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: {
      subgraph: SUBGRAPH_LABEL,
      type: ['query', 'mutation', 'subscription'],
      outcome: ['ok', 'refused', 'failed'],
    },
    meaning: 'The same fetch as the subgraph sees it, from the verified identity to the result.',
    roles: ['subgraph'],
    buckets: REQUEST_SECONDS,
  },
  sluice_subscriptions_active: {
    kind: 'gauge',
    unit: '1',
    labels: {},
    meaning: 'Subscriptions of clients that are open now.',
    roles: ['gateway'],
  },
  sluice_subscription_events_delivered_total: {
    kind: 'counter',
    unit: '1',
    labels: {},
    meaning: 'Events that have been completed and handed to a client’s stream.',
    roles: ['gateway'],
  },
  sluice_subscription_lag_seconds: {
    kind: 'histogram',
    unit: 'seconds',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning:
      'From an event’s coming out of the log until its subscriber takes it: long where a client is slow or the process is busy.',
    roles: ['subgraph'],
    buckets: LAG_SECONDS,
  },
  sluice_subscribers: {
    kind: 'gauge',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning: 'Followers of the event log now; each client’s subscription is one.',
    roles: ['subgraph'],
  },
  sluice_subscription_events_dropped_total: {
    kind: 'counter',
    unit: '1',
    labels: { subgraph: SUBGRAPH_LABEL },
    meaning:
      'Events thrown away because a subscriber’s buffer was full; it is told so and resumes after its last cursor.',
    roles: ['subgraph'],
    appearsAfter: 'a subscriber too slow for its buffer',
  },
} as const satisfies Metrics
