export const JOBS = `query Jobs { jobs(first: 100) { edges { node {
  id name phase origin createdBy class replicas queue { name } pending { code } failure { reason } } } } }`
export interface ListedJob {
  id: string
  name: string
  phase: string
  origin: string
  createdBy: string | null
  class: string
  replicas: number
  queue: { name: string } | null
  pending: { code: string } | null
  failure: { reason: string } | null
}
export const QUEUES = 'query Queues { queues { edges { node { name pending admitted usedGpus pendingGpus weight } } } }'
export interface ListedQueue {
  name: string
  pending: number
  admitted: number
  usedGpus: string
  pendingGpus: string
  weight: string
}

/** kubectl aligns its columns, and leaves empty what there is nothing to say of. */
export function rowOf(header: string, row: string): Record<string, string> {
  const columns = [...header.matchAll(/\S+ */g)]
  return Object.fromEntries(
    columns.map(({ 0: name, index }) => [name.trim(), row.slice(index, index + name.length).trim()]),
  )
}
