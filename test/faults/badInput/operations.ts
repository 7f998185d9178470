import { hostileValue, mutateJson, mutateText } from './mutate.ts'
import type { Random } from './random.ts'
import type { Target } from './target.ts'

export interface Asked {
  query: unknown
  variables?: unknown
  operationName?: unknown
  extensions?: unknown
}

/** Valid operations, which mutations begin with: every field of the root, and every kind of argument. */
export function validOperations({
  tenant,
  jobId,
  cursor,
  exportId,
}: Target): Required<Pick<Asked, 'query' | 'variables'>>[] {
  const { id: tenantId, projectId } = tenant
  const page = 'pageInfo { endCursor } edges { cursor node { id } }'
  const submit = {
    projectId,
    queue: 'default',
    name: 'train',
    image: 'registry.example/train:1',
    command: ['python', 'train.py'],
    env: [{ name: 'SIM_RUN_SECONDS', value: '1' }],
    replicas: 2,
    resources: { cpu: '1.5', memoryMiB: 1_024, gpu: { count: 1, models: ['H100'] } },
    class: 'TRAINING',
    priorityClass: 'sluice-training',
    preemptible: true,
    maxRuntimeSeconds: 60,
    labels: [{ name: 'team', value: 'vision' }],
    dryRun: true,
    idempotencyKey: 'once',
  }
  const queue = { name: 'own', tenantId, parentId: null, weight: '1', dryRun: true }
  const quota = { flavor: '*', resource: 'GPU', nominalQuota: '4', borrowingLimit: '2', lendingLimit: null }
  const report = { tenantId, from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }
  const refused = 'userErrors { code field message fix }'
  return [
    {
      query:
        'query ($id: ID!) { job(id: $id) { id name phase pods(first: 5) { edges { node { id devices { uuid share } } } } usage { gpuSeconds } cost { amount } } }',
      variables: { id: jobId },
    },
    {
      query: `query ($first: Int, $after: String, $phase: [JobPhase!], $projectId: ID) { jobs(first: $first, after: $after, phase: $phase, projectId: $projectId) { totalCount eventsCursor ${page} } }`,
      variables: { first: 10, after: null, phase: ['PENDING'], projectId },
    },
    {
      query: 'query ($id: ID!) { node(id: $id) { __typename id ... on Job { name } ... on Queue { name } } }',
      variables: { id: jobId },
    },
    {
      query: `query ($filter: GpuFilter, $first: Int) { gpus(filter: $filter, first: $first) { ${page} } nodePools(first: $first) { ${page} } }`,
      variables: { filter: { model: 'H100', available: true, node: 'h100-1' }, first: 3 },
    },
    {
      query: `query ($tenantId: ID) { queues(tenantId: $tenantId) { ${page} } clusters { ${page} } tenants { ${page} } viewer { kind tenant { slug } } }`,
      variables: { tenantId },
    },
    {
      query:
        'query ($slug: String!, $id: ID!) { tenant(slug: $slug) { id projects(first: 2) { edges { node { id } } } } queue(id: $id) { name quotas { flavor } } }',
      variables: { slug: 'acme', id: 'queue_x' },
    },
    {
      query:
        'query ($tenantId: ID!, $from: DateTime!, $to: DateTime!, $groupBy: [UsageDimension!]!) { usage(tenantId: $tenantId, from: $from, to: $to, groupBy: $groupBy) { meteredThrough rows { key { value } gpuSeconds cost } } }',
      variables: { ...report, groupBy: ['JOB', 'DAY'] },
    },
    { query: 'query ($id: ID!) { export(id: $id) { state url manifest { columns } } }', variables: { id: exportId } },
    {
      query: `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { job { id } ${refused} } }`,
      variables: { input: submit },
    },
    {
      query: `mutation ($input: CancelJobInput!) { cancelJob(input: $input) { job { id } ${refused} } }`,
      variables: { input: { id: jobId, idempotencyKey: 'once', dryRun: true } },
    },
    {
      query: `mutation ($input: CreateQueueInput!) { createQueue(input: $input) { queue { id } ${refused} } }`,
      variables: { input: { ...queue, quotas: [quota] } },
    },
    {
      query: `mutation ($input: UpdateQueueInput!) { updateQueue(input: $input) { queue { id } ${refused} } }`,
      variables: { input: { id: 'queue_x', expectedGeneration: 1, quotas: [quota], dryRun: true } },
    },
    {
      query: `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } ${refused} } }`,
      variables: { input: { slug: 'other', name: 'Other', dryRun: true } },
    },
    {
      query: `mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } ${refused} } }`,
      variables: { input: { tenantId, slug: 'more', name: 'More', dryRun: true } },
    },
    {
      query: `mutation ($input: RequestExportInput!) { requestExport(input: $input) { export { id } ${refused} } }`,
      variables: { input: { ...report, shape: 'INTERVALS', format: 'CSV', dryRun: true } },
    },
    {
      query:
        'subscription ($jobId: ID, $after: Cursor) { jobEvents(jobId: $jobId, after: $after) { cursor type job { id } } }',
      variables: { jobId, after: cursor },
    },
    {
      query:
        'subscription ($projectId: ID, $after: Cursor) { podEvents(projectId: $projectId, after: $after) { cursor pod { id } } }',
      variables: { projectId, after: cursor },
    },
    {
      query:
        'subscription ($queueId: ID!, $after: Cursor) { queueEvents(queueId: $queueId, after: $after) { cursor queue { id } } }',
      variables: { queueId: 'queue_x', after: cursor },
    },
    {
      query: '{ __schema { types { name fields { name args { name } } } } __type(name: "Job") { name } }',
      variables: {},
    },
  ]
}

