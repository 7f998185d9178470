import { prefixOf } from '../../../platform/ids.ts'

/** Every type that implements Node, by the prefix of its ids. */
export const NODE_TYPES = {
  tenant: 'Tenant',
  project: 'Project',
  cluster: 'Cluster',
  pool: 'NodePool',
  gpu: 'Gpu',
  queue: 'Queue',
  job: 'Job',
  pod: 'Pod',
  export: 'Export',
} as const
export type NodeType = (typeof NODE_TYPES)[keyof typeof NODE_TYPES]

/** @returns null where the id is malformed, or of a kind that is no Node */
export function nodeTypeOf(id: string): NodeType | null {
  const prefix = prefixOf(id)
  return prefix !== null && Object.hasOwn(NODE_TYPES, prefix) ? NODE_TYPES[prefix as keyof typeof NODE_TYPES] : null
}
