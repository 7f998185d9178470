import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import { gangOf } from '../model/gang.ts'
import type { PendingJob } from '../model/job.ts'
import type { AntiAffinityRule, PodMark, SpreadRule } from '../model/podRules.ts'
import { isSelected } from '../model/podRules.ts'
import type { LiveSnapshot } from '../model/snapshot.ts'
import { admitted, aJob, aNode, aPod, aSnapshot, carryOut, end, waiting } from '../testkit/builders.ts'
import { describeCause } from './describe.ts'
import { Memo } from './memo.ts'
import { type Plan, plan } from './plan.ts'

const app = (name: string) => ({ namespaces: ['t'], labels: [{ key: 'app', operator: 'In' as const, values: [name] }] })
const apart = (topologyKey: string, from: string): AntiAffinityRule => ({ topologyKey, selector: app(from) })
const spread = (topologyKey: string, over: string, maxSkew = 1): SpreadRule => ({
  ...apart(topologyKey, over),
  maxSkew,
})

interface Wish {
  slots?: number
  gpus?: number
  app?: string
  apart?: AntiAffinityRule[]
  spread?: SpreadRule[]
  priority?: number
  namespace?: string
}
function ruled(uid: string, wish: Wish = {}): PendingJob {
  const { slots = 1, gpus = 1, priority = 100, namespace = 't' } = wish
  const mark: PodMark = { namespace, labels: wish.app ? { app: wish.app } : {}, antiAffinity: wish.apart ?? [] }
  return aJob(uid, aPod({ gpus, rules: { mark, spread: wish.spread ?? [] } }), { slots, priority })
}

const host = 'kubernetes.io/hostname'
const inZones = (...zones: string[]) =>
  zones.map((zone, i) => aNode(`n${i + 1}`, { gpus: 4, labels: { zone, [host]: `n${i + 1}` } }))

describe('anti-affinity', () => {
  test('to its own kind puts each pod of a gang on a node of its own', () => {
    const jobs = [ruled('gang', { slots: 3, app: 'a', apart: [apart(host, 'a')] })]
    const decided = plan(aSnapshot({ nodes: inZones('x', 'x', 'y'), jobs }), 0)
    assert.deepEqual(admitted(decided), ['gang → n1/0 n2/0 n3/0'])
  })

  test('counts in whatever domain its label makes', () => {
    const jobs = [ruled('gang', { slots: 2, app: 'a', apart: [apart('zone', 'a')] })]
    const decided = plan(aSnapshot({ nodes: inZones('x', 'x', 'y'), jobs }), 0)
    assert.deepEqual(admitted(decided), ['gang → n1/0 n3/0'])
  })

  test('is waited for where there is room elsewhere only', () => {
    const jobs = [ruled('gang', { slots: 3, app: 'a', apart: [apart('zone', 'a')] })]
    const decided = plan(aSnapshot({ nodes: inZones('x', 'x', 'y'), jobs }), 0)
    assert.deepEqual(waiting(decided), { gang: 'PodRulesFailed' })
    const [explanation] = decided.explanations
    assert.include(explanation && describeCause(explanation.cause).message, 'podAntiAffinity')
  })

  test('looks at pods that run, and at those placed just before, of its namespaces alone', () => {
    const snapshot = aSnapshot({
      nodes: inZones('x', 'y'),
      jobs: [ruled('a', { app: 'a' }), ruled('far', { app: 'a', namespace: 'u' })],
    })
    carryOut(snapshot, plan(snapshot, 0))
    snapshot.setPending(ruled('b', { app: 'b', apart: [apart('zone', 'a')] }))
    snapshot.setPending(ruled('c', { app: 'c', apart: [apart('zone', 'b')] }))
    assert.deepEqual(admitted(plan(snapshot, 0)), ['b → n2/0', 'c → n1/2'])
  })

  test('of pods that run keeps others away too, also those that have no rule', () => {
    const snapshot = aSnapshot({
      nodes: inZones('x', 'y'),
      jobs: [ruled('lone', { app: 'a', apart: [apart('zone', 'b')] })],
    })
    const memo = new Memo()
    carryOut(snapshot, plan(snapshot, 0, memo))
    snapshot.setPending(ruled('b', { app: 'b', slots: 5 }))
    assert.deepEqual(waiting(plan(snapshot, 0, memo)), { b: 'PodRulesFailed' })
    end(snapshot, [...snapshot.running.values()])
    assert.lengthOf(plan(snapshot, 0, memo).admissions, 1)
  })

  test('is satisfied on a node that lacks the label', () => {
    const jobs = [ruled('gang', { slots: 2, app: 'a', apart: [apart('rack', 'a')] })]
    assert.lengthOf(plan(aSnapshot({ nodes: inZones('x'), jobs }), 0).admissions, 1)
  })

  test('is made room for by stopping those who are in its way, and nobody else', () => {
    const snapshot = aSnapshot({ nodes: inZones('x'), jobs: [ruled('a', { app: 'a' }), ruled('b', { app: 'b' })] })
    carryOut(snapshot, plan(snapshot, 0))
    snapshot.setPending(ruled('high', { priority: 200, apart: [apart('zone', 'a')] }))
    assert.deepEqual(
      plan(snapshot, 0).preemptions.map(({ victims }) => victims),
      [['a']],
    )
  })
})

