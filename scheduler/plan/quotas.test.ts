import { assert, describe, test } from 'vitest'
import type { QueueSpec, QueueState } from '../model/queue.ts'
import { aQueue, usageOf } from '../testkit/builders.ts'
import { QueueTree } from './queueTree.ts'
import { Quotas } from './quotas.ts'

/** GPUs that `queue` could take now, or when nothing is used. */
function available(
  specs: QueueSpec[],
  used: Record<string, number>,
  queue: string,
  when: 'now' | 'empty' = 'now',
): number {
  const tree = new Quotas(new QueueTree(specs))
  const state = (spec: QueueSpec): QueueState => ({
    spec,
    usage: usageOf('a100', (used[spec.name] ?? 0) * 1000),
    past: new Map(),
  })
  tree.setUsage(new Map(specs.map((spec) => [spec.name, state(spec)])))
  const shortage = tree.shortage(queue, 'a100', { GPU: Number.MAX_SAFE_INTEGER, CPU: 0, MEMORY: 0 }, when)
  return shortage === null ? Number.POSITIVE_INFINITY : shortage.available / 1000
}

describe('quotas', () => {
  //  company (4)
  //  ├─ vision (8, may borrow 6)
  //  └─ speech (8, lends 5)
  const company = [
    aQueue('company', { nominal: 4 }),
    aQueue('vision', { parent: 'company', nominal: 8, borrowing: 6 }),
    aQueue('speech', { parent: 'company', nominal: 8, lending: 5 }),
  ]
  const cases: Record<string, { specs: QueueSpec[]; used?: Record<string, number>; queue: string; want: number }> = {
    'a root without quotas is not bounded': { specs: [aQueue('q')], queue: 'q', want: Number.POSITIVE_INFINITY },
    'a root has its nominal quota': { specs: [aQueue('q', { nominal: 8 })], used: { q: 3 }, queue: 'q', want: 5 },
    'a root cannot borrow': { specs: [aQueue('q', { nominal: 8, borrowing: 100 })], queue: 'q', want: 8 },
    'a queue without quotas is bounded by its ancestors': {
      specs: [aQueue('root', { nominal: 8 }), aQueue('q', { parent: 'root' })],
      queue: 'q',
      want: 8,
    },
    'a queue borrows what the tree has idle, up to its limit': { specs: company, queue: 'vision', want: 14 },
    'what is used in the tree cannot be borrowed': { specs: company, used: { speech: 12 }, queue: 'vision', want: 8 },
    'what a lender keeps is its own whatever others use': {
      specs: company,
      used: { vision: 14 },
      queue: 'speech',
      want: 6,
    },
    'without a limit a queue borrows all that is lent': { specs: company, queue: 'speech', want: 20 },
    'a queue uses its kept part before what it would borrow': {
      specs: company,
      used: { speech: 3 },
      queue: 'vision',
      want: 14,
    },
    'use above what the quota was lowered to leaves nothing': {
      specs: [aQueue('q', { nominal: 2 })],
      used: { q: 5 },
      queue: 'q',
      want: 0,
    },
    'a quota of a flavor and one of any flavor hold both': {
      specs: [aQueue('root', { nominal: 3 }), aQueue('q', { parent: 'root', nominal: 4, flavor: 'a100' })],
      queue: 'q',
      want: 3,
    },
    'a quota of another flavor does not bound': {
      specs: [aQueue('q', { nominal: 4, flavor: 'h100' })],
      queue: 'q',
      want: Number.POSITIVE_INFINITY,
    },
    'a middle queue bounds those below it': {
      specs: [
        aQueue('root', { nominal: 100 }),
        aQueue('middle', { parent: 'root', nominal: 10, borrowing: 2 }),
        aQueue('q', { parent: 'middle' }),
      ],
      used: { middle: 5 },
      queue: 'q',
      want: 7,
    },
    'use below counts in every ancestor it borrows from': {
      specs: [
        aQueue('root', { nominal: 10 }),
        aQueue('left', { parent: 'root' }),
        aQueue('leaf', { parent: 'left' }),
        aQueue('right', { parent: 'root' }),
      ],
      used: { leaf: 7 },
      queue: 'right',
      want: 3,
    },
  }
  for (const [name, { specs, used = {}, queue, want }] of Object.entries(cases)) {
    test(name, () => {
      assert.equal(available(specs, used, queue), want)
      assert.equal(available(specs.toReversed(), used, queue), want, 'whatever the order in which queues were made')
    })
  }

  test('what could ever be had is what is there when nobody uses anything', () => {
    assert.equal(available(company, { speech: 20, vision: 20 }, 'vision', 'empty'), 14)
    assert.equal(available(company, { speech: 20, vision: 20 }, 'speech', 'empty'), 20)
  })

  test('a queue whose parent is gone is not usable, and neither is any below it', () => {
    const tree = new QueueTree([aQueue('a', { parent: 'gone' }), aQueue('b', { parent: 'a' }), aQueue('c')])
    assert.include(tree.problem('a'), 'gone')
    assert.include(tree.problem('b'), 'gone')
    assert.isNull(tree.problem('c'))
  })

  test('queues on a circle are not usable', () => {
    const tree = new QueueTree([
      aQueue('a', { parent: 'b' }),
      aQueue('b', { parent: 'a' }),
      aQueue('self', { parent: 'self' }),
    ])
    for (const name of ['a', 'b', 'self']) assert.isNotNull(tree.problem(name), name)
  })
})
