import { describe, expect, test } from 'vitest'
import type { Quota } from './quota.ts'
import { type QuotaNode, QuotaTree } from './quotaTree.ts'

const gpus = (nominalQuota: string, borrowingLimit: string | null = null, flavor = '*'): Quota => ({
  flavor,
  resource: 'GPU',
  nominalQuota,
  borrowingLimit,
  lendingLimit: null,
})
const queue = (id: string, parentId: string | null, ...quotas: Quota[]): QuotaNode => ({ id, parentId, quotas })

describe('what children are promised', () => {
  //   root 16
  //   ├─ a 8
  //   └─ team (no quota of its own)
  //      ├─ b 4
  //      └─ c 4
  const tree = [
    queue('root', null, gpus('16')),
    queue('a', 'root', gpus('8')),
    queue('team', 'root'),
    queue('b', 'team', gpus('4')),
    queue('c', 'team', gpus('4')),
  ]

  test('may be all that the parent has', () => {
    expect(new QuotaTree(tree).overcommitment('c')).toBeNull()
  })

  test('may not be more: a queue without quota passes on what its children count on', () => {
    expect(new QuotaTree(tree, queue('d', 'team', gpus('0.5'))).overcommitment('d')).toEqual({
      parentId: 'root',
      flavor: '*',
      resource: 'GPU',
      nominalQuota: '16',
      promised: '16.5',
    })
  })

  test('a parent cannot be lowered below what it has promised', () => {
    expect(new QuotaTree(tree, queue('root', null, gpus('15'))).overcommitment('root')).toMatchObject({
      nominalQuota: '15',
      promised: '16',
    })
  })

  test('a queue that moves takes its promise along', () => {
    const moved = queue('team', null)
    expect(new QuotaTree(tree, moved).overcommitment('a')).toBeNull()
    expect(new QuotaTree([...tree, queue('e', 'root', gpus('8'))], moved).overcommitment('e')).toBeNull()
  })

  test('borrowing is no promise', () => {
    expect(new QuotaTree(tree, queue('a', 'root', gpus('8', '100'))).overcommitment('a')).toBeNull()
  })

  test('single flavors count towards a parent that has quota of any flavor', () => {
    const flavored = queue('a', 'root', gpus('5', null, 'a100'), gpus('5', null, 'h100'))
    expect(new QuotaTree(tree, flavored).overcommitment('a')).toMatchObject({ flavor: '*', promised: '18' })
  })

  test('each flavor of the parent is judged by itself', () => {
    const parent = queue('p', null, gpus('4', null, 'a100'), gpus('8', null, 'h100'))
    const child = queue('q', 'p', gpus('5', null, 'a100'), gpus('1', null, 'h100'))
    expect(new QuotaTree([parent, child]).overcommitment('q')).toMatchObject({ flavor: 'a100', promised: '5' })
  })
})

describe('cycles', () => {
  const tree = [queue('a', null), queue('b', 'a'), queue('c', 'b')]
  const cases: Record<string, { changed: QuotaNode; want: boolean }> = {
    'below its own grandchild': { changed: queue('a', 'c'), want: true },
    'below itself': { changed: queue('b', 'b'), want: true },
    'one level up': { changed: queue('c', 'a'), want: false },
    'to a root': { changed: queue('c', null), want: false },
  }
  for (const [name, { changed, want }] of Object.entries(cases)) {
    test(`${name}: ${want ? 'a cycle' : 'none'}`, () => {
      expect(new QuotaTree(tree, changed).hasCycle(changed.id)).toBe(want)
    })
  }
})

describe('most GPUs a queue could ever hold', () => {
  const cases: Record<string, { tree: QuotaNode[]; want: string | null }> = {
    'no quota anywhere: unbounded': { tree: [queue('q', null)], want: null },
    'a root has its own': { tree: [queue('q', null, gpus('8', '4'))], want: '8' },
    'a child without a limit may borrow all its parent has': {
      tree: [queue('p', null, gpus('16')), queue('q', 'p', gpus('4'))],
      want: '16',
    },
    'a child with a limit: its own and that': {
      tree: [queue('p', null, gpus('16')), queue('q', 'p', gpus('4', '2.5'))],
      want: '6.5',
    },
    'never more than any ancestor': {
      tree: [queue('r', null, gpus('5')), queue('p', 'r', gpus('4', '100')), queue('q', 'p', gpus('4', '100'))],
      want: '5',
    },
    'a quota of one flavor leaves the others free': { tree: [queue('q', null, gpus('8', null, 'a100'))], want: null },
    'quota of cores bounds no GPUs': { tree: [queue('q', null, { ...gpus('8'), resource: 'CPU' })], want: null },
  }
  for (const [name, { tree, want }] of Object.entries(cases)) {
    test(name, () => {
      expect(new QuotaTree(tree).maxGpus('q')).toBe(want)
    })
  }
})
