import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Claims } from '../../platform/identity/identity.ts'
import { createIds } from '../../platform/ids.ts'
import { member, operator } from '../../test/testkit/subgraph.ts'
import { ensureDefaultQueue } from './domain/ensureDefaultQueue.ts'
import { CREATE_QUEUE, node, startInventory, UPDATE_QUEUE } from './testkit.ts'

const acme = createIds().next('tenant')
const bravo = createIds().next('tenant')
const admin = member(acme)

const gpus = (nominalQuota: string, more: object = {}) => ({ flavor: '*', resource: 'GPU', nominalQuota, ...more })

async function start() {
  const inventory = await startInventory()
  await inventory.publishTenant(acme, 'acme')
  const { graph } = inventory
  return {
    ...inventory,
    async update(input: object, as: Claims = operator) {
      const { data, codes } = await graph.ask<{
        updateQueue: { queue: object | null; userErrors: { code: string }[] } | null
      }>(as, UPDATE_QUEUE, { input })
      return { ...data?.updateQueue, codes }
    },
    async namesSeenBy(as: Claims, args = ''): Promise<string[]> {
      const query = `{ queues${args} { edges { node { name } } } }`
      const { data } = await graph.ask<{ queues: { edges: { node: { name: string } }[] } }>(as, query)
      return data.queues.edges.map((edge) => edge.node.name)
    },
  }
}

test('a shared queue named default is there from the first start, once', async () => {
  const { facts, graph, database } = await start()
  const { data } = await graph.ask(
    operator,
    '{ queues { edges { node { name generation tenant { id } parent { id } quotas { flavor } weight pending usedGpus } } } }',
  )
  const untouched = { generation: 1, tenant: null, parent: null, quotas: [], weight: '1', pending: 0, usedGpus: '0' }
  expect(data).toEqual({ queues: { edges: [{ node: { name: 'default', ...untouched } }] } })
  expect(await facts('queue')).toMatchObject([
    { name: 'default', objectName: 'default', tenantId: null, maxGpus: null },
  ])
  await ensureDefaultQueue({ database, ids: createIds(), clock: { nowMs: () => 0 } })
  expect(await facts('queue')).toHaveLength(1)
})

