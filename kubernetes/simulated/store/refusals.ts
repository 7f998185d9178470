import { ClusterError } from '../../cluster.ts'
import { type Kind, resources } from '../../objects.ts'

/** What the API server answers, in its words where they say something. */
export function notFound(kind: Kind, name: string): ClusterError {
  return new ClusterError('NOT_FOUND', `${resources[kind].plural} "${name}" not found`, { status: 404 })
}

export function alreadyExists(kind: Kind, name: string): ClusterError {
  return new ClusterError('ALREADY_EXISTS', `${resources[kind].plural} "${name}" already exists`, { status: 409 })
}

export function conflict(kind: Kind, name: string, why: string): ClusterError {
  const message = `Operation cannot be fulfilled on ${resources[kind].plural} "${name}": ${why}`
  return new ClusterError('CONFLICT', message, { status: 409 })
}

export function invalid(kind: Kind, name: string, why: string): ClusterError {
  return new ClusterError('INVALID', `${kind} "${name}" is invalid: ${why}`, { status: 422 })
}

export function forbidden(kind: Kind, name: string, why: string): ClusterError {
  return new ClusterError('FORBIDDEN', `${resources[kind].plural} "${name}" is forbidden: ${why}`, { status: 403 })
}

export function badRequest(message: string): ClusterError {
  return new ClusterError('BAD_REQUEST', message, { status: 400 })
}

export function expired(message: string): ClusterError {
  return new ClusterError('EXPIRED', message, { status: 410 })
}
