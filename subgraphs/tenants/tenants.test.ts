import { sql } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FactsFeed, factsFeed, publishFact } from '../../platform/facts/facts.ts'
import type { Claims } from '../../platform/identity/identity.ts'
import { createIds } from '../../platform/ids.ts'
import type { Directive } from '../../platform/link/protocol.ts'
import { testPostgres, untilSettled } from '../../test/testkit/database.ts'
import { member, operator, testDeps, testGraph } from '../../test/testkit/subgraph.ts'
import { createTenantsSubgraph } from './subgraph.ts'

const CREATE_TENANT = `mutation ($input: CreateTenantInput!) {
  createTenant(input: $input) { tenant { id slug name createdAt } userErrors { code field } }
}`
const CREATE_PROJECT = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { project { id slug namespace tenant { slug } } userErrors { code field } }
}`
type Created<Name extends string, Field extends string> = Record<
  Name,
  Record<Field, { id: string; namespace: string } | null> & { userErrors: { code: string }[] }
>

async function start() {
  const postgres = await testPostgres()
  const own = postgres.open('tenants')
  const inventory = postgres.open('inventory')
  const deps = testDeps(own)
  const existing = new Set<string>()
  const asked: string[] = []
  const subgraph = await createTenantsSubgraph({
    ...deps,
    async entityExists(typename, id) {
      asked.push(typename)
      return existing.has(id)
    },
  })
  const graph = testGraph(subgraph, deps)
  const none: FactsFeed = {
    head: async () => '0.0',
    read: async () => ({ entries: [], position: '0.0', isMoreComing: false }),
    onChange: () => () => {},
  }
  subgraph.follow({
    tenants: none,
    jobs: none,
    metering: none,
    inventory: factsFeed(inventory.database, inventory.wakeups),
  })
  const cluster = (id: string) =>
    inventory.database.write({ role: 'ingest' }, (tx) =>
      publishFact(tx, 'cluster', null, { id, name: id, flavors: [] }),
    )

  return {
    subgraph,
    graph,
    existing,
    asked,
    cluster,
    database: own.database,
    async tenant(slug: string): Promise<string> {
      const { data } = await graph.ask<Created<'createTenant', 'tenant'>>(operator, CREATE_TENANT, {
        input: { slug, name: slug },
      })
      return data.createTenant.tenant?.id ?? ''
    },
    async project(tenantId: string, slug: string, as: Claims = operator): Promise<string> {
      const { data } = await graph.ask<Created<'createProject', 'project'>>(as, CREATE_PROJECT, {
        input: { tenantId, slug, name: slug },
      })
      return data.createProject.project?.id ?? ''
    },
    /** Waits for the directives of a cluster, as its agent does. */
    async directives(clusterId: string, after?: string): Promise<Directive[]> {
      const ending = new AbortController()
      onTestFinished(() => ending.abort())
      const request = { clusterId, limit: 100, waitMs: 10_000, ...(after === undefined ? {} : { after }) }
      return (await subgraph.link.directives(request, ending.signal)).directives
    },
  }
}

describe('createTenant', () => {
  test('gives an operator a tenant, and tells it as fact, event and audit record', async () => {
    const { graph, subgraph, database } = await start()
    const { data } = await graph.ask<Created<'createTenant', 'tenant'>>(operator, CREATE_TENANT, {
      input: { slug: 'acme', name: ' Acme ' },
    })
    expect(data.createTenant).toMatchObject({
      tenant: { slug: 'acme', name: 'Acme', createdAt: '2026-01-01T00:00:00.000Z' },
      userErrors: [],
    })
    const id = data.createTenant.tenant?.id
    await untilSettled(database)
    const page = await subgraph.facts.read(undefined, 10)
    expect(page.entries).toMatchObject([{ kind: 'tenant', key: id, body: { slug: 'acme' } }])
    const written = await database.read({ role: 'operator' }, async (tx) => [
      ...(await tx.execute(sql`select tenant_id, type from events`)),
      ...(await tx.execute(sql`select tenant_id, action, decision from audit_log`)),
    ])
    expect(written).toEqual([
      { tenant_id: id, type: 'TENANT_CREATED' },
      { tenant_id: id, action: 'createTenant', decision: 'allowed' },
    ])
  })

  test('refuses slugs that are taken or none, and names that are none, each with its code', async () => {
    const { graph, tenant } = await start()
    await tenant('taken')
    const refusals: [input: object, codes: string[]][] = [
      [{ slug: 'taken', name: 'Other' }, ['SLUG_TAKEN']],
      [{ slug: 'taken', name: 'Other', dryRun: true }, ['SLUG_TAKEN']],
      [{ slug: 'A-', name: ' ' }, ['SLUG_INVALID', 'NAME_INVALID']],
    ]
    for (const [input, codes] of refusals) {
      const { data } = await graph.ask<Created<'createTenant', 'tenant'>>(operator, CREATE_TENANT, { input })
      expect(data.createTenant.tenant).toBeNull()
      expect(data.createTenant.userErrors.map(({ code }) => code)).toEqual(codes)
    }
  })

  test('a dry run stores nothing', async () => {
    const { graph } = await start()
    const input = { slug: 'acme', name: 'Acme', dryRun: true, idempotencyKey: 'k' }
    const { data } = await graph.ask(operator, CREATE_TENANT, { input })
    expect(data).toEqual({ createTenant: { tenant: null, userErrors: [] } })
    expect((await graph.ask(operator, '{ tenants { edges { node { id } } } }')).data).toEqual({
      tenants: { edges: [] },
    })
  })

  test('the same key gives the first result again; with another input it is a conflict', async () => {
    const { graph } = await start()
    const create = (slug: string) =>
      graph.ask<Created<'createTenant', 'tenant'>>(operator, CREATE_TENANT, {
        input: { slug, name: 'Acme', idempotencyKey: 'k1' },
      })
    const [first, again, other] = [await create('acme'), await create('acme'), await create('bravo')]
    expect(again.data.createTenant.tenant?.id).toBe(first.data.createTenant.tenant?.id)
    expect(other.data.createTenant).toMatchObject({ tenant: null, userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }] })
  })

  test('of two at once with one slug, one gets it', async () => {
    const { graph } = await start()
    const create = () =>
      graph.ask<Created<'createTenant', 'tenant'>>(operator, CREATE_TENANT, { input: { slug: 'acme', name: 'A' } })
    const answers = await Promise.all([create(), create(), create()])
    expect(answers.flatMap(({ data }) => data.createTenant.userErrors.map(({ code }) => code))).toEqual([
      'SLUG_TAKEN',
      'SLUG_TAKEN',
    ])
  })

  test('a tenant administrator may not, and the attempt is on record', async () => {
    const { graph, tenant, database } = await start()
    const acme = await tenant('acme')
    const { codes } = await graph.ask(member(acme), CREATE_TENANT, { input: { slug: 'mine', name: 'Mine' } })
    expect(codes).toEqual(['FORBIDDEN'])
    const denied = await database.read({ role: 'operator' }, (tx) =>
      tx.execute(sql`select tenant_id, principal, action from audit_log where decision = 'denied'`),
    )
    expect(denied).toEqual([{ tenant_id: acme, principal: 'tenant-admin@acme', action: 'createTenant' }])
  })
})

describe('createProject', () => {
  test("is the tenant administrator's right, and no developer's", async () => {
    const { graph, tenant } = await start()
    const acme = await tenant('acme')
    const input = { tenantId: acme, slug: 'large-models', name: 'Large models' }
    expect((await graph.ask(member(acme, 'developer'), CREATE_PROJECT, { input })).codes).toEqual(['FORBIDDEN'])
    expect((await graph.ask(member(acme), CREATE_PROJECT, { input })).data).toMatchObject({
      createProject: {
        project: { slug: 'large-models', namespace: 't-acme-large-models', tenant: { slug: 'acme' } },
        userErrors: [],
      },
    })
  })

  test('two tenants may use one slug; one tenant may not use it twice', async () => {
    const { graph, tenant, project } = await start()
    const [acme, bravo] = [await tenant('acme'), await tenant('bravo')]
    await project(acme, 'research')
    expect(await project(bravo, 'research')).toMatch(/^project_/)
    const again = await graph.ask<Created<'createProject', 'project'>>(member(acme), CREATE_PROJECT, {
      input: { tenantId: acme, slug: 'research', name: 'Again' },
    })
    expect(again.data.createProject.userErrors).toEqual([{ code: 'SLUG_TAKEN', field: ['slug'] }])
  })

  test("an unknown tenant, and another's, are NOT_FOUND alike", async () => {
    const { graph, tenant } = await start()
    const [acme, bravo] = [await tenant('acme'), await tenant('bravo')]
    for (const tenantId of [bravo, createIds().next('tenant'), 'nonsense', '\0']) {
      const { data } = await graph.ask(member(acme), CREATE_PROJECT, { input: { tenantId, slug: 'mine', name: 'M' } })
      expect(data).toEqual({
        createProject: { project: null, userErrors: [{ code: 'NOT_FOUND', field: ['tenantId'] }] },
      })
    }
  })
})

describe('namespaces', () => {
  test('a cluster that becomes known gets all there are, and then each new one', async () => {
    const { tenant, project, cluster, directives } = await start()
    const acme = await tenant('acme')
    const research = await project(acme, 'research')
    await cluster('cluster_1')
    const [first, ...others] = await directives('cluster_1')
    expect(others).toEqual([])
    expect(first).toMatchObject({
      kind: 'Namespace',
      key: 't-acme-research',
      body: {
        namespace: 't-acme-research',
        tenantId: acme,
        tenantSlug: 'acme',
        projectId: research,
        projectSlug: 'research',
      },
    })
    await project(acme, 'serving', member(acme))
    expect(await directives('cluster_1', first?.position)).toMatchObject([{ key: 't-acme-serving' }])
  })

  test('a cluster that only changes is not sent them again', async () => {
    const { tenant, project, cluster, directives } = await start()
    const acme = await tenant('acme')
    await project(acme, 'research')
    await cluster('cluster_1')
    const [first] = await directives('cluster_1')
    await cluster('cluster_1')
    await project(acme, 'serving')
    expect(await directives('cluster_1', first?.position)).toMatchObject([{ key: 't-acme-serving' }])
  })
})

describe('viewer', () => {
  const QUERY = '{ viewer { kind subject role tenant { slug } } }'

  test('says of a member its role and tenant, of an operator that it has neither', async () => {
    const { graph, tenant } = await start()
    expect((await graph.ask(member(await tenant('acme'), 'viewer'), QUERY)).data).toEqual({
      viewer: { kind: 'MEMBER', subject: 'viewer@acme', role: 'VIEWER', tenant: { slug: 'acme' } },
    })
    expect((await graph.ask(operator, QUERY)).data).toEqual({
      viewer: { kind: 'OPERATOR', subject: 'olga', role: null, tenant: null },
    })
  })
})

describe('lists', () => {
  test('page through all, in the order of creation, and say when they end', async () => {
    const { graph, tenant } = await start()
    const slugs = ['aa', 'bb', 'cc', 'dd', 'ee']
    for (const slug of slugs) await tenant(slug)
    interface Tenants {
      tenants: { edges: { node: { slug: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
    }
    const seen: string[] = []
    let after: string | null = null
    for (let pages = 0; pages < 3; pages++) {
      const { data }: { data: Tenants } = await graph.ask<Tenants>(
        operator,
        'query ($after: String) { tenants(first: 2, after: $after) { edges { node { slug } } pageInfo { hasNextPage endCursor } } }',
        { after },
      )
      seen.push(...data.tenants.edges.map(({ node }) => node.slug))
      expect(data.tenants.pageInfo.hasNextPage).toBe(pages < 2)
      after = data.tenants.pageInfo.endCursor
    }
    expect(seen).toEqual(slugs)
  })

  test('of projects in a list of tenants come tenant by tenant', async () => {
    const { graph, tenant, project } = await start()
    for (const id of [await tenant('acme'), await tenant('bravo')]) {
      await project(id, 'one')
      await project(id, 'two')
    }
    const { data } = await graph.ask(
      operator,
      '{ tenants { edges { node { slug projects(first: 1) { edges { node { namespace } } pageInfo { hasNextPage } } } } } }',
    )
    expect(data).toEqual({
      tenants: {
        edges: ['acme', 'bravo'].map((slug) => ({
          node: {
            slug,
            projects: { edges: [{ node: { namespace: `t-${slug}-one` } }], pageInfo: { hasNextPage: true } },
          },
        })),
      },
    })
  })

  test('of impossible sizes, or after what is no cursor, are refused', async () => {
    const { graph } = await start()
    const refusals = {
      'first: 201': 'BAD_USER_INPUT',
      'first: -1': 'BAD_USER_INPUT',
      'after: "hello"': 'CURSOR_INVALID',
    }
    for (const [args, code] of Object.entries(refusals)) {
      expect((await graph.ask(operator, `{ tenants(${args}) { edges { cursor } } }`)).codes).toEqual([code])
    }
  })
})

describe('node', () => {
  const NODE =
    'query ($id: ID!) { node(id: $id) { __typename id ... on Tenant { slug } ... on Project { namespace } } }'

  test('finds what tenants own', async () => {
    const { graph, tenant, project } = await start()
    const acme = await tenant('acme')
    const research = await project(acme, 'research')
    expect((await graph.ask(member(acme), NODE, { id: acme })).data).toEqual({
      node: { __typename: 'Tenant', id: acme, slug: 'acme' },
    })
    expect((await graph.ask(member(acme), NODE, { id: research })).data).toEqual({
      node: { __typename: 'Project', id: research, namespace: 't-acme-research' },
    })
  })

  test("gives another subgraph's object only where its owner says that it is there", async () => {
    const { graph, existing, asked } = await start()
    const [known, unknown] = [createIds().next('job'), createIds().next('gpu')]
    existing.add(known)
    expect((await graph.ask(operator, NODE, { id: known })).data).toEqual({ node: { __typename: 'Job', id: known } })
    expect(await graph.ask(operator, NODE, { id: unknown })).toEqual({ data: { node: null }, codes: ['NOT_FOUND'] })
    expect(asked).toEqual(['Job', 'Gpu'])
  })

  test('an id that is none is NOT_FOUND, and nobody is asked', async () => {
    const { graph, asked } = await start()
    for (const id of ['nonsense', '\0', '']) {
      expect(await graph.ask(operator, NODE, { id })).toEqual({ data: { node: null }, codes: ['NOT_FOUND'] })
    }
    expect((await graph.ask(operator, '{ tenant(slug: "\\u0000") { id } }')).codes).toEqual(['NOT_FOUND'])
    expect(asked).toEqual([])
  })
})

describe('a member of another tenant', () => {
  test('finds nothing of it, by whatever way', async () => {
    const { graph, tenant, project } = await start()
    const [acme, bravo] = [await tenant('acme'), await tenant('bravo')]
    const research = await project(acme, 'research')
    const spy = member(bravo, 'tenant-admin', 'bravo')
    const { data, codes } = await graph.ask(
      spy,
      `query ($acme: ID!, $research: ID!) {
        tenant(slug: "acme") { id }
        tenantNode: node(id: $acme) { id }
        projectNode: node(id: $research) { id }
        tenants { edges { node { slug projects { edges { node { id } } } } } }
        _entities(representations: [
          { __typename: "Tenant", id: "${acme}" }, { __typename: "Project", id: "${research}" }, { __typename: "Tenant", id: "${bravo}" }
        ]) { ... on Tenant { slug } ... on Project { slug } }
      }`,
      { acme, research },
    )
    expect(data).toEqual({
      tenant: null,
      tenantNode: null,
      projectNode: null,
      tenants: { edges: [{ node: { slug: 'bravo', projects: { edges: [] } } }] },
      _entities: [null, null, { slug: 'bravo' }],
    })
    expect(codes).toEqual(Array(5).fill('NOT_FOUND'))
  })

  test('finds nothing even where a statement forgets to ask for the tenant', async () => {
    const { database, tenant, project } = await start()
    const [acme, bravo] = [await tenant('acme'), await tenant('bravo')]
    await project(acme, 'research')
    const counted = (tenantId: string) =>
      database.read({ role: 'app', tenantId }, async (tx) => {
        const [row] = await tx.execute(sql`
          select (select count(*) from tenants)::integer as tenants, (select count(*) from projects)::integer as projects,
                 (select count(*) from events)::integer as events, (select count(*) from audit_log)::integer as audit`)
        return row
      })
    expect(await counted(bravo)).toEqual({ tenants: 1, projects: 0, events: 1, audit: 1 })
    expect(await counted('')).toEqual({ tenants: 0, projects: 0, events: 0, audit: 0 })
  })
})