describe('createQueue', () => {
  test("makes a tenant's queue below a shared one, for every cluster and every other subgraph", async () => {
    const { createQueue, queueId, hello, directives, facts } = await start()
    const early = await hello('early')
    const root = await queueId({ name: 'root', quotas: [gpus('16')] })
    const created = await createQueue(
      {
        name: 'research',
        parentId: root,
        tenantId: acme,
        quotas: [gpus('4.0', { borrowingLimit: '2' })],
        weight: '2.50',
      },
      admin,
    )
    expect(created).toMatchObject({
      queue: { name: 'research', generation: 1, tenant: { id: acme }, parent: { name: 'root' } },
      userErrors: [],
    })

    const wanted = {
      kind: 'Queue',
      key: 'acme.research',
      body: {
        name: 'acme.research',
        parent: 'root',
        tenantId: acme,
        quotas: [{ flavor: '*', resource: 'GPU', nominalQuota: '4', borrowingLimit: '2', lendingLimit: null }],
        weight: '2.5',
        queueingStrategy: 'BestEffortFIFO',
        stopPolicy: 'None',
        minRuntimeSeconds: 0,
        flavorFungibility: { whenCanBorrow: 'MayStopSearch', whenCanPreempt: 'TryNextFlavor' },
        usageHalfLifeSeconds: null,
      },
    }
    expect(await directives(early)).toContainEqual(expect.objectContaining(wanted))
    expect(await directives(await hello('late'))).toContainEqual(expect.objectContaining(wanted))
    expect(await facts('queue')).toContainEqual({
      id: created.queue?.id,
      tenantId: acme,
      name: 'research',
      objectName: 'acme.research',
      closed: false,
      maxGpus: '6',
    })
  })

  test('one name may be used by a tenant and by all, but not twice by one', async () => {
    const { createQueue, queueId } = await start()
    const root = await queueId({ name: 'batch' })
    const own = { name: 'batch', tenantId: acme, parentId: root }
    expect(await createQueue(own)).toMatchObject({ userErrors: [] })
    expect(await createQueue(own)).toMatchObject({ queue: null, userErrors: [{ code: 'NAME_TAKEN' }] })
    expect(await createQueue({ name: 'default', dryRun: true })).toMatchObject({ userErrors: [{ code: 'NAME_TAKEN' }] })
  })

  test('names a flavor only where a node pool has it', async () => {
    const { createQueue, hello, observer } = await start()
    const quotas = [gpus('1', { flavor: 'a100' })]
    expect(await createQueue({ name: 'q', quotas })).toMatchObject({ userErrors: [{ code: 'FLAVOR_UNKNOWN' }] })
    await observer(await hello()).send(node('n1'), { kind: 'resyncEnd' })
    expect(await createQueue({ name: 'q', quotas })).toMatchObject({ userErrors: [] })
  })

  test("counts other tenants' queues towards what a parent can give, without a word about them", async () => {
    const { createQueue, queueId, publishTenant } = await start()
    await publishTenant(bravo, 'bravo')
    const root = await queueId({ name: 'root', quotas: [gpus('8')] })
    await queueId({ name: 'secret', parentId: root, tenantId: bravo, quotas: [gpus('6')] })
    const { userErrors } = await createQueue(
      { name: 'mine', parentId: root, tenantId: acme, quotas: [gpus('3')] },
      admin,
    )
    expect(userErrors).toMatchObject([{ code: 'EXCEEDS_PARENT_QUOTA' }])
    expect(userErrors[0]?.message).toMatch(/would have 9 GPU .* has 8/)
    expect(userErrors[0]?.message).not.toMatch(/secret|bravo/)
  })

  test('of two at once that would each fit, but not both, one is refused', async () => {
    const { createQueue, queueId } = await start()
    const root = await queueId({ name: 'root', quotas: [gpus('8')] })
    const outcomes = await Promise.all(
      ['one', 'two', 'three'].map((name) => createQueue({ name, parentId: root, quotas: [gpus('5')] })),
    )
    expect(outcomes.filter(({ queue }) => queue !== null)).toHaveLength(1)
  })

  test('asks for a parent from those who are no operators', async () => {
    const { createQueue } = await start()
    expect(await createQueue({ name: 'mine', tenantId: acme }, admin)).toMatchObject({
      userErrors: [{ code: 'PARENT_REQUIRED' }],
    })
  })

  test('is denied to developers, and to administrators for all; the attempts are on record', async () => {
    const { graph, database } = await start()
    const ask = async (as: Claims, input: object) => (await graph.ask(as, CREATE_QUEUE, { input })).codes
    expect(await ask(member(acme, 'developer'), { name: 'mine', tenantId: acme })).toEqual(['FORBIDDEN'])
    expect(await ask(admin, { name: 'for-all' })).toEqual(['FORBIDDEN'])
    const denied = await database.read({ role: 'operator' }, (tx) =>
      tx.execute(sql`select tenant_id, principal from audit_log where decision = 'denied' order by id`),
    )
    expect(denied).toEqual([
      { tenant_id: acme, principal: 'developer@acme' },
      { tenant_id: acme, principal: 'tenant-admin@acme' },
    ])
  })

  test("finds neither an unknown tenant or parent, nor another tenant's", async () => {
    const { createQueue, publishTenant, queueId } = await start()
    await publishTenant(bravo, 'bravo')
    const foreign = await queueId({ name: 'foreign', tenantId: bravo })
    const refusals: [as: Claims, input: object, field: string][] = [
      [operator, { tenantId: createIds().next('tenant') }, 'tenantId'],
      [operator, { tenantId: '\0' }, 'tenantId'],
      [operator, { parentId: createIds().next('queue') }, 'parentId'],
      [operator, { parentId: '\0' }, 'parentId'],
      [admin, { tenantId: bravo, parentId: foreign }, 'tenantId'],
      [admin, { tenantId: acme, parentId: foreign }, 'parentId'],
    ]
    for (const [as, input, field] of refusals) {
      expect(await createQueue({ name: 'q', ...input }, as)).toMatchObject({
        queue: null,
        userErrors: [{ code: 'NOT_FOUND', field: [field] }],
      })
    }
  })

  test('says so while it cannot be known whether there is such a tenant', async () => {
    const { createQueue, graph, tenantsGoAway } = await start()
    tenantsGoAway()
    const tenantId = createIds().next('tenant')
    expect(await createQueue({ name: 'q', tenantId })).toMatchObject({ userErrors: [{ code: 'NOT_YET_KNOWN' }] })
    const list = await graph.ask(operator, `{ queues(tenantId: "${tenantId}") { edges { cursor } } }`)
    expect(list.codes).toEqual(['NOT_YET_KNOWN'])
  })

  test('does the same thing once per key, and nothing in a dry run', async () => {
    const { createQueue, namesSeenBy } = await start()
    const [first, again] = [
      await createQueue({ name: 'q', idempotencyKey: 'k' }),
      await createQueue({ name: 'q', idempotencyKey: 'k' }),
    ]
    expect(again).toEqual(first)
    expect(await createQueue({ name: 'other', idempotencyKey: 'k' })).toMatchObject({
      userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }],
    })
    expect(await createQueue({ name: 'tried', dryRun: true })).toEqual({ queue: null, userErrors: [] })
    expect(await namesSeenBy(operator)).toEqual(['default', 'q'])
  })
})

