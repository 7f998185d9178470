import type {
  BatchAnswer,
  ClusterHello,
  DirectivesPage,
  DirectivesRequest,
  ObservationBatch,
  ObservationProgress,
  SubgraphName,
} from '../../platform/link/protocol.ts'

/** The agent's way to the control plane. Every call rejects with a LinkError where it cannot be had. */
export interface Link {
  hello(hello: ClusterHello): Promise<{ clusterId: string }>
  directives(subgraph: SubgraphName, request: DirectivesRequest, signal: AbortSignal): Promise<DirectivesPage>
  observe(subgraph: SubgraphName, batch: ObservationBatch): Promise<BatchAnswer>
  progress(subgraph: SubgraphName, clusterId: string): Promise<ObservationProgress>
  close(): Promise<void>
}

/** @property status of the answer; null: no answer came */
export class LinkError extends Error {
  readonly status: number | null
  constructor(status: number | null, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'LinkError'
    this.status = status
  }
}
