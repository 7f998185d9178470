import type { UserError } from '../../../platform/graph/errors.ts'

export function noClusterTold(): UserError {
  return {
    code: 'NO_CLUSTER',
    field: null,
    message: 'No cluster has told yet what it has.',
    fix: 'Try again in a few seconds; with no cluster registered, register one.',
  }
}
