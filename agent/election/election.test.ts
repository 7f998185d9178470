import { setImmediate as immediate } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, assert, beforeEach, describe, expect, test } from 'vitest'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { SYSTEM_NAMESPACE } from '../../kubernetes/names.ts'
import { startTestCluster, type TestCluster } from '../../kubernetes/simulated/testkit.ts'
import { type ManualTimers, manualTimers } from '../../scheduler/testkit/stage.ts'
import { overriding } from '../testkit/overriding.ts'
import { DEFAULT_TIMES, type Election, startElection } from './election.ts'
import { type Holder, newHolder } from './holder.ts'
import type { Leadership } from './leadership.ts'
import { LEASE } from './lease.ts'

let simulated: TestCluster
let cluster: Cluster
/** All agents' together: what time it is for one it is for the others. */
let timers: ManualTimers
const candidates: { election: Election }[] = []
beforeEach(async () => {
  simulated = await startTestCluster()
  cluster = simulated.cluster
  timers = manualTimers()
  const metadata = { name: SYSTEM_NAMESPACE }
  await cluster.apply('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata })
})
afterEach(async () => {
  await Promise.all([Promise.all(candidates.splice(0).map(({ election }) => election.stop())), pass(5_000)])
  await simulated.stop()
})

interface Candidate {
  election: Election
  holder: Holder
  /** Of each term it has led, in order. */
  terms: Leadership[]
  readonly leads: boolean
}

function candidate(
  options: { cluster?: Cluster; holder?: Holder; wallMs?: () => number; leaves?: boolean } = {},
): Candidate {
  const holder = options.holder ?? newHolder()
  const terms: Leadership[] = []
  const election = startElection({
    cluster: options.cluster ?? cluster,
    holder,
    times: DEFAULT_TIMES,
    timers,
    monotonicMs: () => timers.nowMs(),
    wall: { nowMs: options.wallMs ?? (() => timers.nowMs()) },
    log: pino({ level: 'silent' }),
    async lead(leadership) {
      terms.push(leadership)
      if (!leadership.lost.aborted)
        await new Promise((resolve) => leadership.lost.addEventListener('abort', resolve, { once: true }))
      return options.leaves !== false
    },
  })
  const made = {
    election,
    holder,
    terms,
    get leads() {
      return terms.at(-1)?.isHeld() ?? false
    },
  }
  candidates.push(made)
  return made
}

/** In steps, each with what follows from it. */
async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs <= ms; passedMs += 100) {
    timers.pass(100)
    for (let turn = 0; turn < 5; turn++) await immediate()
  }
}
const lease = () => cluster.get('Lease', LEASE)

/** Loses answers, or requests, of writes to the Lease. */
function lossy(lose: (call: () => Promise<unknown>, nth: number) => Promise<void>): Cluster {
  let count = 0
  const losing = async <T>(kind: string, call: () => Promise<T>): Promise<T> => {
    if (kind === 'Lease') await lose(call, ++count)
    return call()
  }
  return overriding(cluster, {
    create: (kind, object, how) => losing(kind, () => cluster.create(kind, object, how)),
    patch: (kind, ref, patch, how) => losing(kind, () => cluster.patch(kind, ref, patch, how)),
  })
}
const lostAnswer = new ClusterError('TIMEOUT', 'the answer was lost')

