import type { JobKind, TraceJob } from './trace.ts'

/** What became of one job. */
interface Course {
  readonly job: TraceJob
  readonly createdMs: number
  firstAdmittedMs: number | null
  /** Since when it runs; null: it does not. */
  runsSinceMs: number | null
  isFinished: boolean
}

/** What became of the jobs of a trace, as somebody sees it who watches the cluster. */
export class Tally {
  readonly #courses = new Map<string, Course>()
  #evictions = 0
  #lostCoreMs = 0
  #heldCoreMs = 0
  #finished = 0
  #lastMs = 0

  /** Jobs that have. */
  get finished(): number {
    return this.#finished
  }

  /** @param atMs from the beginning of the trace, as everywhere here */
  created(job: TraceJob, atMs: number): void {
    this.#courses.set(job.name, { job, createdMs: atMs, firstAdmittedMs: null, runsSinceMs: null, isFinished: false })
  }

  admitted({ name }: TraceJob, atMs: number): void {
    const course = this.#courseOf(name)
    course.firstAdmittedMs ??= atMs
    course.runsSinceMs = atMs
  }

  /** What it has done is lost: it begins anew. */
  evicted(job: TraceJob, atMs: number): void {
    this.#evictions += 1
    this.#lostCoreMs += this.#leave(job, atMs)
  }

  finish(job: TraceJob, atMs: number): void {
    this.#leave(job, atMs)
    this.#courseOf(job.name).isFinished = true
    this.#finished += 1
    this.#lastMs = Math.max(this.#lastMs, atMs)
  }

  /** @param capacityCpu cores of all queues together */
  figures(kinds: readonly JobKind[], capacityCpu: number) {
    const courses = [...this.#courses.values()]
    const usefulCoreMs = courses
      .filter(({ isFinished }) => isFinished)
      .reduce((sum, { job }) => sum + job.kind.cpu * job.kind.runMs, 0)
    const offeredCoreMs = capacityCpu * this.#lastMs
    return {
      makespanSeconds: seconds(this.#lastMs),
      meanWaitSeconds: Object.fromEntries(
        kinds.map((kind) => [kind.name, seconds(meanWaitMs(courses.filter(({ job }) => job.kind === kind)))]),
      ),
      evictions: this.#evictions,
      workLostCoreSeconds: seconds(this.#lostCoreMs),
      usefulUtilisation: ratio(usefulCoreMs, offeredCoreMs),
      heldUtilisation: ratio(this.#heldCoreMs, offeredCoreMs),
    }
  }

  /** @returns what it held since it runs */
  #leave({ name, kind }: TraceJob, atMs: number): number {
    const course = this.#courseOf(name)
    const coreMs = course.runsSinceMs === null ? 0 : (atMs - course.runsSinceMs) * kind.cpu
    course.runsSinceMs = null
    this.#heldCoreMs += coreMs
    return coreMs
  }

  #courseOf(name: string): Course {
    const course = this.#courses.get(name)
    if (course === undefined) throw new Error(`${name} was never created`)
    return course
  }
}

/** From a job's creation to its first admission. */
function meanWaitMs(courses: readonly Course[]): number {
  const waits = courses.flatMap(({ createdMs, firstAdmittedMs }) =>
    firstAdmittedMs === null ? [] : [firstAdmittedMs - createdMs],
  )
  return waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length)
}

function seconds(ms: number): number {
  return Math.round(ms / 10) / 100
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 1_000
}
