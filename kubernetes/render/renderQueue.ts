import type { QueueDirective } from '../../platform/link/protocol.ts'
import type { Queue, QueueQuota } from '../objects.ts'

/** A node of the queue tree. What the directive leaves null is absent, so that the server may tell unset from zero. */
export function renderQueue(directive: QueueDirective): Queue {
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Queue',
    metadata: { name: directive.name },
    spec: {
      ...(directive.parent !== null && { parent: directive.parent }),
      ...(directive.tenantId !== null && { tenantId: directive.tenantId }),
      quotas: directive.quotas.map(renderQuota),
      weight: directive.weight,
      ...(directive.queueingStrategy && { queueingStrategy: directive.queueingStrategy }),
      ...(directive.stopPolicy && { stopPolicy: directive.stopPolicy }),
      ...(directive.flavorFungibility && { flavorFungibility: directive.flavorFungibility }),
      ...(directive.usageHalfLifeSeconds && { usageHalfLifeSeconds: directive.usageHalfLifeSeconds }),
      ...(directive.minRuntimeSeconds && { minRuntimeSeconds: directive.minRuntimeSeconds }),
    },
  }
}

function renderQuota(quota: QueueDirective['quotas'][number]): QueueQuota {
  return {
    flavor: quota.flavor,
    resource: quota.resource,
    nominalQuota: quota.nominalQuota,
    ...(quota.borrowingLimit !== null && { borrowingLimit: quota.borrowingLimit }),
    ...(quota.lendingLimit !== null && { lendingLimit: quota.lendingLimit }),
  }
}
