import { seeded } from '../testkit/seeded.ts'
import { characterOf } from './character.ts'
import { checkCalls } from './checks/calls.ts'
import { type Check, must, Violation } from './checks/check.ts'
import { checkDevices } from './checks/devices.ts'
import { checkEvictions } from './checks/evictions.ts'
import { checkGangs, isOver } from './checks/gangs.ts'
import { checkLedgers } from './checks/ledgers.ts'
import { checkMetering } from './checks/metering.ts'
import { checkQuotas } from './checks/quotas.ts'
import { checkReasons } from './checks/reasons.ts'
import { checkReservations } from './checks/reservations.ts'
import { disturb } from './disturbances.ts'
import { Trace } from './trace.ts'
import { between } from './virtualTime.ts'
import { anyJob } from './workload.ts'
import { startWorld, type World } from './world.ts'

export interface Outcome {
  readonly seed: number
  /** Of all that happened. */
  readonly hash: string
  readonly lines: number
  readonly simulatedSeconds: number
  /** What did not hold; null: everything did. */
  readonly failure: string | null
  readonly trace: Trace
}

const CHECKS = [
  checkDevices,
  checkQuotas,
  checkGangs,
  checkReasons,
  checkReservations,
  checkEvictions,
  checkLedgers,
  checkCalls,
  checkMetering,
]
/** Everything is put back: by then whatever can finish has. */
const FINISHED_WITHIN_SECONDS = 4 * 3_600

/** One history, decided by its seed alone: the same seed, the same history. */
export async function simulate(seed: number, options: { keepsTrace?: boolean } = {}): Promise<Outcome> {
  const trace = new Trace(options.keepsTrace === true)
  const world = await startWorld(seed, characterOf(seed), trace)
  let failure: string | null = null
  try {
    await live(world)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    failure = error instanceof Violation ? error.message : (error.stack ?? error.message)
  }
  const { hash, lines } = trace
  const simulatedSeconds = Math.round(world.time.nowMs / 1_000)
  await world.stop()
  return { seed, hash, lines, simulatedSeconds, failure, trace }
}

async function live(world: World): Promise<void> {
  const { character, seed, time, truth } = world
  const checks = CHECKS.map((make) => make(world))
  submitAll(world, seeded(seed * 64 + 10))
  const heal = disturb(world, seeded(seed * 64 + 11))
  await passSeconds(world, checks, Math.ceil(character.eventfulMs / 1_000))
  heal()
  const deadlineMs = time.nowMs + FINISHED_WITHIN_SECONDS * 1_000
  while (![...truth.jobs.items()].every(isOver)) {
    const left = () => [...truth.jobs.items()].filter((job) => !isOver(job)).map(({ metadata }) => metadata.name)
    must(time.nowMs < deadlineMs, () => `never finished: ${left().join(', ')}`)
    await passSeconds(world, checks, 10)
  }
  await passSeconds(world, checks, 120)
  for (const check of checks) check.atEnd?.()
}

async function passSeconds(world: World, checks: readonly Check[], seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await world.time.runFor(1_000)
    if (world.violation !== null) throw world.violation
    for (const check of checks) check.eachSecond?.()
  }
}

/** In the first two thirds of what is eventful, some at once. */
function submitAll({ character, time, attempt, admin }: World, random: () => number): void {
  const lastMs = (character.eventfulMs * 2) / 3
  for (let number = 0; number < character.jobs; number++) {
    const job = anyJob(random, number)
    const atMs = random() < 0.3 ? 1_000 : between(random, 1_000, lastMs)
    time.after(atMs, () => attempt(`job ${job.metadata.name} is submitted`, () => admin.create('Job', job)))
  }
}