describe('an election', () => {
  test('has one winner, who renews for as long as it likes', async () => {
    const first = candidate()
    await pass(1_000)
    const second = candidate()
    await pass(120_000)
    assert.isTrue(first.leads)
    assert.equal(first.terms.length, 1)
    assert.isEmpty(second.terms)
    assert.equal((await lease()).spec?.holderIdentity, first.holder.identity)
  })

  test('of many at once has one winner too', async () => {
    const all = Array.from({ length: 5 }, () => candidate())
    await pass(10_000)
    assert.equal(all.filter(({ leads }) => leads).length, 1)
  })

  test('is won at once where the Lease was given back, and nothing of the last term can be under way', async () => {
    const first = candidate()
    await pass(1_000)
    const second = candidate()
    await pass(1_000)
    await Promise.all([first.election.stop(), pass(3_000)])
    assert.isTrue(second.leads)
    assert.isFalse(second.terms[0]?.mayHavePredecessor)
    assert.equal((await lease()).spec?.leaseTransitions, 1)
  })

  test('is won no sooner than the Lease has run out where its holder went without a word', async () => {
    await cluster.create('Lease', leaseOf('another-machine_1_x'))
    const next = candidate()
    await pass(14_000)
    assert.isEmpty(next.terms)
    await pass(4_000)
    assert.isTrue(next.leads)
    assert.isTrue(next.terms[0]?.mayHavePredecessor)
  })

  test('is won at once where the holder was a process of this machine that is no more', async () => {
    const machine = { name: 'here', pid: 100, isRunning: (pid: number) => pid !== 99 }
    await cluster.create('Lease', leaseOf('here_99_x'))
    const next = candidate({ holder: newHolder(machine) })
    await pass(500)
    assert.isTrue(next.leads)
    assert.isFalse(next.terms[0]?.mayHavePredecessor)
  })

  test('is lost at once where the Lease is deleted or taken, and stood for again', async () => {
    const first = candidate()
    await pass(1_000)
    await cluster.delete('Lease', LEASE)
    await pass(4_000)
    assert.isTrue(first.terms[0]?.lost.aborted)
    await pass(4_000)
    assert.equal(first.terms.length, 2)
    await cluster.patch('Lease', LEASE, [{ op: 'add', path: '/spec/holderIdentity', value: 'another-machine_1_x' }])
    await pass(4_000)
    assert.isFalse(first.leads)
  })
})

describe('a leader', () => {
  test('whose renewals get no answer stops before anybody else may begin', async () => {
    let isCutOff = false
    const first = candidate({ cluster: lossy(async () => void (isCutOff && (await Promise.reject(lostAnswer)))) })
    await pass(1_000)
    const second = candidate()
    isCutOff = true
    await pass(10_500)
    assert.isFalse(first.leads)
    assert.isEmpty(second.terms)
    await pass(10_000)
    assert.isTrue(second.leads)
  })

  test('whose renewals are done but never answered goes on: the Lease says whose it is', async () => {
    const dropping = lossy(async (call, nth) => {
      if (nth % 2 === 1) return
      await call()
      throw lostAnswer
    })
    const first = candidate({ cluster: dropping })
    await pass(60_000)
    assert.isTrue(first.leads)
    assert.equal(first.terms.length, 1)
  })

  test('whose very claim was done but not answered leads, and counts it as what it was', async () => {
    await cluster.create('Lease', leaseOf('another-machine_1_x'))
    const dropping = lossy(async (call, nth) => {
      if (nth > 1) return
      await call()
      throw lostAnswer
    })
    const next = candidate({ cluster: dropping })
    await pass(20_000)
    assert.isTrue(next.leads)
    assert.isTrue(next.terms[0]?.mayHavePredecessor)
  })

  test('is not moved by a wall clock that jumps, neither its own nor another’s', async () => {
    let offsetMs = 0
    const first = candidate({ wallMs: () => timers.nowMs() + offsetMs })
    await pass(1_000)
    const second = candidate({ wallMs: () => timers.nowMs() - 86_400_000 })
    for (const jumpMs of [86_400_000, -86_400_000, 0]) {
      offsetMs = jumpMs
      await pass(20_000)
      assert.isTrue(first.leads)
    }
    assert.isEmpty(second.terms)
  })

  test('that was asleep for too long knows it before its timers do', async () => {
    const first = candidate()
    await pass(1_000)
    const [term] = first.terms
    assert.isTrue(term?.isHeld())
    timers.sleep(11_000)
    assert.isFalse(term?.isHeld())
    assert.isTrue(term?.lost.aborted)
  })

  test('that leaves something unanswered does not give the Lease back', async () => {
    const first = candidate({ leaves: false })
    await pass(1_000)
    await Promise.all([first.election.stop(), pass(1_000)])
    assert.equal((await lease()).spec?.holderIdentity, first.holder.identity)
  })
})

test('the first look that is refused is told, and others are tried again', async () => {
  const forbidden = overriding(cluster, { get: () => Promise.reject(new ClusterError('FORBIDDEN', 'no')) })
  const { election } = candidate({ cluster: forbidden })
  await expect(election.standsBy).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

function leaseOf(holderIdentity: string) {
  const spec = { holderIdentity, leaseDurationSeconds: 15, renewTime: '2020-01-01T00:00:00.000000Z' }
  return { apiVersion: 'coordination.k8s.io/v1' as const, kind: 'Lease' as const, metadata: LEASE, spec }
}