/** An operation with one thing or more that is wrong with it. */
export function badOperation(target: Target, random: Random): Asked {
  const { query, variables } = random.pick(validOperations(target))
  const text = String(query)
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { query, variables: mutateJson(variables, random) }
    case 4:
      return { query: mutateText(text, random), variables }
    case 5:
      return { query: mutateTokens(text, random), variables }
    case 6:
      return { query: bomb(random), variables: {} }
    case 7:
      return { query, variables, operationName: hostileValue(random) }
    case 8:
      return { query, variables, extensions: { persistedQuery: { version: 1, sha256Hash: hostileValue(random) } } }
    default:
      return { query: hostileValue(random), variables: hostileValue(random) }
  }
}

/** Whole tokens are lost, doubled or swapped: it still looks like GraphQL. */
function mutateTokens(text: string, random: Random): string {
  const tokens = text.match(/\.\.\.|"[^"]*"|[\w$@]+|\S/g) ?? []
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.below(tokens.length)
    const other = tokens[random.below(tokens.length)] ?? ''
    if (random.chance(0.4)) tokens.splice(at, 1)
    else tokens.splice(at, random.below(2), other)
  }
  return tokens.join(' ')
}

/** Small to send, large to answer. */
function bomb(random: Random): string {
  const times = 1 + random.below(3_000)
  const levels = 1 + random.below(60)
  const deep = (open: string) => `{ ${open.repeat(times)} id ${'}'.repeat(times)} }`
  return random.pick([
    () => `{ ${Array.from({ length: times }, (_, index) => `a${index}: viewer { kind }`).join(' ')} }`,
    () => deep('job(id: "x") { project { tenant { '),
    () => deep('jobs { edges { node '),
    () =>
      '{ jobs(first: 200) { edges { node { pods(first: 200) { edges { node { job { pods(first: 200) { edges { node { id } } } } } } } } } } }',
    () => `{ viewer ${'@skip(if: false) '.repeat(times)} { kind } }`,
    () =>
      `{ viewer { ...F0 } } ${Array.from({ length: levels }, (_, level) => `fragment F${level} on Viewer { ...F${(level + 1) % levels} ...F${(level + 1) % levels} }`).join(' ')}`,
    () => `query (${Array.from({ length: times }, (_, index) => `$v${index}: Int`).join(' ')}) { viewer { kind } }`,
    () => `{ job(id: "${'x'.repeat(times * 50)}") { id } }`,
    () => `{ job(id: """${'\\"'.repeat(times)}""") { id } }`,
    () => `{ jobs(first: ${'9'.repeat(times)}) { totalCount } }`,
    () => `{ jobs(phase: [${'PENDING '.repeat(times)}]) { totalCount } }`,
    () => `mutation { cancelJob(input: { id: ${'['.repeat(times)}${']'.repeat(times)} }) { userErrors { code } } }`,
    () => `subscription { a: jobEvents { type } b: jobEvents { type } }`,
    () => `query A { viewer { kind } } `.repeat(times),
    () => `{ _entities(representations: []) { __typename } _service { sdl } }`,
  ])()
}
