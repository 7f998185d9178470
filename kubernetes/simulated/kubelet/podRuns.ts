import type { DomainClock } from '../../../platform/clock.ts'
import { annotations } from '../../names.ts'
import type { Pod } from '../../objects.ts'
import type { EnergyMeter } from '../telemetry/energyMeter.ts'
import type { Account } from './account.ts'
import { admitPod, type Rejection, requestsOf } from './admitPod.ts'
import type { NodeState } from './nodes.ts'
import { NodeUsage } from './nodeUsage.ts'
import { millionths, podDevices } from './podDevices.ts'
import { hasEnded, type PodRun, scriptOf, timesOf } from './podRun.ts'
import { creatingStatus, endedStatus, type PodEnd, type PodStatus, rejectedStatus, runningStatus } from './podStatus.ts'
import type { PodWriter } from './podWriter.ts'

/** As a program ends that SIGTERM, or the loss of its machine, ends. */
const SIGTERM_EXIT_CODE = 143
const SIGKILL_EXIT_CODE = 137

export interface PodRunsDeps {
  clock: DomainClock
  writer: PodWriter
  account: Account
  energy: EnergyMeter
  startupMs: number
  onSettled(): void
  nodeOf(pod: Pod): NodeState | undefined
  tenantOf(namespace: string): Promise<string | null>
  /** Why its claims cannot be prepared; null: they can. */
  unpreparedClaim(pod: Pod): Promise<string | null>
}

/** The pods on the kubelet's nodes, each from its binding to its end. */
export class PodRuns {
  readonly #deps: PodRunsDeps
  readonly #runs = new Map<string, PodRun>()
  readonly #usage = new NodeUsage()
  readonly #underWay = new Set<Promise<void>>()

  constructor(deps: PodRunsDeps) {
    this.#deps = deps
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0
  }

  /** Pods that are running now. */
  *running(): Iterable<PodRun> {
    for (const run of this.#runs.values()) if (run.stage === 'running') yield run
  }

  isKnown(uid: string): boolean {
    return this.#runs.has(uid)
  }

  /** A pod was seen for the first time or has changed. */
  see(pod: Pod): void {
    const node = this.#deps.nodeOf(pod)
    if (node === undefined) return
    const known = this.#runs.get(pod.metadata.uid as string)
    if (known === undefined) {
      this.#begin(pod, node)
    } else {
      known.pod = pod
      this.#heedDeletion(known)
    }
  }

  /** A pod is gone. Where nobody waited for its end, it ends now. */
  lose(pod: Pod): void {
    const run = this.#runs.get(pod.metadata.uid as string)
    if (run === undefined) return
    this.#runs.delete(run.uid)
    if (run.end === null) {
      this.#close(run, this.#endNow(SIGKILL_EXIT_CODE))
      this.#inOrder(run, async () => this.#count(run))
    }
    this.#inOrder(run, async () => this.#deps.account.forget(run.uid))
  }

  /** The node's machine stops: its pods are lost, those not begun yet wait for its return. */
  failNode(node: NodeState): void {
    for (const run of this.#runs.values()) {
      if (run.node === node && run.end === null)
        this.#end(run, { ...this.#endNow(SIGKILL_EXIT_CODE), isDisruption: true })
    }
  }

  recoverNode(node: NodeState): void {
    for (const run of this.#runs.values()) {
      if (run.node !== node || run.stage !== 'waiting') continue
      this.#admit(run)
      this.#heedDeletion(run)
    }
  }

  async stop(): Promise<void> {
    for (const run of this.#runs.values()) run.cancelTimer?.()
    await Promise.all(this.#underWay)
  }

  #begin(pod: Pod, node: NodeState): void {
    const { startedAtMs, finishedAtMs } = timesOf(pod)
    const admittedAt = pod.metadata.annotations?.[annotations.admittedAt]
    const run: PodRun = {
      uid: pod.metadata.uid as string,
      node,
      devices: podDevices(pod) ?? [],
      requests: requestsOf(pod),
      admittedAtMs: admittedAt === undefined ? this.#deps.clock.nowMs() : Date.parse(admittedAt),
      pod,
      stage: 'waiting',
      startedAtMs,
      end: null,
      tenantId: null,
      cancelTimer: undefined,
      writes: Promise.resolve(),
      isReported: false,
    }
    this.#runs.set(run.uid, run)
    if (hasEnded(pod)) {
      this.#takeUpEnded(run, finishedAtMs)
    } else {
      this.#deps.account.hold(run.uid, run.devices)
      if (pod.status?.phase === 'Running' && startedAtMs !== null) this.#takeUpRunning(run, startedAtMs)
      else if (node.isUp) this.#admit(run)
      this.#heedDeletion(run)
    }
  }

  /** Ended in an earlier life of this kubelet, and perhaps not counted there. */
  #takeUpEnded(run: PodRun, finishedAtMs: number | null): void {
    run.stage = 'ended'
    run.end = { ...this.#endNow(0), finishedAtMs: finishedAtMs ?? this.#deps.clock.nowMs() }
    this.#inOrder(run, async () => {
      await this.#count(run)
      run.isReported = true
      await this.#letGo(run)
    })
  }

