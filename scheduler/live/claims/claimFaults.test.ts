import { setImmediate as immediate } from 'node:timers/promises'
import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../../kubernetes/names.ts'
import {
  allocateTo,
  claiming,
  claimNodes,
  claimSpec,
  claimTemplate,
  createGpuClass,
  given,
  lonelyPod,
  namedClaim,
} from '../../testkit/claims.ts'
import { type Fault, type FaultyCluster, lostReply, refusedWith, silence } from '../../testkit/faults.ts'
import { faultyStage, podsOf, type Stage } from '../../testkit/stage.ts'

let stage: Stage
let faults: FaultyCluster
afterEach(() => stage.stop())

async function start(): Promise<void> {
  ;({ stage, faults } = await faultyStage({ nodes: claimNodes('a') }))
  await createGpuClass(stage.cluster)
  await createTemplate()
}

async function createTemplate(): Promise<void> {
  await stage.cluster.create('ResourceClaimTemplate', claimTemplate('t', 'two', claimSpec(2)))
  await stage.settle()
}

async function claims() {
  return (await stage.cluster.list('ResourceClaim', { namespace: 't' })).items
}

async function untilCalls(call: string, times: number): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    await immediate()
    if (faults.calls.filter((each) => each === call).length >= times) return
  }
  assert.fail(`${call} was not called ${times} times`)
}

/** Done, and the process is killed before it hears of it. */
const doneThenKilled: Fault = async (call) => {
  await call()
  return silence(call)
}
const asItShould: Fault = (call) => call()
const evictionOf = async (name: string) => {
  const { metadata } = await stage.job({ namespace: 't', name })
  return JSON.parse(metadata.annotations?.[annotations.evicted] ?? 'null')?.reason
}
const used = () => stage.scheduler.snapshot.nodes.get('a')?.usedThousandths

/** The writes of a pod with one claim, in their order, and how many of them a test must let by to come to each. */
const STEPS = [
  { step: 'finalizer and epoch', method: 'patch', kind: 'ResourceClaim', before: 0 },
  { step: 'allocation and reservation', method: 'patch', kind: 'ResourceClaim', before: 1 },
  { step: 'Binding', method: 'bind', kind: 'Pod', before: 0 },
] as const

for (const { step, method, kind, before } of STEPS) {
  const plan = (fault: Fault) => {
    for (let i = 0; i < before; i++) faults.next(method, asItShould, kind)
    faults.next(method, fault, kind)
  }
  async function expectToRun(): Promise<void> {
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual(['a/0+1'])
    expect((await podsOf(stage.cluster, 'j')).map(({ status }) => status?.phase)).toContain('Running')
    expect((await claims()).map(given)).toEqual([['a/gpu-0', 'a/gpu-1']])
    expect(used()).toEqual([1000, 1000, 0, 0])
  }

  describe(`the write of ${step}`, () => {
    for (const [when, fault] of [
      ['before', silence],
      ['after', doneThenKilled],
    ] as const) {
      test(`whose scheduler is killed ${when} it is gone on with by the next`, async () => {
        await start()
        plan(fault)
        await stage.submit(claiming({ template: 'two' }, { name: 'j' }))
        await untilCalls(`${method} ${kind}`, before + 1)
        await stage.restartScheduler()
        await expectToRun()
      })
    }

    test('whose answer is lost is found done', async () => {
      await start()
      plan(lostReply)
      await stage.submit(claiming({ template: 'two' }, { name: 'j' }))
      await expectToRun()
    })

    for (const code of ['CONFLICT', 'INVALID', 'TOO_MANY_REQUESTS', 'UNAVAILABLE'] as const) {
      if (method === 'bind' && code === 'INVALID') continue
      test(`that is refused with ${code} is made again`, async () => {
        await start()
        plan(refusedWith(code))
        await stage.submit(claiming({ template: 'two' }, { name: 'j' }))
        await expectToRun()
      })
    }

    test('of a pod that is gone by then leaves no device behind', async () => {
      await start()
      plan(async (call) => {
        for (const { metadata } of await podsOf(stage.cluster, 'j')) {
          await stage.cluster.delete('Pod', { namespace: 't', name: metadata.name ?? '' })
        }
        return call()
      })
      await stage.submit(claiming({ template: 'two' }, { name: 'j', spec: { backoffLimit: 3 } }))
      await stage.pass(60)
      await expectToRun()
    })
  })
}

describe('a claim that an earlier decision gave other devices', () => {
  test('gives them back and gets those of its place', async () => {
    await start()
    faults.next('bind', silence)
    await stage.submit(claiming({ template: 'two' }, { name: 'j' }))
    await untilCalls('bind Pod', 1)
    const [pod] = await podsOf(stage.cluster, 'j')
    const [claim] = await claims()
    await allocateTo(stage.cluster, claim?.metadata.name ?? '', ['gpu-2', 'gpu-3'], pod)
    await stage.restartScheduler()
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual(['a/0+1'])
    expect((await claims()).map(given)).toEqual([['a/gpu-0', 'a/gpu-1']])
    expect(used()).toEqual([1000, 1000, 0, 0])
  })
})

describe('a claim that another pod has taken meanwhile', () => {
  test('makes its job wait again, without its devices', async () => {
    await start()
    await stage.cluster.create('ResourceClaim', namedClaim('t', 'mine', claimSpec(2)))
    const other = await lonelyPod(stage.cluster, 'other', 'mine')
    faults.next(
      'patch',
      async (call) => {
        await allocateTo(stage.cluster, 'mine', ['gpu-2', 'gpu-3'], other)
        return call()
      },
      'ResourceClaim',
    )
    await stage.submit(claiming({ claim: 'mine' }, { name: 'j' }))
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual([])
    expect(await evictionOf('j')).toBe('ClaimUnusable')
    expect(used()).toEqual([0, 0, 1000, 1000])
  })
})

describe('a device that somebody else allocates while its slot waits for a pod', () => {
  test('is given up, and the job gets others', async () => {
    await start()
    faults.next(
      'patch',
      async (call) => {
        await stage.cluster.delete('ResourceClaimTemplate', { namespace: 't', name: 'two' })
        return call()
      },
      'Job',
    )
    await stage.submit(claiming({ template: 'two' }, { name: 'j' }))
    await stage.settle()
    expect(await stage.placesOf('j')).toEqual([])
    expect(used()).toEqual([1000, 1000, 0, 0])
    await stage.cluster.create('ResourceClaim', namedClaim('t', 'foreign', claimSpec(1)))
    await allocateTo(stage.cluster, 'foreign', ['gpu-1'], await lonelyPod(stage.cluster, 'other', 'foreign'))
    await stage.settle()
    expect(await evictionOf('j')).toBe('AssignmentConflict')
    await createTemplate()
    await stage.pass(60)
    expect(await stage.placesOf('j')).toEqual(['a/0+2'])
  })
})
