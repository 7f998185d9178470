import type { UserError } from '../../../platform/graph/errors.ts'
import type { QueueRow } from '../store/queues.ts'
import type { Overcommitment } from './quotaTree.ts'

/** DNS label: no '.', which parts a tenant from a name in the Queue object's name. */
const QUEUE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

export function queueNameErrors(name: string): UserError[] {
  if (QUEUE_NAME.test(name)) return []
  return [
    {
      code: 'NAME_INVALID',
      field: ['name'],
      message: `'${name.length <= 70 ? name : `${name.slice(0, 70)}…`}' cannot be a queue's name.`,
      fix: "Use 1 to 63 lower-case letters, digits and '-', with no '-' at either end.",
    },
  ]
}

const YEAR_SECONDS = 31_536_000

export function minRuntimeErrors(seconds: number): UserError[] {
  if (seconds >= 0 && seconds <= YEAR_SECONDS) return []
  return [
    {
      code: 'MIN_RUNTIME_INVALID',
      field: ['minRuntimeSeconds'],
      message: `A job cannot be protected for ${seconds} seconds.`,
      fix: `Give 0 to ${YEAR_SECONDS}, which is a year.`,
    },
  ]
}

const MIN_HALF_LIFE_SECONDS = 60

/** How long a tree remembers is said once, at its root. */
export function halfLifeErrors({
  usageHalfLifeSeconds: seconds,
  parentId,
}: {
  usageHalfLifeSeconds: number | null
  parentId: string | null
}): UserError[] {
  if (seconds === null) return []
  const field = ['usageHalfLifeSeconds']
  if (parentId !== null)
    return [
      {
        code: 'HALF_LIFE_OF_ROOT',
        field,
        message: 'Only a queue without a parent says how long its tree remembers usage.',
        fix: 'Set it at the root of the tree, and here to null.',
      },
    ]
  if (seconds >= MIN_HALF_LIFE_SECONDS && seconds <= YEAR_SECONDS) return []
  return [
    {
      code: 'HALF_LIFE_INVALID',
      field,
      message: `Usage cannot have a half-life of ${seconds} seconds.`,
      fix: `Give ${MIN_HALF_LIFE_SECONDS} to ${YEAR_SECONDS}, which is a year, or null.`,
    },
  ]
}

export function nameTaken(name: string, tenantId: string | null): UserError {
  return {
    code: 'NAME_TAKEN',
    field: ['name'],
    message: `There is a queue '${name}' ${tenantId === null ? 'among the shared queues' : 'in this tenant'} already.`,
    fix: 'Choose another name, or update that queue.',
  }
}

export function tenantNotFound(): UserError {
  return {
    code: 'NOT_FOUND',
    field: ['tenantId'],
    message: 'There is no such tenant.',
    fix: 'Take the id of a tenant that you see, or leave it out for a shared queue.',
  }
}

export function queueNotFound(field: 'id' | 'parentId'): UserError {
  return { code: 'NOT_FOUND', field: [field], message: 'There is no such queue.', fix: 'Take an id from queues.' }
}

export function tenantNotYetKnown(): UserError {
  return {
    code: 'NOT_YET_KNOWN',
    field: ['tenantId'],
    message: 'What is new among tenants has not arrived here yet.',
    fix: 'Try again in a few seconds.',
  }
}

export function parentRequired(): UserError {
  return {
    code: 'PARENT_REQUIRED',
    field: ['parentId'],
    message: 'Only operators have queues without a parent: nothing would bound them.',
    fix: 'Name a shared queue, or one of your tenant, as the parent.',
  }
}

export function parentOfAnother(parent: QueueRow): UserError {
  return {
    code: 'PARENT_OF_ANOTHER_TENANT',
    field: ['parentId'],
    message: `Queue '${parent.name}' belongs to one tenant; only queues of that tenant can be below it.`,
    fix: "Name a shared queue, or one of the queue's own tenant, as the parent.",
  }
}

export function parentCycle(parent: QueueRow): UserError {
  return {
    code: 'PARENT_CYCLE',
    field: ['parentId'],
    message: `Queue '${parent.name}' is this queue, or below it.`,
    fix: 'Name a parent outside of the queue.',
  }
}

/** @param name of the parent whose quota does not suffice */
export function overcommitted(name: string, { flavor, resource, nominalQuota, promised }: Overcommitment): UserError {
  const of = flavor === '*' ? resource : `${resource} of flavor '${flavor}'`
  return {
    code: 'EXCEEDS_PARENT_QUOTA',
    field: ['quotas'],
    message: `The queues below '${name}' would have ${promised} ${of} as nominal quota; '${name}' has ${nominalQuota}.`,
    fix: `Lower nominalQuota and allow borrowing instead, or raise the quota of '${name}'.`,
  }
}

export function generationConflict(queue: QueueRow, expected: number): UserError {
  return {
    code: 'GENERATION_CONFLICT',
    field: ['expectedGeneration'],
    message: `Queue '${queue.name}' is at generation ${queue.generation}, not ${expected}: it has been changed meanwhile.`,
    fix: 'Read it again, decide anew, and send its present generation.',
  }
}

export function fixedForever(field: 'name' | 'tenantId', queue: QueueRow): UserError {
  return {
    code: 'FIELD_FIXED',
    field: [field],
    message: `The ${field === 'name' ? 'name' : 'tenant'} of queue '${queue.name}' cannot change: jobs refer to it.`,
    fix: `Leave ${field} out, or create another queue.`,
  }
}