  /** Started in an earlier life: it has run on meanwhile, and does not start again. */
  #takeUpRunning(run: PodRun, startedAtMs: number): void {
    this.#usage.take(run)
    run.stage = 'running'
    this.#draw(run, 1)
    this.#endLater(run, startedAtMs)
  }

  #admit(run: PodRun): void {
    if (!run.pod.spec?.resourceClaims?.length) {
      this.#letIn(run, null)
      return
    }
    this.#inOrder(run, async () => {
      const unprepared = await this.#deps.unpreparedClaim(run.pod)
      if (run.stage === 'waiting') this.#letIn(run, unprepared)
    })
  }

  #letIn(run: PodRun, unprepared: string | null): void {
    const rejection = admitPod(run.pod, podDevices(run.pod), run.node, this.#usage.of(run.node), unprepared)
    if (rejection !== null) this.#reject(run, rejection)
    else this.#startLater(run)
  }

  #reject(run: PodRun, rejection: Rejection): void {
    const end = this.#endNow(0)
    this.#close(run, end)
    this.#reportEnd(run, (pod) => rejectedStatus(pod, rejection, end.finishedAtMs))
  }

  #startLater(run: PodRun): void {
    const nowMs = this.#deps.clock.nowMs()
    this.#usage.take(run)
    run.stage = 'starting'
    // Begun in an earlier life of this kubelet, or now.
    const since = run.pod.status?.startTime
    const startsAtMs = (since === undefined ? nowMs : Date.parse(since)) + this.#deps.startupMs
    if (startsAtMs <= nowMs) {
      this.#start(run, nowMs)
    } else {
      if (since === undefined) this.#report(run, (pod) => creatingStatus(pod, nowMs))
      run.cancelTimer = this.#deps.clock.schedule(startsAtMs, () => this.#start(run, startsAtMs))
    }
  }

  #start(run: PodRun, startedAtMs: number): void {
    run.stage = 'running'
    this.#draw(run, 1)
    run.startedAtMs = startedAtMs
    this.#report(run, (pod) => runningStatus(pod, startedAtMs))
    this.#endLater(run, startedAtMs)
  }

  #endLater(run: PodRun, startedAtMs: number): void {
    const { runMs, exitCode } = scriptOf(run.pod)
    const finishedAtMs = startedAtMs + runMs
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    run.cancelTimer = this.#deps.clock.schedule(finishedAtMs, () =>
      this.#end(run, { exitCode, finishedAtMs, reason, isDisruption: false }),
    )
  }

  /** Its devices draw more power from now on, or less. */
  #draw({ devices }: PodRun, sign: 1 | -1): void {
    const { energy, clock } = this.#deps
    for (const { uuid, share } of devices) energy.change(uuid, (sign * millionths(share)) / 1_000_000, clock.nowMs())
  }

  #heedDeletion(run: PodRun): void {
    if (run.pod.metadata.deletionTimestamp === undefined || !run.node.isUp) return
    if (run.end === null) this.#endWhenStopped(run)
    else if (run.isReported) this.#inOrder(run, () => this.#letGo(run))
  }

  /** It was told to end when its grace began, and takes its time, but not more than that. */
  #endWhenStopped(run: PodRun): void {
    const { deletionTimestamp = '', deletionGracePeriodSeconds = 0 } = run.pod.metadata
    const killedAtMs = Date.parse(deletionTimestamp)
    const stoppedAtMs = Math.min(killedAtMs, killedAtMs - deletionGracePeriodSeconds * 1_000 + scriptOf(run.pod).stopMs)
    if (run.stage !== 'running' || stoppedAtMs <= this.#deps.clock.nowMs()) {
      this.#end(run, this.#endNow(SIGTERM_EXIT_CODE))
      return
    }
    run.cancelTimer?.()
    run.cancelTimer = this.#deps.clock.schedule(stoppedAtMs, () => this.#end(run, this.#endNow(SIGTERM_EXIT_CODE)))
  }

  #endNow(exitCode: number): PodEnd {
    return { exitCode, finishedAtMs: this.#deps.clock.nowMs(), reason: 'Error', isDisruption: false }
  }

  #end(run: PodRun, end: PodEnd): void {
    const hasRun = run.startedAtMs !== null
    const actual: PodEnd = hasRun ? end : { ...end, exitCode: SIGKILL_EXIT_CODE, reason: 'ContainerStatusUnknown' }
    this.#close(run, actual)
    this.#reportEnd(run, (pod) => endedStatus(pod, run.startedAtMs, actual))
  }

  #close(run: PodRun, end: PodEnd): void {
    run.cancelTimer?.()
    if (run.stage === 'starting' || run.stage === 'running') this.#usage.giveBack(run)
    if (run.stage === 'running') this.#draw(run, -1)
    run.stage = 'ended'
    run.end = end
    this.#deps.account.letGo(run.uid, run.devices)
  }

  #report(run: PodRun, statusFrom: (pod: Pod) => PodStatus): void {
    this.#inOrder(run, () => this.#write(run, statusFrom))
  }

  #reportEnd(run: PodRun, statusFrom: (pod: Pod) => PodStatus): void {
    this.#inOrder(run, async () => {
      await this.#write(run, statusFrom)
      await this.#count(run)
      run.isReported = true
      await this.#letGo(run)
    })
  }

  async #write(run: PodRun, statusFrom: (pod: Pod) => PodStatus): Promise<void> {
    const written = await this.#deps.writer.writeStatus(run.pod, statusFrom)
    if (written !== null) run.pod = written
  }

  /** Counted only when the end stands in the cluster: after a crash in between it is taken up and counted then. */
  async #count(run: PodRun): Promise<void> {
    const tenantId = await this.#deps.tenantOf(run.pod.metadata.namespace as string)
    const finishedAtMs = run.end?.finishedAtMs ?? run.admittedAtMs
    this.#deps.account.count(run.uid, tenantId, run.devices, run.admittedAtMs, finishedAtMs)
  }

  /** Ends the grace of a deleted pod, or of one whose node is lost. */
  async #letGo(run: PodRun): Promise<void> {
    const { deletionTimestamp, deletionGracePeriodSeconds } = run.pod.metadata
    const isLingering = deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) > 0
    const isLost = run.end?.isDisruption === true && deletionTimestamp === undefined
    if (isLingering || isLost) await this.#deps.writer.letGo(run.pod)
  }

  #inOrder(run: PodRun, write: () => Promise<void>): void {
    const writes = run.writes.then(write).finally(() => {
      this.#underWay.delete(writes)
      this.#deps.onSettled()
    })
    this.#underWay.add(writes)
    run.writes = writes
  }
}
