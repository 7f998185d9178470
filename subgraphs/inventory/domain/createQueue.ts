import type { Tx } from '../../../platform/database/database.ts'
import { knownFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { prefixOf } from '../../../platform/ids.ts'
import type { Context } from '../context.ts'
import type { CreateQueueInput } from '../generated/resolvers.ts'
import { DEFAULT_FUNGIBILITY, insertQueue, queueNameTaken } from '../store/queues.ts'
import { lockQueueTree } from '../store/quotaTree.ts'
import { decideQueue, type QueueRequest } from './decideQueue.ts'
import { fungibilityOf } from './fungibility.ts'
import { nameTaken, tenantNotFound, tenantNotYetKnown } from './queueErrors.ts'
import { loadQueueFacts } from './queueFacts.ts'
import { auditQueue, publishQueueFact, streamOf, tellQueue } from './tellQueue.ts'

/**
 * @returns the new queue's id; null for a dry run that would have succeeded
 * @throws GraphQLError FORBIDDEN
 */
export async function createQueue(context: Context, input: CreateQueueInput): Promise<Outcome<string | null>> {
  const { identity } = context
  const tenantId = input.tenantId ?? null
  if (tenantId !== null && !(prefixOf(tenantId) === 'tenant' && may(identity, 'tenant.read', { tenantId }))) {
    return { ok: false, errors: [tenantNotFound()] }
  }
  if (!may(identity, 'queue.write', { tenantId })) {
    return deny(context, 'createQueue', input, `create a queue ${tenantId === null ? 'for all' : 'in this tenant'}`)
  }
  if (tenantId !== null && !(await waitForTenant(context, tenantId)))
    return { ok: false, errors: [tenantNotYetKnown()] }

  const now = new Date(context.clock.nowMs())
  const scope = {
    tenantId: streamOf({ tenantId }),
    principal: identity.subject,
    mutation: 'createQueue',
    key: input.dryRun ? null : input.idempotencyKey,
    input,
    now,
  }
  const request: QueueRequest = {
    id: context.ids.next('queue'),
    name: input.name,
    tenantId,
    parentId: input.parentId ?? null,
    quotas: input.quotas ?? [],
    weight: input.weight ?? '1',
    minRuntimeSeconds: input.minRuntimeSeconds ?? 0,
    usageHalfLifeSeconds: input.usageHalfLifeSeconds ?? null,
  }
  return context.write((tx) =>
    idempotent(tx, scope, async () => {
      await lockQueueTree(tx)
      const facts = await loadQueueFacts(tx, identity, request)
      const decision = decideQueue(request, facts)
      if (!decision.ok) return decision
      if (await queueNameTaken(tx, tenantId, request.name))
        return { ok: false, errors: [nameTaken(request.name, tenantId)] }
      const objectName = await objectNameOf(tx, request)
      if (objectName === null) return { ok: false, errors: [tenantNotFound()] }
      if (input.dryRun) return { ok: true, result: null }

      const queue = {
        id: request.id,
        tenantId,
        name: request.name,
        objectName,
        parentId: request.parentId,
        generation: 1,
        quotas: decision.quotas,
        weight: decision.weight,
        queueingStrategy: input.queueingStrategy ?? 'BEST_EFFORT_FIFO',
        stopPolicy: input.stopPolicy ?? 'NONE',
        minRuntimeSeconds: request.minRuntimeSeconds,
        flavorFungibility: fungibilityOf(input, DEFAULT_FUNGIBILITY),
        usageHalfLifeSeconds: request.usageHalfLifeSeconds,
        maxGpus: decision.maxGpusOf.get(request.id) ?? null,
      }
      await insertQueue(tx, queue, now)
      await publishQueueFact(tx, queue)
      await tellQueue(tx, queue, { type: 'CREATED', at: now, parentObjectName: facts.parent?.objectName ?? null })
      await auditQueue(tx, context, { queue, action: 'createQueue', at: now, input })
      return { ok: true, result: queue.id }
    }),
  )
}

/** @returns false where it is not known whether there is such a tenant */
async function waitForTenant(context: Context, tenantId: string): Promise<boolean> {
  if (await knownFact(await context.read(), 'tenant', tenantId)) return true
  return context.facts.catchUp('tenants')
}

/** @returns null where there is no such tenant */
async function objectNameOf(tx: Tx, { tenantId, name }: QueueRequest): Promise<string | null> {
  if (tenantId === null) return name
  const tenant = await knownFact(tx, 'tenant', tenantId)
  return tenant && `${tenant.slug}.${name}`
}
