import { bearer } from '../../../testkit/answers.ts'
import type { Attack } from '../attacks.ts'
import { flipBytes, hostileValue, jsonText, mutateJson } from '../mutate.ts'
import type { Random } from '../random.ts'
import { anyToken, type Target } from '../target.ts'
import { attack } from './graphql.ts'

const SUBGRAPHS = ['tenants', 'inventory', 'jobs', 'metering']
const AT = '2026-01-01T00:00:00.000Z'

/** A good agent with bad words, or anybody else. */
export function linkAttack(target: Target, random: Random): Attack {
  const token = random.chance(0.9) ? target.tokens.agent : anyToken(target, random)
  const [path, body] = random.chance(0.7) ? batch(target, random) : other(target, random)
  const bytes = Buffer.from(jsonText(body, random))
  const headers = { 'content-type': random.chance(0.97) ? 'application/json' : 'text/plain', ...bearer(token) }
  const method = random.chance(0.97) ? 'POST' : random.pick(['GET', 'PUT', 'HEAD'])
  const sent =
    method === 'GET' || method === 'HEAD' ? undefined : random.chance(0.05) ? flipBytes(bytes, random) : bytes
  return attack(`${target.url}/link/${path}`, method, headers, sent)
}

function other({ clusterId }: Target, random: Random): [path: string, body: unknown] {
  const ask = { clusterId, after: '0', limit: 10, waitMs: 0 }
  return random.pick<() => [string, unknown]>([
    () => ['hello', mutateJson({ name: 'attacked', kubernetesVersion: 'v1.36.3' }, random)],
    () => [
      `${random.pick(SUBGRAPHS)}/directives`,
      { ...(mutateJson(ask, random) as object), waitMs: random.pick([0, -1, null, 'x']) },
    ],
    () => [`${random.pick(SUBGRAPHS)}/directives`, { ...ask, after: hostileValue(random) }],
    () => [
      random.pick(['jobs', 'jobs/progress', 'hello/x', '__proto__/directives', 'constructor/observations', '']),
      ask,
    ],
    () => [`${random.pick(SUBGRAPHS)}/observations`, hostileValue(random)],
  ])()
}

/** Mostly a batch that is next in its turn, so that its records are looked at. */
function batch({ clusterId, tenant, nextEpoch }: Target, random: Random): [path: string, body: unknown] {
  const records = Array.from({ length: 1 + random.below(4) }, () => badRecord(tenant, random))
  const envelope = { clusterId, epoch: nextEpoch(), number: 1, through: AT, records }
  const path = `${random.pick(SUBGRAPHS)}/observations`
  if (random.chance(0.75)) return [path, envelope]
  return [path, { ...(mutateJson({ ...envelope, records: [] }, random) as object), records }]
}

function badRecord({ id: tenantId, projectId, slug }: Target['tenant'], random: Random): unknown {
  const named = { uid: `uid-${random.below(50)}`, namespace: `t-${slug}-research`, name: `x-${random.below(50)}` }
  const owned = { ...named, tenantId, projectId, jobId: null }
  const resources = { cpu: '1', memoryMiB: 1, gpu: { count: 1, share: null, memoryMiB: null, models: [] } }
  const spec = {
    replicas: 1,
    class: 'TRAINING',
    priorityClass: null,
    preemptible: true,
    maxRuntimeSeconds: 5,
    resources,
    image: 'x',
  }
  const times = { createdAt: AT, admittedAt: AT, startedAt: AT, finishedAt: AT }
  const device = { index: 0, uuid: 'u', model: 'H100', share: '1', identity: 'ASSIGNED' }
  const seq = random.below(1_000_000)
  const record = random.pick<object>([
    {
      kind: 'node',
      name: 'n',
      pool: 'p',
      ready: true,
      cpuMilli: 1,
      memoryMiB: 1,
      gpuModel: 'H100',
      deviceControl: 'COUNT',
      devices: [{ index: 0, uuid: 'u', memoryMiB: 1, health: 'OK' }],
    },
    { kind: 'nodeGone', name: 'n' },
    { kind: 'queue', name: 'default', pending: 1, admitted: 1, usedGpus: '1', pendingGpus: '1' },
    {
      kind: 'job',
      ...owned,
      queue: 'default',
      state: 'RUNNING',
      ...times,
      evicted: { at: AT, reason: 'x', message: 'x' },
      pending: { code: 'x', message: 'x', fix: null, since: AT },
      failure: { reason: 'x', message: 'x' },
      spec,
    },
    { kind: 'jobGone', ...named, at: AT },
    {
      kind: 'pod',
      ...owned,
      jobUid: 'uid-1',
      node: 'n',
      phase: 'Running',
      reason: null,
      ...times,
      exitCode: 0,
      slot: 0,
      cpuMilli: 1,
      memoryMiB: 1,
      devices: [device],
    },
    { kind: 'podGone', ...named, at: AT },
    { kind: 'resyncEnd' },
    { kind: 'nothing known' },
  ])
  return mutateJson({ seq, ...record }, random)
}
