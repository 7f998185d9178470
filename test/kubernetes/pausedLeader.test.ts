import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Agent } from '../../agent/agent.ts'
import { type HoldingCluster, holding } from '../../agent/testkit/holding.ts'
import { annotations, labels } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import type { Timers } from '../../platform/timers.ts'
import type { CloudTenant } from '../testkit/cloudTenant.ts'
import { intervalsOf } from '../testkit/intervals.ts'
import { until } from '../testkit/until.ts'
import { type RealCloud, startRealCloud } from './realCloud.ts'
import { onRealControlPlane } from './realControlPlane.ts'
import { last, type ObjectRecord } from './records.ts'

const TIMES = { durationMs: 3_000, renewWithinMs: 2_400, renewEveryMs: 400, pollMs: 300 }

/** A process that can be stopped as by SIGSTOP between a decision and its write: none of its clocks go on. */
interface PausableAgent {
  agent: Agent
  held: HoldingCluster
  pause(): void
  wake(): void
}

onRealControlPlane((controlPlane) => {
  let cloud: RealCloud
  let acme: CloudTenant
  let old: PausableAgent
  let next: Agent
  beforeAll(async () => {
    cloud = await startRealCloud(controlPlane, 1)
    acme = await cloud.tenant('acme')
    await cloud.stopAgent()
  })
  afterAll(async () => {
    old?.wake()
    await Promise.all([old?.agent.stop(), next?.stop()])
    await cloud?.stop()
  })

  async function pausableAgent(): Promise<PausableAgent> {
    const held = holding(cloud.agentsCluster)
    let stoppedAtMs: number | null = null
    let lostMs = 0
    const waiting = new Set<() => void>()
    const timers: Timers = {
      after(delayMs, run) {
        const due = () => void (stoppedAtMs === null ? run() : waiting.add(run))
        const timer = setTimeout(due, delayMs)
        return () => {
          clearTimeout(timer)
          waiting.delete(run)
        }
      },
    }
    const monotonicMs = () => (stoppedAtMs ?? performance.now()) - lostMs
    const election = { times: TIMES, requestTimeoutMs: 1_000, isShared: true, monotonicMs }
    const agent = await cloud.anotherAgent({ cluster: held.cluster, timers, election })
    return {
      agent,
      held,
      pause() {
        stoppedAtMs = performance.now()
      },
      wake() {
        if (stoppedAtMs === null) return
        // It notices nothing of the time that has passed, which is worse than any pause of a process.
        lostMs += performance.now() - stoppedAtMs
        stoppedAtMs = null
        held.letGo()
        for (const run of waiting) run()
      },
    }
  }
  const recordOf = <T extends Job | Pod>(all: ObjectRecord<T>[], id: string) =>
    all.filter((each) => last(each).metadata.labels?.[labels.job] === id)
  const epochOf = (id: string) => recordOf(cloud.jobs.all(), id).map(last)[0]?.metadata.annotations?.[annotations.epoch]

  test('a leader that is paused between decision and write is refused when it wakes; no GPU is given twice (R05)', async () => {
    const wholeNode = { resources: { gpu: { count: 8 } }, runSeconds: 3 }
    old = await pausableAgent()
    expect(old.agent.isLeading).toBe(true)
    next = await cloud.anotherAgent({ election: { times: TIMES, requestTimeoutMs: 1_000, isShared: true } })
    expect(next.isLeading).toBe(false)

    const isCaught = old.held.holdFrom((what, name) => what === 'patch' && name.startsWith('late'))
    const late = await acme.submitJob({ ...wholeNode, name: 'late' })
    await isCaught
    old.pause()
    const urgent = await acme.submitJob({ ...wholeNode, name: 'urgent', class: 'INFERENCE' })
    await acme.eventsUntil(urgent, 'ADMITTED')
    expect(next.isLeading).toBe(true)
    expect(old.agent.isLeading, 'it does not know better').toBe(true)

    old.wake()
    await until('the old one knows', async () => !old.agent.isLeading, Boolean)
    expect(old.held.outcomes).toContain('FORBIDDEN')
    expect(old.held.outcomes).not.toContain('done')
    for (const id of [urgent, late]) await acme.eventsUntil(id, 'METERED')

    expect(epochOf(late), 'both were decided in one term').toBe(epochOf(urgent))
    const rows = await intervalsOf(cloud, acme)
    const seconds = rows.reduce((sum, row) => sum + Number(row.gpu_seconds), 0)
    expect(seconds).toBe(Number(cloud.kubelet.account().gpuSecondsByTenant.get(acme.id)))
    const devices = Map.groupBy(rows, ({ device }) => device).values()
    for (const held of devices) {
      const [first, second] = held.sort((a, b) => (a.start ?? '').localeCompare(b.start ?? ''))
      expect(held).toHaveLength(2)
      expect(Date.parse(second?.start ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.end ?? ''))
    }
  })
})
