import { describe, expect, test } from 'vitest'
import { DEFAULT_FUNGIBILITY, type QueueRow } from '../store/queues.ts'
import { decideQueue, type QueueFacts, type QueueRequest } from './decideQueue.ts'

const row = (id: string, more: Partial<QueueRow> = {}): QueueRow => ({
  id,
  tenantId: null,
  name: id,
  objectName: id,
  parentId: null,
  generation: 1,
  quotas: [],
  weight: '1',
  queueingStrategy: 'BEST_EFFORT_FIFO',
  stopPolicy: 'NONE',
  minRuntimeSeconds: 0,
  flavorFungibility: DEFAULT_FUNGIBILITY,
  usageHalfLifeSeconds: null,
  maxGpus: null,
  ...more,
})
const eight = [{ flavor: '*', resource: 'GPU' as const, nominalQuota: '8', borrowingLimit: null, lendingLimit: null }]
const request = (more: Partial<QueueRequest> = {}): QueueRequest => ({
  id: 'new',
  name: 'research',
  tenantId: 'acme',
  parentId: 'shared',
  quotas: [],
  weight: '1',
  minRuntimeSeconds: 0,
  usageHalfLifeSeconds: null,
  ...more,
})
const facts = (more: Partial<QueueFacts> = {}): QueueFacts => ({
  parent: row('shared'),
  mayBeRoot: true,
  tree: [row('shared')],
  flavors: new Set(),
  nameOf: (id) => id,
  ...more,
})

describe('refused', () => {
  const cases: Record<string, { request?: Partial<QueueRequest>; facts?: Partial<QueueFacts>; code: string }> = {
    'a name with a dot, which would read as a tenant': { request: { name: 'acme.research' }, code: 'NAME_INVALID' },
    'a name Kubernetes refuses': { request: { name: 'Research' }, code: 'NAME_INVALID' },
    'a name of 64 characters': { request: { name: 'q'.repeat(64) }, code: 'NAME_INVALID' },
    'no parent, by one who may not': {
      request: { parentId: null },
      facts: { parent: null, mayBeRoot: false },
      code: 'PARENT_REQUIRED',
    },
    'a parent that the caller does not see': { facts: { parent: null }, code: 'NOT_FOUND' },
    "another tenant's parent": {
      facts: { parent: row('shared', { tenantId: 'other' }) },
      code: 'PARENT_OF_ANOTHER_TENANT',
    },
    "a shared queue below a tenant's": {
      request: { tenantId: null },
      facts: { parent: row('shared', { tenantId: 'acme' }) },
      code: 'PARENT_OF_ANOTHER_TENANT',
    },
    'itself as its parent': {
      request: { id: 'shared' },
      code: 'PARENT_CYCLE',
    },
    'more than the parent has': {
      request: { quotas: [{ flavor: '*', resource: 'GPU', nominalQuota: '9' }] },
      facts: { tree: [row('shared', { quotas: eight })] },
      code: 'EXCEEDS_PARENT_QUOTA',
    },
    'a half-life below another queue': { request: { usageHalfLifeSeconds: 3600 }, code: 'HALF_LIFE_OF_ROOT' },
    'a half-life of nothing': { request: { parentId: null, usageHalfLifeSeconds: 0 }, code: 'HALF_LIFE_INVALID' },
    'a weight of zero': { request: { weight: '0' }, code: 'WEIGHT_INVALID' },
  }
  for (const [name, { request: asked, facts: known, code }] of Object.entries(cases)) {
    test(name, () => {
      expect(decideQueue(request(asked), facts(known))).toMatchObject({ ok: false, errors: [{ code }] })
    })
  }

  test('a parent that would not suffice is named with both figures', () => {
    const decision = decideQueue(
      request({ quotas: [{ flavor: '*', resource: 'GPU', nominalQuota: '3' }] }),
      facts({ tree: [row('shared', { quotas: eight }), row('sibling', { parentId: 'shared', quotas: eight })] }),
    )
    expect(decision.ok ? '' : decision.errors[0]?.message).toMatch(/'shared' would have 11 GPU .* has 8/)
  })
})

test('a consent carries the new limits of the queue and of all below it', () => {
  const tree = [row('shared', { quotas: eight }), row('old', { parentId: 'shared' }), row('below', { parentId: 'old' })]
  const halved = request({
    id: 'old',
    quotas: [{ flavor: '*', resource: 'GPU', nominalQuota: '4.0', borrowingLimit: '0' }],
  })
  const decision = decideQueue(halved, facts({ tree }))
  expect(decision).toMatchObject({ ok: true, quotas: [{ nominalQuota: '4' }] })
  expect(decision.ok && [...decision.maxGpusOf]).toEqual([
    ['old', '4'],
    ['below', '4'],
  ])
})
