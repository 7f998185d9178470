import { labels } from '../../kubernetes/names.ts'
import type { Namespace } from '../../kubernetes/objects.ts'

/** Ids of whom something belongs to. */
export interface Owner {
  tenantId: string
  projectId: string
}

/** Whose a namespace is: labels that the agent alone writes. null: not a tenant's, nothing in it is observed. */
export function ownerOf(namespace: Namespace | undefined): Owner | null {
  const tenantId = namespace?.metadata.labels?.[labels.tenant]
  const projectId = namespace?.metadata.labels?.[labels.project]
  return tenantId && projectId ? { tenantId, projectId } : null
}