describe('topology spread', () => {
  test('leaves no domain so many pods behind', () => {
    const jobs = [ruled('gang', { slots: 4, app: 'a', spread: [spread('zone', 'a')] })]
    const decided = plan(aSnapshot({ nodes: inZones('x', 'x', 'y'), jobs }), 0)
    const zones = decided.admissions[0]?.assignment.slots.map(({ node }) => (node === 'n3' ? 'y' : 'x')).toSorted()
    assert.deepEqual(zones, ['x', 'x', 'y', 'y'])
  })

  test('waits where the emptiest domain has no room', () => {
    const nodes = [...inZones('x'), aNode('n2', { gpus: 1, labels: { zone: 'y' } })]
    const gang = (slots: number) => ruled('gang', { slots, app: 'a', spread: [spread('zone', 'a')] })
    assert.lengthOf(plan(aSnapshot({ nodes, jobs: [gang(3)] }), 0).admissions, 1)
    assert.deepEqual(waiting(plan(aSnapshot({ nodes, jobs: [gang(4)] }), 0)), { gang: 'PodRulesFailed' })
  })

  test('never uses a node that lacks the label', () => {
    const nodes = [aNode('n1', { labels: {} }), aNode('n2', { labels: { zone: 'x' } })]
    const jobs = [ruled('one', { app: 'a', spread: [spread('zone', 'a')] })]
    assert.deepEqual(admitted(plan(aSnapshot({ nodes, jobs }), 0)), ['one → n2/0'])
  })
})

test('a gang that is spread takes as many nodes as there are, and is as dense as any where they are few', () => {
  const jobs = (slots: number) => [
    aJob('serve', aPod({ gpus: 1 }), { demand: gangOf(slots, aPod({ gpus: 1 }), undefined, true) }),
  ]
  const on = (slots: number) => plan(aSnapshot({ nodes: inZones('x', 'x', 'y'), jobs: jobs(slots) }), 0)
  assert.deepEqual(admitted(on(3)), ['serve → n1/0 n2/0 n3/0'])
  assert.deepEqual(admitted(on(4)), ['serve → n1/0 n2/0 n3/0 n1/1'])
  assert.lengthOf(on(12).admissions, 1)
})

describe('for any cluster and any rules,', () => {
  const anyRule = fc.record({ key: fc.constantFrom('zone', host), about: fc.constantFrom('a', 'b') })
  const anyJob = fc.record({
    slots: fc.integer({ min: 1, max: 4 }),
    gpus: fc.integer({ min: 1, max: 2 }),
    app: fc.constantFrom('a', 'b', undefined),
    apart: fc.option(anyRule, { nil: undefined }),
    spread: fc.option(anyRule, { nil: undefined }),
    priority: fc.constantFrom(100, 200),
  })
  const anyStart = fc.record({
    zones: fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 5 }),
    jobs: fc.array(anyJob, { maxLength: 10 }),
    later: fc.array(anyJob, { maxLength: 6 }),
  })
  type AnyJob = typeof anyJob extends fc.Arbitrary<infer T> ? T : never

  const jobFrom = (uid: string, { app: name, apart: away, spread: over, ...rest }: AnyJob) =>
    ruled(uid, {
      ...rest,
      ...(name && { app: name }),
      ...(away && { apart: [apart(away.key, away.about)] }),
      ...(over && { spread: [spread(over.key, over.about)] }),
    })

  /** Pods on each node, by what rules see of them. */
  function podsOf(snapshot: LiveSnapshot): { node: string; mark: PodMark; job: string }[] {
    return [...snapshot.running.values()].flatMap(({ uid, held }) =>
      held.map(({ node, holding }) => ({ node, mark: holding.mark as PodMark, job: uid })),
    )
  }

  test('no pod is near one that either of them must keep away from', () => {
    fc.assert(
      fc.property(anyStart, ({ zones, jobs, later }) => {
        const snapshot = aSnapshot({ nodes: inZones(...zones), jobs: jobs.map((job, i) => jobFrom(`${i}`, job)) })
        const memo = new Memo()
        carryOut(snapshot, plan(snapshot, 0, memo))
        for (const [i, job] of later.entries()) snapshot.setPending(jobFrom(`later-${i}`, job))
        const decided = plan(snapshot, 0, memo)
        assert.deepEqual(told(decided), told(plan(snapshot, 0)))
        carryOut(snapshot, { ...decided, preemptions: [] })
        const pods = podsOf(snapshot)
        const labelOf = (node: string, key: string) => snapshot.nodes.get(node)?.spec.labels[key]
        for (const [i, pod] of pods.entries()) {
          for (const { topologyKey, selector } of pod.mark.antiAffinity) {
            const near = pods.find(
              (other, j) =>
                i !== j &&
                isSelected(other.mark, selector) &&
                labelOf(other.node, topologyKey) === labelOf(pod.node, topologyKey),
            )
            assert.isUndefined(near)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  function told({ admissions, preemptions, explanations }: Plan) {
    const reasons = explanations.map(({ jobs, cause }) =>
      JSON.stringify([jobs.map(({ uid }) => uid), describeCause(cause)]),
    )
    return { admissions, preemptions, reasons: reasons.toSorted() }
  }
})
