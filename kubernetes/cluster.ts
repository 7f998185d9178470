import type { Kind, Kinds } from './objects.ts'

/**
 * The port to one Kubernetes cluster. Two adapters: client/ (a real API server) and simulated/.
 * Both pass cluster.contract.ts. Every call rejects with a ClusterError and nothing else, an
 * aborted signal aside. Objects that come back are immutable: never change them in place.
 */
export interface Cluster {
  /** One page. Without `limit` everything in one page. Start without `continue`; a stale one is EXPIRED. */
  list<K extends Kind>(kind: K, options?: ListOptions): Promise<Page<Kinds[K]>>
  /**
   * Changes after `resourceVersion`, in order, until `signal` aborts or the server ends the stream
   * (the iterator then just ends: watch again from the last resourceVersion seen).
   * A resourceVersion that is too old rejects with EXPIRED: list again.
   */
  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<Kinds[K]>>
  get<K extends Kind>(kind: K, ref: Ref): Promise<Kinds[K]>
  /** ALREADY_EXISTS where the name is taken. `dryRun`: admission and validation as ever, but nothing is kept. */
  create<K extends Kind>(kind: K, object: Kinds[K], options?: { dryRun?: boolean }): Promise<Kinds[K]>
  /** Server-side apply with force, field manager FIELD_MANAGER: creates or merges; fields left out that others own stay. */
  apply<K extends Kind>(kind: K, object: Kinds[K]): Promise<Kinds[K]>
  /** RFC 6902. A failed `test` is INVALID (422), as on the API server. One write, all or nothing. */
  patch<K extends Kind>(kind: K, ref: Ref, patch: JsonPatch, options?: { subresource?: 'status' }): Promise<Kinds[K]>
  /**
   * Resolves once accepted: finalizers and grace may keep the object for a while. A Job deleted without
   * a `propagationPolicy` leaves its pods behind, as batch/v1 has it.
   */
  delete(kind: Kind, ref: Ref, options?: DeleteOptions): Promise<void>
  /** pods/binding. Refused (CONFLICT) where the pod is bound already or a precondition fails; annotations land on the pod in the same write. */
  bind(binding: Binding): Promise<void>
  /** pods/eviction: respects disruption budgets (TOO_MANY_REQUESTS). */
  evict(ref: Ref): Promise<void>
  /** Text of the pod's first container, from its start, at most `limitBytes`. */
  logs(ref: Ref, options?: { limitBytes?: number }): Promise<string>
}

export interface Ref {
  namespace?: string
  name: string
}
export interface ListOptions {
  namespace?: string
  /** Equality-based label selector, `a=b,c=d` or `a` (exists). */
  labelSelector?: string
  limit?: number
  continue?: string
}
export interface Page<T> {
  items: readonly T[]
  resourceVersion: string
  continue?: string
}
export interface WatchOptions {
  namespace?: string
  labelSelector?: string
  resourceVersion: string
  signal: AbortSignal
}
/** BOOKMARK carries only metadata.resourceVersion. */
export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; resourceVersion: string }

export type JsonPatch = readonly (
  | { op: 'test' | 'add' | 'replace'; path: string; value: unknown }
  | { op: 'remove'; path: string }
)[]

export interface DeleteOptions {
  uid?: string
  resourceVersion?: string
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}
export interface Binding {
  namespace: string
  pod: string
  node: string
  /** Preconditions. */
  uid: string
  resourceVersion?: string
  annotations: Record<string, string>
}

export type ClusterErrorCode =
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'INVALID'
  | 'BAD_REQUEST'
  | 'FORBIDDEN'
  | 'UNAUTHORIZED'
  | 'EXPIRED'
  | 'TOO_MANY_REQUESTS'
  | 'TIMEOUT'
  | 'UNAVAILABLE'

/** @property code stable; adapters map HTTP status and Status.reason to it. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  constructor(
    code: ClusterErrorCode,
    message: string,
    options: { status?: number; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ClusterError'
    this.code = code
    this.status = options.status
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** For a read's `catch`: null where there is no such object; any other error goes on. */
export function gone(error: unknown): null {
  if (error instanceof ClusterError && error.code === 'NOT_FOUND') return null
  throw error
}

/** Path of a key inside an annotations or labels map, escaped for a JSON Patch. */
export function jsonPointer(...segments: string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
