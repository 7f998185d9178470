import { audit } from '../../../platform/audit.ts'
import { PLATFORM } from '../../../platform/database/common.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents } from '../../../platform/events/events.ts'
import { publishFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Context } from '../context.ts'
import type { CreateTenantInput } from '../generated/resolvers.ts'
import { insertTenant, type TenantRow, tenantBySlug } from '../store/tenants.ts'
import { nameErrors, slugTaken, tenantSlugErrors } from './names.ts'

/** @returns the new tenant's id; null for a dry run that would have succeeded */
export async function createTenant(context: Context, input: CreateTenantInput): Promise<Outcome<string | null>> {
  if (!may(context.identity, 'tenant.create', { tenantId: null })) {
    return deny(context, 'createTenant', input, 'create a tenant')
  }
  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const principal = context.identity.subject
  return context.write((tx) =>
    idempotent(tx, { tenantId: PLATFORM, principal, mutation: 'createTenant', key, input, now }, async () => {
      const errors = [...tenantSlugErrors(input.slug), ...nameErrors(input.name)]
      if (errors.length > 0) return { ok: false, errors }
      if (await tenantBySlug(tx, input.slug)) return { ok: false, errors: [slugTaken('tenant', input.slug)] }
      if (input.dryRun) return { ok: true, result: null }

      const tenant = {
        id: context.ids.next('tenant'),
        slug: input.slug,
        name: input.name.trim(),
        createdAt: now.toISOString(),
      }
      if (!(await insertTenant(tx, tenant))) return { ok: false, errors: [slugTaken('tenant', input.slug)] }
      await tell(tx, tenant, now)
      await audit(tx, {
        tenantId: tenant.id,
        at: now,
        principal,
        action: 'createTenant',
        objectId: tenant.id,
        decision: 'allowed',
        requestId: context.requestId,
        input,
      })
      return { ok: true, result: tenant.id }
    }),
  )
}

async function tell(tx: Tx, { id, slug, name }: TenantRow, at: Date): Promise<void> {
  await appendEvents(tx, [
    { tenantId: id, type: 'TENANT_CREATED', at, subjectId: id, projectId: null, body: { slug, name } },
  ])
  await publishFact(tx, 'tenant', id, { id, slug, name })
}
