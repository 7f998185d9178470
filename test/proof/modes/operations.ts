import type { CorpusOperation } from './corpus.ts'

export type Variables = Record<string, unknown>
type Written = Omit<CorpusOperation, 'as' | 'variables'> & { as?: CorpusOperation['as']; variables: Variables }

const PAYLOAD_ERRORS = 'userErrors { code field message fix }'
const submit = {
  name: 'submitJob',
  query: `mutation Submit($input: SubmitJobInput!) { submitJob(input: $input) { job { id name phase } ${PAYLOAD_ERRORS} } }`,
}
const job = { projectId: '$project', queue: 'default', name: 'train', image: 'registry.example/train:1', resources: {} }
const tenant = {
  name: 'createTenant',
  query: `mutation T($input: CreateTenantInput!) { createTenant(input: $input) { tenant { slug name } ${PAYLOAD_ERRORS} } }`,
}
const project = {
  name: 'createProject',
  query: `mutation P($input: CreateProjectInput!) { createProject(input: $input) { project { slug namespace tenant { slug } } ${PAYLOAD_ERRORS} } }`,
}
const queue = {
  name: 'createQueue',
  query: `mutation Q($input: CreateQueueInput!) { createQueue(input: $input) { queue { name generation } ${PAYLOAD_ERRORS} } }`,
}
const updateQueue = {
  name: 'updateQueue',
  query: `mutation U($input: UpdateQueueInput!) { updateQueue(input: $input) { queue { name weight generation } ${PAYLOAD_ERRORS} } }`,
}
const cancel = {
  name: 'cancelJob',
  query: `mutation C($input: CancelJobInput!) { cancelJob(input: $input) { job { id phase } ${PAYLOAD_ERRORS} } }`,
}
const remove = {
  name: 'removeMember',
  query: `mutation R($input: RemoveMemberInput!) { removeMember(input: $input) { removedAt ${PAYLOAD_ERRORS} } }`,
}
const report = {
  name: 'requestExport',
  query: `mutation E($input: RequestExportInput!) { requestExport(input: $input) { export { id state } ${PAYLOAD_ERRORS} } }`,
}
const DAY = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }
const EVENTS =
  'subscription E($jobId: ID, $projectId: ID, $after: Cursor) { jobEvents(jobId: $jobId, projectId: $projectId, after: $after) { cursor type reason job { id name phase project { slug tenant { name } } } } }'

