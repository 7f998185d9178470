import { Decimal } from 'decimal.js'
import type { UserError } from '../../../platform/graph/errors.ts'

export type QueueResource = 'GPU' | 'CPU' | 'MEMORY'

/** Amounts are plain decimals as strings: GPUs, cores or MiB. */
export interface Quota {
  /** Node pool; ANY_FLAVOR counts over all of them. */
  flavor: string
  resource: QueueResource
  nominalQuota: string
  /** null: as much as the parent has. */
  borrowingLimit: string | null
  /** null: all of nominalQuota. */
  lendingLimit: string | null
}

/** As a client sends it: not checked yet. */
export interface QuotaRequest {
  flavor: string
  resource: QueueResource
  nominalQuota: string
  borrowingLimit?: string | null | undefined
  lendingLimit?: string | null | undefined
}

export const ANY_FLAVOR = '*'
/** What the Queue object's schema allows. */
export const MAX_QUOTAS = 256
const MAX_AMOUNT = new Decimal(999_999_999)
/** The scheduler counts in thousandths of a GPU, thousandths of a core and MiB. */
const MAX_DECIMALS: Record<QueueResource, number> = { GPU: 3, CPU: 3, MEMORY: 0 }
const WEIGHT_MAX = new Decimal(1_000_000)
const WEIGHT_DECIMALS = 3

export type Checked<T> = { ok: true; value: T } | { ok: false; errors: UserError[] }

/** @param flavors every node pool there is */
export function checkQuotas(requests: readonly QuotaRequest[], flavors: ReadonlySet<string>): Checked<Quota[]> {
  if (requests.length > MAX_QUOTAS) return { ok: false, errors: [tooManyQuotas(requests.length)] }
  const errors: UserError[] = []
  const seen = new Set<string>()
  const quotas = requests.map((request, at): Quota => {
    const path = ['quotas', String(at)]
    const place = `${request.resource} ${request.flavor}`
    if (seen.has(place)) errors.push(duplicateQuota(path, request))
    seen.add(place)
    if (request.flavor !== ANY_FLAVOR && !flavors.has(request.flavor))
      errors.push(unknownFlavor(path, request, flavors))
    const amountOf = (field: 'nominalQuota' | 'borrowingLimit' | 'lendingLimit', text: string): string => {
      const amount = plainDecimal(text, MAX_DECIMALS[request.resource], MAX_AMOUNT)
      if (amount === null) errors.push(invalidAmount([...path, field], request.resource, text))
      return amount ?? '0'
    }
    const limitOf = (field: 'borrowingLimit' | 'lendingLimit'): string | null => {
      const text = request[field]
      return text === null || text === undefined ? null : amountOf(field, text)
    }
    const nominalQuota = amountOf('nominalQuota', request.nominalQuota)
    const lendingLimit = limitOf('lendingLimit')
    if (lendingLimit !== null && new Decimal(lendingLimit).gt(nominalQuota))
      errors.push(lendsMoreThanItHas(path, request))
    return {
      flavor: request.flavor,
      resource: request.resource,
      nominalQuota,
      borrowingLimit: limitOf('borrowingLimit'),
      lendingLimit,
    }
  })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: quotas }
}

export function checkWeight(text: string): Checked<string> {
  const weight = plainDecimal(text, WEIGHT_DECIMALS, WEIGHT_MAX)
  if (weight !== null && weight !== '0') return { ok: true, value: weight }
  return {
    ok: false,
    errors: [
      {
        code: 'WEIGHT_INVALID',
        field: ['weight'],
        message: `'${shown(text)}' cannot be a weight.`,
        fix: `Give a decimal above 0, at most ${WEIGHT_MAX}, with at most ${WEIGHT_DECIMALS} decimals.`,
      },
    ],
  }
}

/** @returns its shortest form, such as 0.5 for 00.50; null where it is no plain decimal within bounds */
function plainDecimal(text: string, maxDecimals: number, max: Decimal): string | null {
  if (!/^\d{1,16}(\.\d{1,16})?$/.test(text)) return null
  const value = new Decimal(text)
  return value.decimalPlaces() > maxDecimals || value.gt(max) ? null : value.toFixed()
}

function invalidAmount(field: string[], resource: QueueResource, text: string): UserError {
  const decimals = MAX_DECIMALS[resource]
  return {
    code: 'QUOTA_INVALID',
    field,
    message: `'${shown(text)}' cannot be an amount of ${resource}.`,
    fix: `Give ${decimals === 0 ? 'a whole number' : `a decimal with at most ${decimals} decimals`}, 0 to ${MAX_AMOUNT}.`,
  }
}

function lendsMoreThanItHas(path: string[], { nominalQuota, lendingLimit }: QuotaRequest): UserError {
  return {
    code: 'QUOTA_INVALID',
    field: [...path, 'lendingLimit'],
    message: `It would lend ${shown(String(lendingLimit))} of a nominal quota of ${shown(nominalQuota)}.`,
    fix: 'Give a lendingLimit of at most nominalQuota, or none: all of it is lent.',
  }
}

function duplicateQuota(path: string[], { resource, flavor }: QuotaRequest): UserError {
  return {
    code: 'QUOTA_DUPLICATE',
    field: path,
    message: `There is another quota of ${resource} in flavor '${shown(flavor)}'.`,
    fix: 'Give one quota for each flavor and resource.',
  }
}

function unknownFlavor(path: string[], { flavor }: QuotaRequest, flavors: ReadonlySet<string>): UserError {
  const known = [...flavors].sort().slice(0, 20).join(', ')
  return {
    code: 'FLAVOR_UNKNOWN',
    field: [...path, 'flavor'],
    message: `No node pool has the flavor '${shown(flavor)}'.`,
    fix:
      known === ''
        ? `Use '${ANY_FLAVOR}' until a cluster has nodes.`
        : `Use one of ${known}, or '${ANY_FLAVOR}' for any.`,
  }
}

function tooManyQuotas(count: number): UserError {
  return {
    code: 'QUOTAS_TOO_MANY',
    field: ['quotas'],
    message: `There are ${count} quotas; a queue holds at most ${MAX_QUOTAS}.`,
    fix: `Name at most ${MAX_QUOTAS}, or use flavor '${ANY_FLAVOR}'.`,
  }
}

function shown(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}
