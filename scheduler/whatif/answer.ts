import type { Assignment } from '../model/assignment.ts'
import { isGang, type PendingJob } from '../model/job.ts'
import { LASTING_CODES } from '../model/pending.ts'
import { describeCause } from '../plan/describe.ts'
import { Memo } from '../plan/memo.ts'
import { type Plan, plan } from '../plan/plan.ts'
import type { AskedWorld } from './asked.ts'
import { numbersOf } from './numbers.ts'
import { changed, prospectOf } from './prospect.ts'
import type { AnyAnswer, ExpectedStart, Outlook, Preview, Question } from './questions.ts'
import { podsByNode, rearrange } from './rearrange.ts'
import { type Limits, type Start, simulate } from './simulate.ts'
import { smallestChanges } from './smallestChange.ts'
import { World } from './world.ts'

/** Further ahead nobody is told when a job starts. */
export const HORIZON_MS = 30 * 24 * 3_600_000

/** Answers by the same `plan` that decides in the cluster. `isOver`: whether it has taken long enough. */
export function answer(asked: AskedWorld, question: Question, nowMs: number, isOver: () => boolean): AnyAnswer {
  const limits: Limits = { horizonMs: nowMs + HORIZON_MS, isOver }
  switch (question.kind) {
    case 'outlook': {
      const outlooks = question.uids.flatMap((uid) => outlookOf(asked, uid, question.withChanges, nowMs, limits) ?? [])
      return { kind: 'outlook', outlooks }
    }
    case 'preview':
      return { kind: 'preview', preview: previewOf(asked.world, question.job, nowMs, limits) }
    case 'defragmentation':
      return { kind: 'defragmentation', plan: rearrange(asked.world, question.goal, nowMs) }
    case 'simulation': {
      const ahead: Limits = { horizonMs: nowMs + question.horizonMs, isOver }
      // Both see the added jobs: what the other changes do to them is what is asked.
      const base = new World(asked.world)
      for (const job of question.changes.jobs) base.setPending(job)
      const after = changed(asked.world, question.changes)
      return {
        kind: 'simulation',
        before: prospectOf(base, simulate(base, nowMs, ahead), nowMs),
        after: prospectOf(after, simulate(after, nowMs, ahead), nowMs),
      }
    }
  }
}

/** Null where no such job waits. */
function outlookOf(
  asked: AskedWorld,
  uid: string,
  withChanges: boolean,
  nowMs: number,
  limits: Limits,
): Outlook | null {
  const { world, memo } = asked
  const job = world.pendingJob(uid)
  if (job === undefined) return null
  const { plan: planned, causes } = asked.planned(nowMs)
  const cause = causes.get(uid)
  const start = asked.forecast(nowMs, limits).starts.get(uid)
  return {
    uid,
    tenantId: job.tenantId,
    numbers: cause ? numbersOf(job, cause, world.nodes) : null,
    start: expectedStart(planned, uid, start),
    changes: withChanges && cause ? smallestChanges(world, job, cause, nowMs, { memo, isOver: limits.isOver }) : [],
  }
}

/** What would become of the job if it were submitted now. */
function previewOf(snapshot: World, job: PendingJob, nowMs: number, limits: Limits): Preview {
  const world = new World(snapshot)
  world.setPending(job)
  const memo = new Memo()
  const planned = plan(world, nowMs, memo)
  const cause = planned.explanations.find(({ jobs }) => jobs.some(({ uid }) => uid === job.uid))?.cause ?? null
  const isPossible = cause === null || !LASTING_CODES.has(cause.code)
  const start = isPossible ? simulate(world, nowMs, { ...limits, only: job.uid }).starts.get(job.uid) : undefined
  const preemption = planned.preemptions.find((each) => each.job.uid === job.uid)
  const assignment = start?.assignment ?? preemption?.assignment ?? null
  return {
    reason: cause && describeCause(cause),
    isPossible,
    podsWhenEmpty: isGang(job.demand)
      ? Math.max(
          0,
          ...memo
            .shape(job.demand)
            .flavors()
            .map(({ slotsWhenEmpty }) => slotsWhenEmpty),
        )
      : 0,
    numbers: cause && numbersOf(job, cause, world.nodes),
    start: expectedStart(planned, job.uid, start),
    place: assignment && placeOf(world, assignment),
    stops: preemption?.victims.length ?? 0,
    changes: cause ? smallestChanges(world, job, cause, nowMs, { memo, isOver: limits.isOver }) : [],
  }
}

function expectedStart({ admissions, reservations }: Plan, of: string, start: Start | undefined): ExpectedStart {
  if (admissions.some(({ job }) => job.uid === of)) return { sureness: 'NOW', atMs: start?.atMs ?? null }
  const reserved = reservations.find(({ job }) => job.uid === of)
  if (reserved?.startsAtMs != null) return { sureness: 'RESERVED', atMs: reserved.startsAtMs }
  return start === undefined ? { sureness: 'NONE', atMs: null } : { sureness: 'EXPECTED', atMs: start.atMs }
}

function placeOf(world: World, { flavor, slots }: Assignment): Preview['place'] {
  const [first] = slots
  const devices = first && world.nodes.get(first.node)?.spec.devices
  const device = devices?.find(({ index }) => index === first?.devices[0])
  return {
    flavor,
    gpuModel: device?.model ?? null,
    nodes: podsByNode(slots),
  }
}
