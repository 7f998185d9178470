import type { Queue } from '../../kubernetes/objects.ts'
import { memoryMiB, thousandths } from '../../kubernetes/quantity.ts'
import { QUEUE_DEFAULTS, type QueueSpec, type Quota, RESOURCES, type Resource } from '../model/queue.ts'

/** @throws RangeError where a quota is no number; the Queue's schema lets none through */
export function readQueue({ metadata, spec }: Queue): QueueSpec {
  return {
    name: metadata.name ?? '',
    parent: spec.parent ?? null,
    tenantId: spec.tenantId ?? null,
    quotas: spec.quotas.filter(({ resource }) => RESOURCES.includes(resource)).map(readQuota),
    weightThousandths: thousandths(spec.weight ?? '1'),
    strategy: spec.queueingStrategy ?? QUEUE_DEFAULTS.strategy,
    stopPolicy: spec.stopPolicy ?? QUEUE_DEFAULTS.stopPolicy,
    minRuntimeMs: (spec.minRuntimeSeconds ?? 0) * 1_000,
    flavorFungibility: { ...QUEUE_DEFAULTS.flavorFungibility, ...spec.flavorFungibility },
    usageHalfLifeMs: spec.usageHalfLifeSeconds === undefined ? null : spec.usageHalfLifeSeconds * 1_000,
  }
}

function readQuota({
  flavor,
  resource,
  nominalQuota,
  borrowingLimit,
  lendingLimit,
}: Queue['spec']['quotas'][number]): Quota {
  const amount = (decimal: string) => inUnits(resource, decimal)
  return {
    flavor,
    resource,
    nominalQuota: amount(nominalQuota),
    borrowingLimit: borrowingLimit === undefined ? null : amount(borrowingLimit),
    lendingLimit: lendingLimit === undefined ? null : amount(lendingLimit),
  }
}

/** GPUs and cores count in thousandths; memory is written in MiB already. */
function inUnits(resource: Resource, decimal: string): number {
  return resource === 'MEMORY' ? memoryMiB(`${decimal}Mi`, 'down') : thousandths(decimal)
}
