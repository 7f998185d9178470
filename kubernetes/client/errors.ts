import { errors } from 'undici'
import { ClusterError, type ClusterErrorCode } from '../cluster.ts'

/** The part of metav1.Status that says what went wrong. */
export interface Status {
  kind?: string
  code?: number
  reason?: string
  message?: string
  details?: { retryAfterSeconds?: number }
}

/** What an answer of the API server means. Its reason says more than the status where they overlap. */
export function fromStatus(httpStatus: number, status: Status, retryAfterHeader?: string): ClusterError {
  const retryAfterSeconds = status.details?.retryAfterSeconds ?? retryAfter(retryAfterHeader)
  return new ClusterError(
    codeOf(httpStatus, status.reason),
    status.message ?? `the API server answered ${httpStatus}`,
    {
      status: httpStatus,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  )
}

function codeOf(httpStatus: number, reason: string | undefined): ClusterErrorCode {
  const code = CODE_OF_REASON[reason ?? ''] ?? CODE_OF_STATUS[httpStatus]
  if (code !== undefined) return code
  return httpStatus >= 500 ? 'UNAVAILABLE' : 'BAD_REQUEST'
}

const CODE_OF_REASON: Partial<Record<string, ClusterErrorCode>> = {
  AlreadyExists: 'ALREADY_EXISTS',
  Expired: 'EXPIRED',
  Gone: 'EXPIRED',
  Timeout: 'TIMEOUT',
  ServerTimeout: 'TIMEOUT',
}
const CODE_OF_STATUS: Partial<Record<number, ClusterErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  410: 'EXPIRED',
  422: 'INVALID',
  429: 'TOO_MANY_REQUESTS',
  504: 'TIMEOUT',
}

function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header)
  return header !== undefined && Number.isFinite(seconds) ? seconds : undefined
}

/**
 * What a failed connection means. After TIMEOUT and UNAVAILABLE a write may or may not have happened.
 */
export function fromConnection(cause: unknown): ClusterError {
  if (cause instanceof ClusterError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const timedOut =
    cause instanceof errors.HeadersTimeoutError ||
    cause instanceof errors.BodyTimeoutError ||
    cause instanceof errors.ConnectTimeoutError ||
    (cause instanceof DOMException && cause.name === 'TimeoutError')
  return timedOut
    ? new ClusterError('TIMEOUT', `the API server did not answer in time: ${message}`, { cause })
    : new ClusterError('UNAVAILABLE', `the connection to the API server failed: ${message}`, { cause })
}
