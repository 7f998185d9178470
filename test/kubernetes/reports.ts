import { dataOf } from '../testkit/answers.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import type { CloudClient } from './realCloud.ts'

const COST = 'query Cost($id: ID!) { job(id: $id) { usage { gpuSeconds } cost { amount currency complete } } }'
export interface JobCost {
  usage: { gpuSeconds: string }
  cost: { amount: string; currency: string; complete: boolean }
}
export async function costOf(cloud: CloudClient, tenant: CloudTenant, id: string): Promise<JobCost> {
  return dataOf(await cloud.ask<{ job: JobCost }>(tenant.token, COST, { id })).job
}
