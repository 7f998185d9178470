import { Decimal } from 'decimal.js'
import type { TenantExport } from './exports.ts'
import type { ClusterAccount } from './protocol.ts'
import type { Refusal } from './submit.ts'
import type { JobSummary } from './summary.ts'

export interface Verdict {
  passed: boolean
  /** One line for each thing that was held against another, with both figures. */
  findings: Finding[]
}
export interface Finding {
  holds: boolean
  text: string
}

export interface Evidence {
  /** In the workload. */
  pods: number
  refused: readonly Refusal[]
  /** Through the gateway. */
  requests: number
  account: ClusterAccount
  exports: readonly TenantExport[]
  jobs: JobSummary
}

const SUCCEEDED = 'SUCCEEDED'
const WHOLE_DEVICE_THOUSANDTHS = 1_000
/** Said at once of what no node of this workload could ever hold: an answer, not a fault. */
const NEVER_FITS = new Set(['GPU_MODEL_UNKNOWN', 'EXCEEDS_LARGEST_NODE', 'FITS_NO_NODE'])

/** Holds what the API and its ledger say against what was sent and what the cluster kept by itself. */
export function judge(evidence: Evidence): Verdict {
  const findings = [
    ...evidence.exports.flatMap((each) => judgeExport(each, evidence.account)),
    ...judgeCluster(evidence),
    ...judgeJobs(evidence),
  ]
  return { passed: findings.every(({ holds }) => holds), findings }
}

function judgeExport({ tenant, tenantId, gpuSeconds, faults }: TenantExport, account: ClusterAccount): Finding[] {
  const kept = account.gpuSecondsByTenant[tenantId] ?? '0'
  return [
    {
      holds: new Decimal(gpuSeconds).equals(kept),
      text: `${tenant}: the export has ${gpuSeconds} GPU-seconds, the cluster kept ${kept}`,
    },
    ...faults.map((fault) => ({ holds: false, text: `${tenant}: ${fault}` })),
  ]
}

function judgeCluster({ account, exports, pods, requests }: Evidence): Finding[] {
  const exported = new Set(exports.map(({ tenantId }) => tenantId))
  return [
    {
      holds: Object.keys(account.gpuSecondsByTenant).every((id) => exported.has(id)),
      text: 'every tenant that the cluster knows of has an export',
    },
    {
      holds: account.peakThousandths <= WHOLE_DEVICE_THOUSANDTHS,
      text: `the most that was ever held of one device is ${account.peakThousandths / WHOLE_DEVICE_THOUSANDTHS}`,
    },
    { holds: requests >= pods, text: `${requests} requests went through the gateway for ${pods} pods` },
  ]
}

function judgeJobs({ pods, refused, account, jobs }: Evidence): Finding[] {
  const succeeded = jobs.byPhase[SUCCEEDED] ?? 0
  const faulty = refused.filter(({ code }) => !NEVER_FITS.has(code)).length
  return [
    {
      holds: faulty === 0,
      text: `${refused.length} pods were refused, ${faulty} of them for another reason than that no node could hold them`,
    },
    {
      holds: jobs.jobs === pods - refused.length && succeeded === jobs.jobs,
      text: `of ${pods - refused.length} jobs taken the API knows ${jobs.jobs}, and ${succeeded} have succeeded`,
    },
    { holds: account.pods >= jobs.jobs, text: `the cluster ran ${account.pods} pods for them` },
  ]
}
