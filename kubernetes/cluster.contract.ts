import { afterAll, beforeAll, describe } from 'vitest'
import type { Cluster } from './cluster.ts'
import { describeAdmission } from './contract/admission.contract.ts'
import { describeClaims } from './contract/claims.contract.ts'
import { describeFence } from './contract/fence.contract.ts'
import { describeGarbage } from './contract/garbage.contract.ts'
import { describeJobs } from './contract/jobs.contract.ts'
import { describePods } from './contract/pods.contract.ts'
import { describeReads } from './contract/reads.contract.ts'
import { type Stage, startStage } from './contract/stage.ts'
import { describeWrites } from './contract/writes.contract.ts'

export interface Connection {
  /** As an administrator, in an installation whose scheduler is in epoch CONTRACT_EPOCH. */
  cluster: Cluster
  /** As somebody who has the role `edit` in that namespace and nothing else; closed with the rest. */
  tenant(namespace: string): Promise<Cluster>
  /** A fresh namespace in which pods can be created at once; nobody's, or a tenant's. */
  namespace(tenantId?: string): Promise<string>
  close(): Promise<void>
}

/**
 * What every adapter of the cluster port does, in the terms of a Kubernetes API server ≥ 1.36 with its
 * controller manager, Sluice's CRDs and its admission policies in force. The simulated cluster follows
 * the real one: a case enters this suite because a real control plane behaves so.
 *
 * Nobody needs to run containers: the suite plays the kubelet on nodes of its own.
 */
export function clusterContract(adapter: string, connect: () => Promise<Connection>): void {
  describe(`${adapter} cluster`, () => {
    const stage = {} as Stage
    beforeAll(async () => void Object.assign(stage, await startStage(await connect())))
    afterAll(() => stage.close?.())

    describeReads(stage)
    describeWrites(stage)
    describePods(stage)
    describeJobs(stage)
    describeAdmission(stage)
    describeFence(stage)
    describeGarbage(stage)
    describeClaims(stage)
  })
}
