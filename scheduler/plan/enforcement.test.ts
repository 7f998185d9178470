import { assert, describe, test } from 'vitest'
import type { ShareEnforcement } from '../model/node.ts'
import { admitted, aJob, aNode, aPod, aSnapshot, waiting } from '../testkit/builders.ts'
import { describeCause } from './describe.ts'
import { Memo } from './memo.ts'
import { plan } from './plan.ts'

const node = (name: string, shareEnforcement?: ShareEnforcement) =>
  aNode(name, { gpus: 1, ...(shareEnforcement && { shareEnforcement }) })
const half = (uid: string) => aJob(uid, aPod({ share: 500 }))

describe('where shares have to be kept to their size', () => {
  test('a share goes only where one of the demanded ways does it, a whole GPU anywhere', () => {
    const snapshot = aSnapshot({
      nodes: [node('bare'), node('hami', 'HAMI_CORE'), node('mps', 'MPS')],
      jobs: [half('a'), half('b'), half('c'), aJob('whole', aPod({ gpus: 1 }))],
    })
    snapshot.shareEnforcements = ['MIG', 'MPS']
    const decided = plan(snapshot, 0)
    assert.deepEqual(admitted(decided), ['a → mps/0', 'b → mps/0', 'whole → bare/0'])
    assert.deepEqual(waiting(decided), { c: 'InsufficientCapacity' })
  })

  test('and no node does it in such a way, that is said', () => {
    const snapshot = aSnapshot({ nodes: [node('bare'), node('hami', 'HAMI_CORE')], jobs: [half('a')] })
    snapshot.shareEnforcements = ['MIG', 'DRA']
    const [explanation] = plan(snapshot, 0).explanations
    const reason = explanation && describeCause(explanation.cause)
    assert.equal(reason?.code, 'ShareNotEnforced')
    assert.include(reason?.message, 'by MIG or DRA')
  })

  test('a change of the demand is heard by a plan with a memo', () => {
    const snapshot = aSnapshot({ nodes: [node('bare')], jobs: [half('a')] })
    const memo = new Memo()
    snapshot.shareEnforcements = ['MIG']
    assert.deepEqual(waiting(plan(snapshot, 0, memo)), { a: 'ShareNotEnforced' })
    snapshot.shareEnforcements = []
    assert.deepEqual(admitted(plan(snapshot, 0, memo)), ['a → bare/0'])
  })

  test('models and labels that no node has are still told as that', () => {
    const pod = { ...aPod({ share: 500 }), nodeSelector: { zone: 'nowhere' } }
    const snapshot = aSnapshot({ nodes: [node('bare')], jobs: [aJob('a', pod)] })
    snapshot.shareEnforcements = ['MIG']
    assert.deepEqual(waiting(plan(snapshot, 0)), { a: 'NoMatchingFlavor' })
  })
})
