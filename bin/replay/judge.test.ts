import { expect, test } from 'vitest'
import type { TenantExport } from './exports.ts'
import { type Evidence, judge } from './judge.ts'

const exportOf = (overrides: Partial<TenantExport> = {}): TenantExport => ({
  tenantId: 'tenant_a',
  tenant: 'acme',
  path: 'acme.csv',
  rows: 3,
  gpuSeconds: '64.5',
  cost: '1',
  currency: 'USD',
  intervals: [],
  faults: [],
  ...overrides,
})
const agreement: Evidence = {
  pods: 3,
  refused: [{ pod: 'p-2', code: 'GPU_MODEL_UNKNOWN', message: 'No cluster has it.' }],
  requests: 20,
  account: { gpuSecondsByTenant: { tenant_a: '64.5' }, peakThousandths: 1_000, pods: 2 },
  exports: [exportOf()],
  jobs: { jobs: 2, byPhase: { SUCCEEDED: 2 }, waitsByClass: {} },
}
const account = (overrides: Partial<Evidence['account']>) => ({ ...agreement.account, ...overrides })
const jobs = (of: number, byPhase: Record<string, number>) => ({ jobs: of, byPhase, waitsByClass: {} })

const passes: Record<string, Partial<Evidence>> = {
  'everything agrees, and what no node could hold was refused': {},
  'the same figure in other digits': { exports: [exportOf({ gpuSeconds: '64.50' })] },
  'a tenant that held nothing': { exports: [exportOf(), exportOf({ tenantId: 'tenant_b', gpuSeconds: '0' })] },
  'a pod that was replaced': { account: account({ pods: 3 }) },
  'as many requests as pods': { requests: 3 },
}
for (const [name, evidence] of Object.entries(passes)) {
  test(`passes: ${name}`, () => {
    const { passed, findings } = judge({ ...agreement, ...evidence })
    expect(findings.filter(({ holds }) => !holds)).toEqual([])
    expect(passed).toBe(true)
  })
}

const fails: Record<string, { evidence: Partial<Evidence>; says: string }> = {
  'a tenant is a thousandth of a GPU-second short': {
    evidence: { exports: [exportOf({ gpuSeconds: '64.499' })] },
    says: 'acme: the export has 64.499 GPU-seconds, the cluster kept 64.5',
  },
  'a tenant is charged for what the cluster knows nothing of': {
    evidence: { account: account({ gpuSecondsByTenant: {} }) },
    says: 'acme: the export has 64.5 GPU-seconds, the cluster kept 0',
  },
  'two tenants err by the same amount': {
    evidence: {
      account: account({ gpuSecondsByTenant: { tenant_a: '60', tenant_b: '8' } }),
      exports: [exportOf({ gpuSeconds: '61' }), exportOf({ tenantId: 'tenant_b', tenant: 'beta', gpuSeconds: '7' })],
    },
    says: 'beta: the export has 7 GPU-seconds, the cluster kept 8',
  },
  'a tenant has no export': {
    evidence: { account: account({ gpuSecondsByTenant: { tenant_a: '64.5', tenant_b: '0' } }) },
    says: 'every tenant that the cluster knows of has an export',
  },
  'a file contradicts its manifest': {
    evidence: { exports: [exportOf({ faults: ['the file has 3 rows, the API said 4'] })] },
    says: 'acme: the file has 3 rows, the API said 4',
  },
  'a device was given out a thousandth too often': {
    evidence: { account: account({ peakThousandths: 1_001 }) },
    says: 'the most that was ever held of one device is 1.001',
  },
  'fewer requests than pods': { evidence: { requests: 2 }, says: '2 requests went through the gateway for 3 pods' },
  'a pod was refused that a node could hold': {
    evidence: { refused: [{ pod: 'p-2', code: 'INTERNAL', message: '' }] },
    says: '1 pods were refused, 1 of them for another reason than that no node could hold them',
  },
  'a job is lost': {
    evidence: { jobs: jobs(1, { SUCCEEDED: 1 }) },
    says: 'of 2 jobs taken the API knows 1, and 1 have succeeded',
  },
  'a job has not ended': {
    evidence: { jobs: jobs(2, { SUCCEEDED: 1, RUNNING: 1 }) },
    says: 'of 2 jobs taken the API knows 2, and 1 have succeeded',
  },
  'a job succeeded that never ran': {
    evidence: { account: account({ pods: 1 }) },
    says: 'the cluster ran 1 pods for them',
  },
}
for (const [name, { evidence, says }] of Object.entries(fails)) {
  test(`fails: ${name}`, () => {
    const { passed, findings } = judge({ ...agreement, ...evidence })
    expect(passed).toBe(false)
    expect(findings.filter(({ holds }) => !holds)).toContainEqual({ holds: false, text: says })
  })
}
