import type { Cloud } from '../../testkit/cloud.ts'
import type { CloudTenant } from '../../testkit/cloudTenant.ts'
import type { Random } from './random.ts'

/** What is attacked, and what a valid request to it is made of. */
export interface Target {
  url: string
  host: string
  port: number
  tenant: CloudTenant
  jobId: string
  cursor: string
  exportId: string
  /** Of a cluster that is there for this alone: its agent is the attacker. */
  clusterId: string
  /** Greater than all before: a batch of it is next in its turn. */
  nextEpoch(): number
  tokens: { operator: string; admin: string; developer: string; viewer: string; agent: string }
  /** Forged, expired, or for another door. */
  badTokens: readonly string[]
}

const CLUSTER = 'attacked'

export async function targetOf(cloud: Cloud): Promise<Target> {
  const tenant = await cloud.tenant('acme')
  const jobId = await tenant.submitJob({ runSeconds: 1 })
  await tenant.eventsUntil(jobId, 'METERED')
  const agent = await cloud.token({ kind: 'agent', subject: `agent:${CLUSTER}`, cluster: CLUSTER })
  const { hostname, port } = new URL(cloud.url)
  const developer = tenant.token
  let epoch = 0
  return {
    url: cloud.url,
    host: hostname,
    port: Number(port),
    tenant,
    jobId,
    cursor: await tenant.eventsCursor(),
    exportId: await requestExport(cloud, tenant),
    clusterId: await hello(cloud, agent),
    nextEpoch: () => ++epoch,
    tokens: {
      operator: await cloud.operator(),
      admin: await tenant.as('tenant-admin'),
      developer,
      viewer: await tenant.as('viewer'),
      agent,
    },
    badTokens: [...forgeries(developer), await cloud.token({ kind: 'operator', subject: 'late' }, -60)],
  }
}

/** A good token mostly: without one hardly anything is reached. */
export function anyToken({ tokens, badTokens }: Target, random: Random): string | null {
  const { agent, ...people } = tokens
  if (random.chance(0.9)) return random.pick(Object.values(people))
  if (random.chance(0.2)) return agent
  return random.chance(0.3) ? null : random.pick(badTokens)
}

async function requestExport(cloud: Cloud, { id, token }: CloudTenant): Promise<string> {
  const query =
    'mutation ($input: RequestExportInput!) { requestExport(input: $input) { export { id } userErrors { code } } }'
  const hour = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' }
  const input = { tenantId: id, ...hour, shape: 'INTERVALS', format: 'CSV' }
  const { data } = await cloud.ask<{ requestExport: { export: { id: string } } }>(token, query, { input })
  return data?.requestExport.export.id ?? ''
}

async function hello({ url }: Cloud, agent: string): Promise<string> {
  const answer = await fetch(`${url}/link/hello`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${agent}` },
    body: JSON.stringify({ name: CLUSTER, kubernetesVersion: 'v1.36.3' }),
  })
  return ((await answer.json()) as { clusterId: string }).clusterId
}

function forgeries(token: string): string[] {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const operator = encode({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), kind: 'operator' })
  return [
    `${encode({ alg: 'none' })}.${operator}.`,
    `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.${signature}`,
    `${encode({ alg: 'HS512' })}.${claims}.${signature}`,
    `${encode({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })}.${operator}.${signature}`,
    `${encode({ alg: 'HS256', crit: ['exp'] })}.${claims}.${signature}`,
    `${header}.${operator}.${signature}`,
    `${header}.${claims}.${signature.slice(0, -2)}`,
    `${header}.${claims}`,
    `${header}.${claims}.${signature}.${signature}`,
    `${header}..${signature}`,
    '..',
    'x'.repeat(5_000),
    '%00',
  ]
}