describe('updateQueue', () => {
  test('changes what is given, keeps the rest, and moves the generation', async () => {
    const { queueId, update, hello, directives } = await start()
    const cluster = await hello()
    const root = await queueId({ name: 'root' })
    const id = await queueId({ name: 'q', quotas: [gpus('4')], weight: '3' })
    expect(await update({ id, expectedGeneration: 1, name: 'q', parentId: root })).toMatchObject({
      queue: { generation: 2, weight: '3', quotas: [{ flavor: '*', nominalQuota: '4' }], parent: { name: 'root' } },
    })
    expect(await update({ id, expectedGeneration: 2, quotas: [], parentId: null })).toMatchObject({
      queue: { generation: 3, weight: '3', quotas: [], parent: null },
    })
    const newest = (await directives(cluster)).filter(({ key }) => key === 'q')
    expect(newest).toMatchObject([{ body: { parent: null, quotas: [] } }])
  })

  test('stops a queue and lets it go on, says in which order it admits, and how long its jobs are left alone', async () => {
    const { queueId, update, hello, directives, graph } = await start()
    const cluster = await hello()
    const id = await queueId({ name: 'q', queueingStrategy: 'STRICT_FIFO' })
    const told = async () => (await directives(cluster)).find(({ key }) => key === 'q')?.body
    expect(await told()).toMatchObject({ queueingStrategy: 'StrictFIFO', stopPolicy: 'None' })
    await update({ id, expectedGeneration: 1, stopPolicy: 'HOLD_AND_DRAIN', minRuntimeSeconds: 600 })
    expect(await told()).toMatchObject({ stopPolicy: 'HoldAndDrain', minRuntimeSeconds: 600 })
    const { data } = await graph.ask(
      operator,
      `{ queue(id: "${id}") { queueingStrategy stopPolicy minRuntimeSeconds } }`,
    )
    const asked = { queueingStrategy: 'STRICT_FIFO', stopPolicy: 'HOLD_AND_DRAIN', minRuntimeSeconds: 600 }
    expect(data).toEqual({ queue: asked })
    expect(await update({ id, expectedGeneration: 2, minRuntimeSeconds: -1 })).toMatchObject({
      userErrors: [{ code: 'MIN_RUNTIME_INVALID' }],
    })
    await update({ id, expectedGeneration: 2, stopPolicy: 'NONE', queueingStrategy: 'BEST_EFFORT_FIFO' })
    expect(await told()).toMatchObject({ queueingStrategy: 'BestEffortFIFO', stopPolicy: 'None' })
  })

  test('says how long a tree remembers usage and when a job goes on to another flavor', async () => {
    const { queueId, update, hello, directives, graph } = await start()
    const cluster = await hello()
    const id = await queueId({ name: 'q', usageHalfLifeSeconds: 604_800 })
    const told = async () => (await directives(cluster)).find(({ key }) => key === 'q')?.body
    expect(await told()).toMatchObject({ usageHalfLifeSeconds: 604_800 })
    await update({ id, expectedGeneration: 1, flavorFungibility: { whenCanBorrow: 'TRY_NEXT_FLAVOR' } })
    const fungibility = { whenCanBorrow: 'TryNextFlavor', whenCanPreempt: 'TryNextFlavor' }
    expect(await told()).toMatchObject({ usageHalfLifeSeconds: 604_800, flavorFungibility: fungibility })
    await update({ id, expectedGeneration: 2, usageHalfLifeSeconds: null })
    const query = `{ queue(id: "${id}") { usageHalfLifeSeconds flavorFungibility { whenCanBorrow whenCanPreempt } } }`
    const { data } = await graph.ask(operator, query)
    const asked = { whenCanBorrow: 'TRY_NEXT_FLAVOR', whenCanPreempt: 'TRY_NEXT_FLAVOR' }
    expect(data).toEqual({ queue: { usageHalfLifeSeconds: null, flavorFungibility: asked } })
  })

  test('tells the new limit of the queue and of all below it', async () => {
    const { queueId, update, facts } = await start()
    const root = await queueId({ name: 'root', quotas: [gpus('8')] })
    await queueId({ name: 'child', parentId: root })
    await update({ id: root, expectedGeneration: 1, quotas: [gpus('6')] })
    expect(await facts('queue')).toEqual(
      expect.arrayContaining(['root', 'child'].map((name) => expect.objectContaining({ name, maxGpus: '6' }))),
    )
  })

  test('refuses what it must, each with its code', async () => {
    const { queueId, update } = await start()
    const root = await queueId({ name: 'root', quotas: [gpus('8')] })
    const child = await queueId({ name: 'child', parentId: root, quotas: [gpus('8')] })
    const refusals: [input: object, code: string][] = [
      [{ id: root, expectedGeneration: 2 }, 'GENERATION_CONFLICT'],
      [{ id: root, expectedGeneration: 1, name: 'other' }, 'FIELD_FIXED'],
      [{ id: root, expectedGeneration: 1, tenantId: acme }, 'FIELD_FIXED'],
      [{ id: root, expectedGeneration: 1, parentId: child }, 'PARENT_CYCLE'],
      [{ id: root, expectedGeneration: 1, quotas: [gpus('7')] }, 'EXCEEDS_PARENT_QUOTA'],
      [{ id: child, expectedGeneration: 1, quotas: [gpus('8.001')] }, 'EXCEEDS_PARENT_QUOTA'],
      [{ id: child, expectedGeneration: 1, weight: '-1' }, 'WEIGHT_INVALID'],
    ]
    for (const [input, code] of refusals) {
      expect(await update(input), code).toMatchObject({ queue: null, userErrors: [{ code }] })
    }
  })

  test('of two against the same generation, one wins', async () => {
    const { queueId, update } = await start()
    const id = await queueId({ name: 'q' })
    const answers = await Promise.all(['2', '3'].map((weight) => update({ id, expectedGeneration: 1, weight })))
    expect(answers.flatMap(({ userErrors }) => userErrors?.map(({ code }) => code))).toEqual(['GENERATION_CONFLICT'])
  })

  test("lets a tenant's administrator change its own, but neither a shared one nor a root", async () => {
    const { queueId, update } = await start()
    const shared = await queueId({ name: 'shared', quotas: [gpus('8')] })
    const own = await queueId({ name: 'own', tenantId: acme, parentId: shared })
    const granted = await queueId({ name: 'granted', tenantId: acme, quotas: [gpus('8')] })
    expect(await update({ id: own, expectedGeneration: 1, quotas: [gpus('8')] }, admin)).toMatchObject({
      userErrors: [],
    })
    expect(await update({ id: own, expectedGeneration: 2, quotas: [gpus('9')] }, admin)).toMatchObject({
      userErrors: [{ code: 'EXCEEDS_PARENT_QUOTA' }],
    })
    expect(await update({ id: shared, expectedGeneration: 1, weight: '9' }, admin)).toMatchObject({
      codes: ['FORBIDDEN'],
    })
    expect(await update({ id: granted, expectedGeneration: 1, quotas: [gpus('800')] }, admin)).toMatchObject({
      userErrors: [{ code: 'PARENT_REQUIRED' }],
    })
  })
})

