import type { Cause } from '../plan/causes.ts'
import { Memo } from '../plan/memo.ts'
import { type Plan, plan } from '../plan/plan.ts'
import { type Forecast, type Limits, simulate } from './simulate.ts'
import type { World } from './world.ts'

/** What was found out for an instant holds as long for those that follow. */
const NEAR_MS = 10_000

/** A world about which much is asked, with what has been found out of it. */
export class AskedWorld {
  readonly world: World
  readonly memo = new Memo()
  #planned: { atMs: number; plan: Plan; causes: ReadonlyMap<string, Cause> } | null = null
  #forecast: { atMs: number; forecast: Forecast } | null = null

  constructor(world: World) {
    this.world = world
  }

  planned(nowMs: number): { plan: Plan; causes: ReadonlyMap<string, Cause> } {
    if (this.#planned === null || Math.abs(nowMs - this.#planned.atMs) > NEAR_MS) {
      const planned = plan(this.world, nowMs, this.memo)
      const causes = new Map<string, Cause>()
      for (const { jobs, cause } of planned.explanations) for (const { uid } of jobs) causes.set(uid, cause)
      this.#planned = { atMs: nowMs, plan: planned, causes }
    }
    return this.#planned
  }

  forecast(nowMs: number, limits: Limits): Forecast {
    if (this.#forecast === null || Math.abs(nowMs - this.#forecast.atMs) > NEAR_MS)
      this.#forecast = { atMs: nowMs, forecast: simulate(this.world, nowMs, limits) }
    return this.#forecast.forecast
  }
}
