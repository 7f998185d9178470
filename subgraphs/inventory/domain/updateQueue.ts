import assert from 'node:assert/strict'
import type { Tx } from '../../../platform/database/database.ts'
import { deny } from '../../../platform/graph/deny.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import type { Context } from '../context.ts'
import type { UpdateQueueInput } from '../generated/resolvers.ts'
import { queueLoader } from '../loaders.ts'
import { changeQueue, type QueueRow, queuesByIds, setMaxGpus } from '../store/queues.ts'
import { lockQueueTree } from '../store/quotaTree.ts'
import { decideQueue, type QueueRequest } from './decideQueue.ts'
import { fungibilityOf } from './fungibility.ts'
import { fixedForever, generationConflict, queueNotFound } from './queueErrors.ts'
import { loadQueueFacts } from './queueFacts.ts'
import { auditQueue, publishQueueFact, streamOf, tellQueue } from './tellQueue.ts'

/**
 * @returns the queue's id; null for a dry run that would have succeeded
 * @throws GraphQLError FORBIDDEN
 */
export async function updateQueue(context: Context, input: UpdateQueueInput): Promise<Outcome<string | null>> {
  const seen = await queueLoader(context).load(input.id)
  if (!seen) return { ok: false, errors: [queueNotFound('id')] }
  if (!may(context.identity, 'queue.write', seen)) return deny(context, 'updateQueue', input, 'change this queue')

  const now = new Date(context.clock.nowMs())
  const scope = {
    tenantId: streamOf(seen),
    principal: context.identity.subject,
    mutation: 'updateQueue',
    key: input.dryRun ? null : input.idempotencyKey,
    input,
    now,
  }
  return context.write((tx) =>
    idempotent(tx, scope, async () => {
      await lockQueueTree(tx)
      const [present] = await queuesByIds(tx, [input.id])
      assert(present, 'a queue is never deleted')
      const refusals = refusalsOf(input, present)
      if (refusals.length > 0) return { ok: false, errors: refusals }
      const request = requestOf(input, present)
      const facts = await loadQueueFacts(tx, context.identity, request, present)
      const decision = decideQueue(request, facts)
      if (!decision.ok) return decision
      if (input.dryRun) return { ok: true, result: null }

      const queue: QueueRow = {
        ...present,
        parentId: request.parentId,
        generation: present.generation + 1,
        quotas: decision.quotas,
        weight: decision.weight,
        queueingStrategy: input.queueingStrategy ?? present.queueingStrategy,
        stopPolicy: input.stopPolicy ?? present.stopPolicy,
        minRuntimeSeconds: request.minRuntimeSeconds,
        flavorFungibility: fungibilityOf(input, present.flavorFungibility),
        usageHalfLifeSeconds: request.usageHalfLifeSeconds,
      }
      await changeQueue(tx, queue)
      await publishChangedLimits(tx, decision.maxGpusOf)
      await tellQueue(tx, queue, { type: 'UPDATED', at: now, parentObjectName: facts.parent?.objectName ?? null })
      await auditQueue(tx, context, { queue, action: 'updateQueue', at: now, input })
      return { ok: true, result: queue.id }
    }),
  )
}

function refusalsOf(input: UpdateQueueInput, present: QueueRow): UserError[] {
  const errors: UserError[] = []
  if (input.expectedGeneration !== present.generation)
    errors.push(generationConflict(present, input.expectedGeneration))
  if (isGiven(input.name) && input.name !== present.name) errors.push(fixedForever('name', present))
  if (isGiven(input.tenantId) && input.tenantId !== present.tenantId) errors.push(fixedForever('tenantId', present))
  return errors
}

/** What is left out stays; parentId: null makes a root, usageHalfLifeSeconds: null forgets. */
function requestOf(input: UpdateQueueInput, present: QueueRow): QueueRequest {
  return {
    id: present.id,
    name: present.name,
    tenantId: present.tenantId,
    parentId: input.parentId === undefined ? present.parentId : input.parentId,
    quotas: input.quotas ?? present.quotas,
    weight: input.weight ?? present.weight,
    minRuntimeSeconds: input.minRuntimeSeconds ?? present.minRuntimeSeconds,
    usageHalfLifeSeconds:
      input.usageHalfLifeSeconds === undefined ? present.usageHalfLifeSeconds : input.usageHalfLifeSeconds,
  }
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}

/** A queue's limit is also a limit of all queues below it. */
async function publishChangedLimits(tx: Tx, maxGpusOf: ReadonlyMap<string, string | null>): Promise<void> {
  for (const queue of await setMaxGpus(tx, maxGpusOf)) await publishQueueFact(tx, queue)
}