describe('a member of another tenant', () => {
  test('sees shared queues and its own, and nothing of the rest, by whatever way', async () => {
    const { graph, queueId, update, publishTenant, namesSeenBy, hello, observer } = await start()
    await publishTenant(bravo, 'bravo')
    const secret = await queueId({ name: 'secret', tenantId: acme })
    await queueId({ name: 'own', tenantId: bravo })
    await observer(await hello()).send(
      { kind: 'queue', name: 'acme.secret', pending: 5, admitted: 5, usedGpus: '5', pendingGpus: '5' },
      { kind: 'resyncEnd' },
    )
    const spy = member(bravo, 'tenant-admin', 'bravo')
    expect(await namesSeenBy(spy)).toEqual(['default', 'own'])
    expect(await namesSeenBy(spy, `(tenantId: "${bravo}")`)).toEqual(['own'])
    const { data, codes } = await graph.ask(
      spy,
      `query ($id: ID!) {
        queue(id: $id) { name }
        _entities(representations: [{ __typename: "Queue", id: "${secret}" }]) { ... on Queue { name pending } }
      }`,
      { id: secret },
    )
    expect({ data, codes }).toEqual({ data: { queue: null, _entities: [null] }, codes: ['NOT_FOUND', 'NOT_FOUND'] })
    expect(await namesSeenBy(operator, `(tenantId: "${bravo}")`)).toEqual(['own'])
    const nothing = await graph.ask(spy, `{ queues(tenantId: "${acme}") { edges { node { name } } } }`)
    expect(nothing).toEqual({ data: null, codes: ['NOT_FOUND'] })
    expect(await update({ id: secret, expectedGeneration: 1 }, spy)).toMatchObject({
      queue: null,
      userErrors: [{ code: 'NOT_FOUND', field: ['id'] }],
    })
  })

  test('finds nothing even where a statement forgets to ask for the tenant', async () => {
    const { database, queueId, publishTenant } = await start()
    await publishTenant(bravo, 'bravo')
    await queueId({ name: 'secret', tenantId: acme })
    const counted = (tenantId: string) =>
      database.read({ role: 'app', tenantId }, async (tx) => {
        const [row] = await tx.execute(sql`
          select (select count(*) from queues)::integer as queues, (select count(*) from events)::integer as events`)
        return row
      })
    expect(await counted(bravo)).toEqual({ queues: 1, events: 0 })
    expect(await counted(acme)).toEqual({ queues: 2, events: 1 })
    await expect(
      database.read({ role: 'app', tenantId: acme }, (tx) => tx.execute(sql`select * from pod_devices`)),
    ).rejects.toThrow()
  })
})
