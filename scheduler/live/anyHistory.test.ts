import fc from 'fast-check'
import { assert, describe, test } from 'vitest'
import { ClusterError } from '../../kubernetes/cluster.ts'
import { annotations } from '../../kubernetes/names.ts'
import type { Pod } from '../../kubernetes/objects.ts'
import { lostReply, refusedWith } from '../testkit/faults.ts'
import { faultyStage, ledgerOf, nodes, podsOf, type Stage } from '../testkit/stage.ts'

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('submit' as const), job: anyWish() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat({ max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fault' as const), fault: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('evictPod' as const), which: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('failNode' as const), which: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recoverNode' as const), which: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never

function anyWish() {
  return fc.record({
    slots: fc.integer({ min: 1, max: 3 }),
    device: fc.oneof(
      fc.constant({}),
      fc.record({ gpus: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ share: fc.constantFrom('0.1', '0.25', '0.5', '1') }),
    ),
    runSeconds: fc.integer({ min: 1, max: 120 }),
    exitCode: fc.constantFrom(0, 0, 0, 1),
    completionMode: fc.constantFrom('Indexed', 'NonIndexed'),
    jobClass: fc.constantFrom('BATCH', 'TRAINING', 'INFERENCE'),
    more: fc.integer({ min: 0, max: 2 }),
  })
}

describe('whatever happens', () => {
  test('no device is given twice, and a restart finds the ledger as it was (R04, R18)', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async (steps) => {
        const world = await startWorld()
        try {
          for (const step of steps) {
            await world.take(step)
            await assertSound(world.stage)
          }
          const before = ledgerOf(world.stage)
          await world.stage.restartScheduler(world.faults.cluster)
          await world.stage.settle()
          assert.deepEqual(ledgerOf(world.stage), before)
        } finally {
          await world.stage.stop()
        }
      }),
      { numRuns: 40 },
    )
  })
})

async function startWorld() {
  const { stage, faults } = await faultyStage({ nodes: nodes(...NODES) })
  const { cluster } = stage
  const jobs: string[] = []

  async function take(step: Step): Promise<void> {
    if (step.kind === 'submit') {
      const { slots, device, more, completionMode, jobClass, ...wish } = step.job
      const name = `job-${jobs.length}`
      jobs.push(name)
      // Only NonIndexed ones may have more completions than pods at once and stay comparable over restarts; Indexed ones are elastic then.
      const isElastic = completionMode === 'Indexed' && more > 0
      const spec = {
        completionMode,
        completions: slots + more,
        parallelism: isElastic ? slots + more : slots,
        backoffLimit: 3,
        podFailurePolicy: IGNORE_DISRUPTION,
      }
      const told = { [annotations.class]: jobClass, ...(isElastic && { [annotations.minCount]: String(slots) }) }
      await stage.submit({ name, slots, annotations: told, ...device, ...wish, spec })
    } else if (step.kind === 'pass') await stage.pass(step.seconds)
    else if (step.kind === 'delete') {
      const name = jobs[step.which]
      if (name !== undefined) await ignoringGone(cluster.delete('Job', { namespace: 't', name }))
    } else if (step.kind === 'evictPod') {
      const pod = (await podsOf(cluster, jobs[step.which] ?? ''))[0]
      if (pod !== undefined) await ignoringGone(cluster.evict({ namespace: 't', name: pod.metadata.name ?? '' }))
    } else if (step.kind === 'fault') {
      const [method, fault] = FAULTS[step.fault] as (typeof FAULTS)[number]
      faults.next(method, fault)
    } else if (step.kind === 'failNode') await stage.kubelet.failNode(NODES[step.which] as string)
    else if (step.kind === 'recoverNode') await stage.kubelet.recoverNode(NODES[step.which] as string)
    else await stage.restartScheduler(faults.cluster)
    await stage.settle()
  }
  return { stage, faults, take }
}

const NODES = ['gpu-1', 'gpu-2', 'gpu-3']
const IGNORE_DISRUPTION = {
  rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
}
const FAULTS = [
  ['patch', lostReply],
  ['bind', lostReply],
  ['patch', refusedWith('UNAVAILABLE')],
  ['bind', refusedWith('TOO_MANY_REQUESTS', { retryAfterSeconds: 3 })],
  ['bind', refusedWith('CONFLICT')],
] as const

async function ignoringGone(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof ClusterError) || error.code !== 'NOT_FOUND') throw error
  }
}

/** By what stands in the cluster: no device is ever above one, and what is held is counted. */
async function assertSound({ cluster, scheduler: { snapshot } }: Stage): Promise<void> {
  const { items: pods } = await cluster.list('Pod', { namespace: 't' })
  const spans = pods.flatMap(heldSpans)
  for (const [uuid, most] of mostAtOnce(spans)) assert.isAtMost(most, 1000, `${uuid} over all time`)
  const heldNow = mostAtOnce(spans.filter(({ toMs }) => toMs === Number.POSITIVE_INFINITY))
  for (const { spec, usedThousandths } of snapshot.nodes.values()) {
    for (const [position, { uuid }] of spec.devices.entries()) {
      assert.isAtLeast(usedThousandths[position] ?? 0, heldNow.get(uuid) ?? 0, `${uuid} is counted`)
      assert.isAtMost(usedThousandths[position] ?? 0, 1000, uuid)
    }
  }
}

interface Span {
  uuid: string
  thousandths: number
  fromMs: number
  toMs: number
}

/** From when to when the pod holds each of its devices, as metering reads it. */
function heldSpans({ metadata, status }: Pod): Span[] {
  const devices: { uuid: string; share: string }[] = JSON.parse(metadata.annotations?.[annotations.devices] ?? '[]')
  const fromMs = Date.parse(metadata.annotations?.[annotations.admittedAt] ?? '')
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  const endedMs = Date.parse(status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '') || fromMs
  const toMs = hasEnded ? endedMs : Number.POSITIVE_INFINITY
  return devices.map(({ uuid, share }) => ({ uuid, thousandths: Math.round(Number(share) * 1000), fromMs, toMs }))
}

/** The most that was ever held of each device at one time; a span ends before another begins at the same second. */
function mostAtOnce(spans: readonly Span[]): Map<string, number> {
  const changes = spans.flatMap(({ uuid, thousandths, fromMs, toMs }) => [
    { uuid, atMs: fromMs, by: thousandths },
    { uuid, atMs: toMs, by: -thousandths },
  ])
  changes.sort((a, b) => (a.atMs === b.atMs ? a.by - b.by : a.atMs - b.atMs))
  const held = new Map<string, number>()
  const most = new Map<string, number>()
  for (const { uuid, by } of changes) {
    const now = (held.get(uuid) ?? 0) + by
    held.set(uuid, now)
    most.set(uuid, Math.max(most.get(uuid) ?? 0, now))
  }
  return most
}
