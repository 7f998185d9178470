import { defaultSchedulingPolicy } from '../../../kubernetes/crds/schedulingPolicies.ts'
import type { UserError } from '../../../platform/graph/errors.ts'
import type { SchedulingPolicyWish } from '../../../platform/link/protocol.ts'
import type { CreateSchedulingPolicyInput } from '../generated/resolvers.ts'

export type PolicyDecision = { ok: true; spec: SchedulingPolicyWish } | { ok: false; errors: UserError[] }

const HOUR_SECONDS = 3_600
const DAY_SECONDS = 24 * HOUR_SECONDS
const MAX_ROWS = 1_024
const MAX_LEVELS = 8
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** Whether every cluster would take it: the bounds are those of the object's schema. Pure. */
export function decidePolicy(input: CreateSchedulingPolicyInput): PolicyDecision {
  const { spec: defaults } = defaultSchedulingPolicy
  const { gangStart, requeue } = {
    gangStart: input.gangStart ?? defaults.gangStart,
    requeue: input.requeue ?? defaults.requeue,
  }
  const agingSeconds = input.agingSeconds ?? defaults.order?.agingSeconds ?? 7 * DAY_SECONDS
  const stops = input.stops ?? []
  const highestClasses = input.highestClasses ?? []
  const levels = input.topologyLevels ?? []
  const requireEnforcement = [...new Set(input.requireEnforcement)]
  const errors: UserError[] = []
  const within = (field: string[], value: number, least: number, most: number) => {
    if (value < least || value > most) errors.push(outOfRange(field, value, least, most))
  }
  within(['comment'], input.comment.length, 1, 500)
  within(['gangStart', 'baseSeconds'], gangStart.baseSeconds, 1, HOUR_SECONDS)
  within(['gangStart', 'podsPerSecond'], gangStart.podsPerSecond, 1, 10_000)
  within(['requeue', 'firstBackoffSeconds'], requeue.firstBackoffSeconds, 1, HOUR_SECONDS)
  within(['requeue', 'lastBackoffSeconds'], requeue.lastBackoffSeconds, requeue.firstBackoffSeconds, DAY_SECONDS)
  within(['requeue', 'avoidNodeSeconds'], requeue.avoidNodeSeconds, 1, DAY_SECONDS)
  within(['agingSeconds'], agingSeconds, 60, 365 * DAY_SECONDS)
  within(['stops'], stops.length, 0, MAX_ROWS)
  within(['highestClasses'], highestClasses.length, 0, MAX_ROWS)
  within(['topologyLevels'], levels.length, 0, MAX_LEVELS)
  if (stops.some(({ stopPolicy }) => stopPolicy === 'NONE'))
    errors.push(invalid(['stops'], 'A stop of NONE stops nothing.', 'Leave it out.'))
  if (stops.some(({ node, pool }) => [node, pool].some((name) => name != null && (name === '' || name.length > 253))))
    errors.push(
      invalid(['stops'], 'A name is empty or longer than 253 characters.', 'Name a node or a pool that there is.'),
    )
  if (hasTwice(highestClasses.map(({ tenantId }) => tenantId ?? '')))
    errors.push(
      invalid(
        ['highestClasses'],
        'A tenant is named twice.',
        'Give one row for each, and one without tenantId for all others.',
      ),
    )
  if (highestClasses.some(({ tenantId }) => (tenantId ?? '').length > 253))
    errors.push(invalid(['highestClasses'], 'There is no such tenant.', 'Take ids from tenants.'))
  if (hasTwice(levels.map(({ name }) => name)) || hasTwice(levels.map(({ nodeLabel }) => nodeLabel)))
    errors.push(invalid(['topologyLevels'], 'Two levels have one name or one label.', 'Give each its own.'))
  if (
    levels.some(
      ({ name, nodeLabel }) => name.length > 63 || !NAME.test(name) || nodeLabel === '' || nodeLabel.length > 316,
    )
  )
    errors.push(
      invalid(
        ['topologyLevels'],
        'A level has a name or a label that Kubernetes refuses.',
        'Use a DNS label as the name, and the label of nodes.',
      ),
    )
  if (errors.length > 0) return { ok: false, errors }
  return {
    ok: true,
    spec: {
      gangStart: { ...gangStart },
      requeue: { ...requeue },
      order: { agingSeconds },
      stops: stops.map(({ node, pool, stopPolicy }) => ({
        ...(node != null && { node }),
        ...(pool != null && { pool }),
        stopPolicy: stopPolicy === 'HOLD' ? 'Hold' : 'HoldAndDrain',
      })),
      highestClasses: highestClasses.map((row) => ({ tenantId: row.tenantId ?? '', class: row.class })),
      ...(levels.length > 0 && { topology: { levels: levels.map(({ name, nodeLabel }) => ({ name, nodeLabel })) } }),
      ...(requireEnforcement.length > 0 && { shares: { requireEnforcement } }),
    },
  }
}

function hasTwice(values: readonly string[]): boolean {
  return new Set(values).size < values.length
}

function outOfRange(field: string[], value: number, least: number, most: number): UserError {
  return invalid(field, `It is ${value}.`, `Give ${least} to ${most}.`)
}

function invalid(field: string[], message: string, fix: string): UserError {
  return { code: 'POLICY_INVALID', field, message, fix }
}
