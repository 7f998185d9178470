import { expect, test } from 'vitest'
import { seeded } from '../../testkit/seeded.ts'
import { planKills } from './kills.ts'
import { ROLES } from './roles.ts'

const PODS = 1_000
const SEEDS = Array.from({ length: 50 }, (_, seed) => seed)

test('a seed is a plan: the same one each time, another one for another seed', () => {
  const plans = SEEDS.map((seed) => planKills(seeded(seed), PODS, 3))
  expect(SEEDS.map((seed) => planKills(seeded(seed), PODS, 3))).toEqual(plans)
  expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(SEEDS.length)
})

test('each plan kills every role, and each kill falls while pods are still submitted', () => {
  for (const seed of SEEDS) {
    const plan = planKills(seeded(seed), PODS, 3)
    expect(new Set(plan.map(({ role }) => role)), `seed ${seed}`).toEqual(new Set(ROLES))
    const moments = plan.map(({ afterSubmissions }) => afterSubmissions)
    expect(moments, `seed ${seed}`).toEqual(moments.toSorted((a, b) => a - b))
    for (const { afterSubmissions, awayForSubmissions } of plan) {
      expect(afterSubmissions + awayForSubmissions, `seed ${seed}`).toBeLessThan(PODS)
    }
  }
})

test('only a role that submissions can do without stays away for some', () => {
  const longAway = SEEDS.flatMap((seed) => planKills(seeded(seed), PODS, 3)).filter(
    (kill) => kill.awayForSubmissions > 0,
  )
  expect(new Set(longAway.map(({ role }) => role))).toEqual(new Set(['agent', 'metering']))
})
