import type {
  BatchAnswer,
  ClusterHello,
  DirectivesPage,
  DirectivesRequest,
  HelloAnswer,
  ObservationBatch,
  SubgraphName,
} from '../../platform/link/protocol.ts'

/** The agent's way to the control plane. Every call rejects with a LinkError where it cannot be had, or was aborted. */
export interface Link {
  hello(hello: ClusterHello, signal: AbortSignal): Promise<HelloAnswer>
  directives(subgraph: SubgraphName, request: DirectivesRequest, signal: AbortSignal): Promise<DirectivesPage>
  /** Whether a batch whose call was rejected has been applied is unknown; the same one again is harmless. */
  observe(subgraph: SubgraphName, batch: ObservationBatch, signal: AbortSignal): Promise<BatchAnswer>
  close(): Promise<void>
}

/**
 * @property status of the answer; null: no answer came
 * @property code of the refusal, such as HELLO_FIRST; null where there is none
 * @property fix what to do about it, where somebody can
 * @property requestId under which the control plane's own log has it
 */
export class LinkError extends Error {
  readonly status: number | null
  readonly code: string | null
  readonly fix: string | null
  readonly requestId: string | null
  constructor(message: string, options: LinkErrorOptions = {}) {
    const { status = null, code = null, fix = null, requestId = null, cause } = options
    super(message, { cause })
    this.name = 'LinkError'
    this.status = status
    this.code = code
    this.fix = fix
    this.requestId = requestId
  }
}

interface LinkErrorOptions {
  status?: number | null
  code?: string | null
  fix?: string | null
  requestId?: string | null
  cause?: unknown
}
