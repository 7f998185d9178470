import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { knownFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import type { Context } from '../context.ts'
import type { RequestExportInput } from '../generated/resolvers.ts'
import { findExports } from '../store/exportRecords.ts'
import { countUnfinishedExports, insertExport } from '../store/insertExport.ts'
import * as errors from './errors.ts'
import { EXPORTS_TOPIC, type ExportRecord } from './export.ts'
import { isTimeRange, type TimeRange, timeRange } from './timeRange.ts'

/** `export` is null for a dry run that would have succeeded. */
export type ExportRequest = { ok: true; export: ExportRecord | null } | { ok: false; errors: UserError[] }

const MAX_UNFINISHED = 100

/** @throws GraphQLError FORBIDDEN */
export async function requestExport(context: Context, input: RequestExportInput): Promise<ExportRequest> {
  const { tenantId } = input
  const refusal = await refuseTenant(context, tenantId)
  if (refusal) return { ok: false, errors: [refusal] }
  if (!may(context.identity, 'export.request', { tenantId }))
    return deny(context, 'requestExport', input, 'request exports of this tenant')

  const now = new Date(context.clock.nowMs())
  const principal = context.identity.subject
  const key = input.dryRun ? null : input.idempotencyKey
  return context.write(async (tx) => {
    const scope = { tenantId, principal, mutation: 'requestExport', key, input, now }
    const outcome = await idempotent(tx, scope, () => decide(tx, context, input, now))
    if (!outcome.ok) return outcome
    const [found] = outcome.result === null ? [] : await findExports(tx, [outcome.result])
    return { ok: true, export: found ?? null }
  })
}

/** A tenant that the caller sees, known to exist; another tenant's is not there for a member. */
async function refuseTenant(context: Context, tenantId: string): Promise<UserError | null> {
  if (prefixOf(tenantId) !== 'tenant' || !may(context.identity, 'export.read', { tenantId })) {
    return errors.tenantNotFound()
  }
  // In a transaction of its own each time: the request's read transaction goes on seeing what it saw first.
  const isKnown = () => context.write(async (tx) => (await knownFact(tx, 'tenant', tenantId)) !== null)
  if (await isKnown()) return null
  if (!(await context.facts.catchUp('tenants'))) return errors.notYetKnown()
  return (await isKnown()) ? null : errors.tenantNotFound()
}

async function decide(tx: Tx, context: Context, input: RequestExportInput, now: Date): Promise<Outcome<string | null>> {
  const range = timeRange(input.from.toString(), input.to.toString())
  if (!isTimeRange(range)) return { ok: false, errors: [errors.rangeInvalid(range)] }
  if ((await countUnfinishedExports(tx, input.tenantId)) >= MAX_UNFINISHED) {
    return { ok: false, errors: [errors.tooManyExports(MAX_UNFINISHED)] }
  }
  if (input.dryRun) return { ok: true, result: null }
  return { ok: true, result: await store(tx, context, input, range, now) }
}

async function store(
  tx: Tx,
  context: Context,
  input: RequestExportInput,
  range: TimeRange,
  now: Date,
): Promise<string> {
  const { tenantId, shape, format } = input
  const id = context.ids.next('export')
  const principal = context.identity.subject
  await insertExport(tx, {
    id,
    tenantId,
    requestedBy: principal,
    requestedAt: now.toISOString(),
    from: range.from.toISOString(),
    to: range.to.toISOString(),
    shape,
    format,
  })
  await audit(tx, {
    tenantId,
    at: now,
    principal,
    action: 'requestExport',
    objectId: id,
    decision: 'allowed',
    requestId: context.requestId,
    input,
  })
  tx.afterCommit(EXPORTS_TOPIC)
  return id
}
