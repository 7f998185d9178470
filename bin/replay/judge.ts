import { Decimal } from 'decimal.js'
import type { CheckedExport } from './exports.ts'
import type { JobSummary } from './summary.ts'
import type { ClusterAccount } from './world.ts'

export interface Verdict {
  passed: boolean
  /** One line per thing that was held against another, with both figures. */
  findings: { holds: boolean; text: string }[]
}

interface Evidence {
  submitted: number
  requests: number
  account: ClusterAccount
  exports: readonly CheckedExport[]
  jobs: JobSummary
}

const WHOLE_DEVICE = 1000

/** Holds what the ledger says against what the cluster kept by itself. */
export function judge({ submitted, requests, account, exports, jobs }: Evidence): Verdict {
  const findings = [
    ...exports.map(({ tenant, tenantId, gpuSeconds }) => {
      const kept = account.gpuSecondsByTenant[tenantId] ?? '0'
      return {
        holds: new Decimal(gpuSeconds).equals(kept),
        text: `${tenant}: the export has ${gpuSeconds} GPU-seconds, the cluster kept ${kept}`,
      }
    }),
    {
      holds: Object.keys(account.gpuSecondsByTenant).every((id) => exports.some(({ tenantId }) => tenantId === id)),
      text: 'every tenant that the cluster knows of has an export',
    },
    {
      holds: account.peakThousandths <= WHOLE_DEVICE,
      text: `the most that was ever held of one device is ${account.peakThousandths / WHOLE_DEVICE}`,
    },
    { holds: requests >= submitted, text: `${requests} requests went through the gateway for ${submitted} pods` },
    { holds: jobs.unfinished === 0, text: `${jobs.unfinished} jobs have not ended` },
    ...exports.flatMap(({ tenant, faults }) => faults.map((fault) => ({ holds: false, text: `${tenant}: ${fault}` }))),
  ]
  return { passed: findings.every(({ holds }) => holds), findings }
}
