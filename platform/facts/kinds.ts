/** Facts each subgraph publishes for the others; key = id. `tenantId` null: everybody's. */
export interface Facts {
  /** tenants */
  tenant: { id: string; slug: string; name: string }
  /** tenants */
  project: { id: string; tenantId: string; tenantSlug: string; slug: string; name: string; namespace: string }
  /** tenants; id = tenant and subject. Tokens of this member from before `at`, in wall time, open nothing more. */
  removal: { id: string; tenantId: string; subject: string; at: string }
  /** inventory. `name` as users write it; `objectName` in Kubernetes. */
  queue: {
    id: string
    tenantId: string | null
    name: string
    objectName: string
    closed: boolean
    maxGpus: string | null
  }
  /** inventory; id = cluster id. `flavors`: what a pod can ask at most on one node of each pool, and what the pool holds. */
  cluster: {
    id: string
    name: string
    flavors: {
      flavor: string
      gpuModel: string | null
      nodes: number
      gpusPerNode: number
      gpuMemoryMiB: number
      cpuMilliPerNode: number
      memoryMiBPerNode: number
    }[]
  }
  /** jobs: identity of a job, and once final how many pods had been bound. */
  job: {
    id: string
    tenantId: string
    projectId: string
    name: string
    clusterId: string
    uid: string | null
    final: boolean
    boundPods: number
    finishedAt: string | null
    /** Trace of what showed it. */
    traceparent?: string
  }
  /** metering; id = job id: every interval of the job is metered. */
  metered: {
    id: string
    tenantId: string
    gpuSeconds: string
    cost: string
    currency: string
    at: string
    /** Trace of what completed it. */
    traceparent?: string
  }
}
export type FactKind = keyof Facts