/** Written by hand: what people ask for, across subgraphs, and what they get wrong. */
export const OPERATIONS: readonly Written[] = [
  { name: 'viewer', query: 'query { viewer { kind subject role tenant { slug } } }', variables: {} },
  {
    name: 'viewer of an operator',
    as: 'operator',
    query: 'query { viewer { kind subject role tenant { slug } } }',
    variables: {},
  },
  {
    name: 'tenants',
    as: 'operator',
    query:
      'query T($first: Int, $after: String) { tenants(first: $first, after: $after) { edges { cursor node { id slug projects(first: 2) { edges { node { slug namespace } } } } } pageInfo { hasNextPage endCursor } } }',
    variables: { first: 2, after: null },
  },
  {
    name: 'tenant by slug',
    query: 'query T($slug: String!) { tenant(slug: $slug) { name slug } }',
    variables: { slug: 'acme' },
  },
  {
    name: 'a foreign tenant by slug',
    query: 'query T($slug: String!) { tenant(slug: $slug) { name slug } }',
    variables: { slug: 'bravo' },
  },
  {
    name: 'node: a job',
    query: 'query N($id: ID!) { node(id: $id) { __typename id ... on Job { name phase } } }',
    variables: { id: '$job' },
  },
  {
    name: 'node: a tenant',
    query: 'query N($id: ID!) { node(id: $id) { __typename id ... on Tenant { slug } } }',
    variables: { id: '$tenant' },
  },
  {
    name: 'node: a queue',
    query: 'query N($id: ID!) { node(id: $id) { __typename id ... on Queue { name } } }',
    variables: { id: '$queue' },
  },
  {
    name: 'node: a foreign job',
    query: 'query N($id: ID!) { node(id: $id) { __typename id } }',
    variables: { id: '$foreignJob' },
  },
  {
    name: 'node: nothing',
    query: 'query N($id: ID!) { node(id: $id) { __typename id } }',
    variables: { id: '$unknownJob' },
  },
  {
    name: 'job, over three subgraphs',
    query:
      'query J($id: ID!) { job(id: $id) { id name phase project { slug tenant { slug } } queue { name } usage { gpuSeconds } cost { amount currency complete } pods(first: 5) { edges { node { phase node devices { model share } } } } } }',
    variables: { id: '$job' },
  },
  { name: 'a foreign job', query: 'query J($id: ID!) { job(id: $id) { id name } }', variables: { id: '$foreignJob' } },
  {
    name: 'two jobs, one of nothing',
    query: 'query J($id: ID!, $other: ID!) { job(id: $id) { name } other: job(id: $other) { name } }',
    variables: { id: '$job', other: '$unknownJob' },
  },
  {
    name: 'jobs',
    query:
      'query J($first: Int, $after: String) { jobs(first: $first, after: $after) { edges { cursor node { id name phase } } pageInfo { hasNextPage hasPreviousPage } } }',
    variables: { first: 2, after: null },
  },
  {
    name: 'jobs of a project',
    query: 'query J($projectId: ID) { jobs(projectId: $projectId, first: 5) { edges { node { name } } } }',
    variables: { projectId: '$project' },
  },
  {
    name: 'jobs of a foreign project',
    query: 'query J($projectId: ID) { jobs(projectId: $projectId, first: 5) { edges { node { name } } } }',
    variables: { projectId: '$foreignProject' },
  },
  {
    name: 'jobs that have ended',
    query: 'query J($phase: [JobPhase!]) { jobs(phase: $phase, first: 5) { edges { node { name phase } } } }',
    variables: { phase: ['SUCCEEDED'] },
  },
  {
    name: 'queues',
    query: 'query Q($first: Int) { queues(first: $first) { edges { node { id name parent { name } } } } }',
    variables: { first: 10 },
  },
  {
    name: 'queue',
    query: 'query Q($id: ID!) { queue(id: $id) { name weight generation } }',
    variables: { id: '$queue' },
  },
  {
    name: 'clusters',
    query:
      'query { clusters(first: 3) { edges { node { name kubernetesVersion nodePools { edges { node { name nodeCount } } } } } } }',
    variables: {},
  },
  {
    name: 'node pools',
    query: 'query P($id: ID) { nodePools(clusterId: $id, first: 5) { edges { node { name nodeCount } } } }',
    variables: { id: null },
  },
  {
    name: 'GPUs',
    query: 'query G($first: Int) { gpus(first: $first) { edges { node { model } } } }',
    variables: { first: 3 },
  },
  {
    name: 'usage',
    query:
      'query U($id: ID!, $from: DateTime!, $to: DateTime!) { usage(tenantId: $id, from: $from, to: $to, groupBy: []) { rows { gpuSeconds } } }',
    variables: { id: '$tenant', ...DAY },
  },
  {
    name: 'usage of another tenant',
    query:
      'query U($id: ID!, $from: DateTime!, $to: DateTime!) { usage(tenantId: $id, from: $from, to: $to, groupBy: []) { meteredThrough } }',
    variables: { id: '$foreignTenant', ...DAY },
  },
  {
    name: 'usage of no time',
    query:
      'query U($id: ID!, $from: DateTime!, $to: DateTime!) { usage(tenantId: $id, from: $from, to: $to, groupBy: []) { meteredThrough } }',
    variables: { id: '$tenant', from: 'now', to: 'then' },
  },
  {
    name: 'an export of nothing',
    query: 'query E($id: ID!) { export(id: $id) { state } }',
    variables: { id: '$unknownJob' },
  },
  {
    name: 'aliases and fragments',
    query:
      'query A($id: ID!) { a: job(id: $id) { ...J } b: job(id: $id) { ...J ... on Job { phase } } } fragment J on Job { name queue { name } }',
    variables: { id: '$job' },
  },
  {
    name: 'skipped and included',
    query:
      'query S($id: ID!, $no: Boolean!) { job(id: $id) @skip(if: $no) { name } viewer @include(if: $no) { subject } }',
    variables: { id: '$job', no: true },
  },
  {
    name: 'the schema',
    query: 'query { __schema { queryType { name } } __type(name: "Job") { kind } }',
    variables: {},
  },
  { name: 'nothing', query: '', variables: {} },
  { name: 'a subscription by POST', query: EVENTS, variables: { jobId: '$job', after: '$beginning' }, take: 3 },
  { ...submit, variables: { input: { ...job, idempotencyKey: 'one' } } },
  { ...submit, name: 'submitJob, again', variables: { input: { ...job, idempotencyKey: 'one' } } },
  {
    ...submit,
    name: 'submitJob, another under that key',
    variables: { input: { ...job, name: 'other', idempotencyKey: 'one' } },
  },
  { ...submit, name: 'submitJob, tried', variables: { input: { ...job, dryRun: true } } },
  { ...submit, name: 'submitJob, impossible', variables: { input: { ...job, resources: { gpu: { count: 99 } } } } },
  { ...submit, name: 'submitJob, to no queue', variables: { input: { ...job, queue: 'nowhere' } } },
  { ...submit, name: 'submitJob, by a viewer', as: 'viewer', variables: { input: job } },
  { ...cancel, as: 'stranger', name: 'cancelJob, a foreign one', variables: { input: { id: '$job' } } },
  { ...cancel, name: 'cancelJob, one that has ended', variables: { input: { id: '$job' } } },
  { ...cancel, name: 'cancelJob', variables: { input: { id: '$longJob', idempotencyKey: 'cancel' } } },
  { ...tenant, as: 'operator', variables: { input: { slug: 'gamma', name: 'Gamma' } } },
  { ...tenant, as: 'operator', name: 'createTenant, taken', variables: { input: { slug: 'acme', name: 'Acme' } } },
  { ...tenant, name: 'createTenant, by a member', variables: { input: { slug: 'delta', name: 'Delta' } } },
  { ...project, as: 'tenant-admin', variables: { input: { tenantId: '$tenant', slug: 'vision', name: 'Vision' } } },
  {
    ...project,
    as: 'tenant-admin',
    name: 'createProject, elsewhere',
    variables: { input: { tenantId: '$foreignTenant', slug: 'vision', name: 'Vision' } },
  },
  {
    ...project,
    name: 'createProject, by a developer',
    variables: { input: { tenantId: '$tenant', slug: 'speech', name: 'Speech' } },
  },
  { ...queue, as: 'operator', variables: { input: { tenantId: '$tenant', name: 'nightly' } } },
  {
    ...queue,
    as: 'operator',
    name: 'createQueue, by a name that cannot be',
    variables: { input: { tenantId: '$tenant', name: 'A B' } },
  },
  { ...updateQueue, as: 'operator', variables: { input: { id: '$queue', expectedGeneration: 1, weight: '2' } } },
  {
    ...updateQueue,
    as: 'operator',
    name: 'updateQueue, of before',
    variables: { input: { id: '$queue', expectedGeneration: 1, weight: '3' } },
  },
  { ...remove, as: 'tenant-admin', variables: { input: { tenantId: '$tenant', subject: 'nobody' } } },
  { ...remove, name: 'removeMember, by a developer', variables: { input: { tenantId: '$tenant', subject: 'nobody' } } },
  { ...report, variables: { input: { tenantId: '$tenant', ...DAY, shape: 'INTERVALS', format: 'CSV', dryRun: true } } },
  {
    ...report,
    name: 'requestExport, backwards',
    variables: { input: { tenantId: '$tenant', from: DAY.to, to: DAY.from, shape: 'INTERVALS', format: 'CSV' } },
  },
  { name: 'events of a job', query: EVENTS, variables: { jobId: '$job', after: '$beginning' }, take: 5 },
  { name: 'events of a project', query: EVENTS, variables: { projectId: '$project', after: '$beginning' }, take: 2 },
  { name: 'events of a foreign job', query: EVENTS, variables: { jobId: '$foreignJob', after: '$beginning' }, take: 1 },
  { name: 'events after nonsense', query: EVENTS, variables: { jobId: '$job', after: 'nonsense' }, take: 1 },
  {
    name: 'events after another stream’s cursor',
    as: 'stranger',
    query: EVENTS,
    variables: { after: '$beginning' },
    take: 1,
  },
]
