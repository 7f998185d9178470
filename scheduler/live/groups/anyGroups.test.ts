import fc from 'fast-check'
import { assert, test } from 'vitest'
import { annotations, labels } from '../../../kubernetes/names.ts'
import type { Pod } from '../../../kubernetes/objects.ts'
import { lostReply, refusedWith } from '../../testkit/faults.ts'
import { createPods, release } from '../../testkit/groups.ts'
import { faultyStage, ledgerOf, nodes } from '../../testkit/stage.ts'

const NODES = ['gpu-1', 'gpu-2']
/** How many pods each group says it has, and the GPUs of each. */
const GROUPS = [
  { name: 'a', size: 2, gpus: 1, jobClass: 'BATCH' },
  { name: 'b', size: 3, gpus: 2, jobClass: 'TRAINING' },
  { name: 'c', size: 4, gpus: 1, jobClass: 'INFERENCE' },
] as const
const FAULTS = [
  ['patch', lostReply],
  ['bind', lostReply],
  ['patch', refusedWith('UNAVAILABLE')],
  ['patch', refusedWith('CONFLICT')],
  ['bind', refusedWith('CONFLICT')],
] as const

const anyGroup = fc.nat({ max: GROUPS.length - 1 })
const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      group: anyGroup,
      pods: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat({ max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fault' as const), fault: fc.nat({ max: FAULTS.length - 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failNode' as const), which: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recoverNode' as const), which: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const), which: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

test('whatever happens, no group is ever bound in part, no device is given twice, and a restart finds the ledger as it was', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async (steps) => {
      const world = await startWorld()
      try {
        let before = await world.pods()
        for (const step of steps) {
          await world.take(step)
          const now = await world.pods()
          assertWhole(before, now)
          assertAlone(now)
          before = now
        }
        const ledger = ledgerOf(world.stage)
        // Without the faults that have not come about yet.
        await world.stage.restartScheduler()
        await world.stage.settle()
        assert.deepEqual(ledgerOf(world.stage), ledger)
      } finally {
        await world.stage.stop()
      }
    }),
    { numRuns: 60 },
  )
})

/** A turn of a group begins with all of its pods; later ones take the places of those that are gone. */
function assertWhole(before: readonly Pod[], now: readonly Pod[]): void {
  const begun = byTurn(before)
  for (const [turn, members] of byTurn(now)) {
    if (begun.has(turn)) continue
    const size = Number(members[0]?.metadata.annotations?.[annotations.groupSize])
    assert.isAtLeast(members.length, size, `of group and turn ${turn}`)
  }
}

function byTurn(pods: readonly Pod[]): Map<string, Pod[]> {
  const bound = pods.filter(({ metadata }) => metadata.annotations?.[annotations.groupTurn] !== undefined)
  return Map.groupBy(
    bound,
    ({ metadata }) => `${metadata.labels?.[labels.group]} ${metadata.annotations?.[annotations.groupTurn]}`,
  )
}

function assertAlone(pods: readonly Pod[]): void {
  const holders = new Map<string, string>()
  for (const { metadata, spec, status } of pods) {
    if (spec?.nodeName === undefined || /Succeeded|Failed/.test(status?.phase ?? '')) continue
    for (const { index } of JSON.parse(metadata.annotations?.[annotations.devices] ?? '[]') as { index: number }[]) {
      const device = `${spec.nodeName}/${index}`
      assert.isUndefined(holders.get(device), `${device} of ${metadata.name}`)
      holders.set(device, metadata.name ?? '')
    }
  }
}

async function startWorld() {
  const { stage, faults } = await faultyStage({ nodes: nodes(...NODES) })
  let podsMade = 0
  const pods = async () => (await stage.cluster.list('Pod', { namespace: 't' })).items

  async function remove(which: number): Promise<void> {
    const name = (await pods())[which]?.metadata.name
    if (name !== undefined) await stage.cluster.delete('Pod', { namespace: 't', name })
  }
  async function take(step: Step): Promise<void> {
    if (step.kind === 'create') {
      const { jobClass, ...group } = GROUPS[step.group] as (typeof GROUPS)[number]
      const wish = { ...group, runSeconds: 40 + step.pods * 20, annotations: { [annotations.class]: jobClass } }
      await createPods(stage.cluster, wish, step.pods, podsMade)
      podsMade += step.pods
    } else if (step.kind === 'pass') await stage.pass(step.seconds)
    else if (step.kind === 'delete') await remove(step.which)
    else if (step.kind === 'lose') {
      // Between a decision and the Bindings.
      faults.next('patch', (call) => call().finally(() => remove(step.which)), 'Pod')
    } else if (step.kind === 'fault') {
      const [method, fault] = FAULTS[step.fault] as (typeof FAULTS)[number]
      faults.next(method, fault)
    } else if (step.kind === 'failNode') await stage.kubelet.failNode(NODES[step.which] as string)
    else if (step.kind === 'recoverNode') await stage.kubelet.recoverNode(NODES[step.which] as string)
    else if (step.kind === 'release') await release(stage.cluster, await pods())
    else await stage.restartScheduler(faults.cluster)
    await stage.settle()
  }
  return { stage, pods, take }
}
