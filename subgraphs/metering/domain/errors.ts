import type { UserError } from '../../../platform/graph/errors.ts'
import type { RangeRefusal } from './timeRange.ts'

/** Every refusal of requestExport. Codes are stable: clients branch on them; the words may improve. */

export function tenantNotFound(): UserError {
  return {
    code: 'NOT_FOUND',
    field: ['tenantId'],
    message: 'There is no such tenant.',
    fix: 'Take the id of a tenant that you see.',
  }
}

export function notYetKnown(): UserError {
  return {
    code: 'NOT_YET_KNOWN',
    field: ['tenantId'],
    message: 'The tenant is not known here yet: the part of the service that owns it is slow to answer.',
    fix: 'Send the same request again in a few seconds.',
  }
}

export function rangeInvalid({ field, message, fix }: RangeRefusal): UserError {
  return { code: 'RANGE_INVALID', field: [field], message, fix }
}

export function tooManyExports(max: number): UserError {
  return {
    code: 'TOO_MANY_EXPORTS',
    field: ['tenantId'],
    message: `${max} exports of this tenant are still to be written.`,
    fix: 'Wait until one of them is READY.',
  }
}
