import type { UserError } from '../../../platform/graph/errors.ts'

export const TENANT_SLUG = /^[a-z][a-z0-9]{1,19}$/
/** No '-' at the end: Kubernetes refuses a namespace that ends in one. */
export const PROJECT_SLUG = /^[a-z][a-z0-9-]{0,28}[a-z0-9]$/
const NAME_MAX_CHARACTERS = 100

/** Tenant slugs have no '-', so no two (tenant, project) share a namespace. At most 2 + 20 + 1 + 30 of Kubernetes' 63 characters. */
export function namespaceOf(tenantSlug: string, projectSlug: string): string {
  return `t-${tenantSlug}-${projectSlug}`
}

export function tenantSlugErrors(slug: string): UserError[] {
  if (TENANT_SLUG.test(slug)) return []
  return [
    {
      code: 'SLUG_INVALID',
      field: ['slug'],
      message: `'${shown(slug)}' cannot be a tenant's slug.`,
      fix: 'Use 2 to 20 lower-case letters and digits, a letter first.',
    },
  ]
}

export function projectSlugErrors(slug: string): UserError[] {
  if (PROJECT_SLUG.test(slug)) return []
  return [
    {
      code: 'SLUG_INVALID',
      field: ['slug'],
      message: `'${shown(slug)}' cannot be a project's slug.`,
      fix: "Use 2 to 30 lower-case letters, digits and '-', a letter first and no '-' at the end.",
    },
  ]
}

/** Names are for people: anything visible, neither empty nor endless. */
export function nameErrors(name: string): UserError[] {
  const characters = [...name.trim()].length
  const fits = characters >= 1 && characters <= NAME_MAX_CHARACTERS
  if (fits && name.isWellFormed() && !/\p{Control}/u.test(name)) return []
  return [
    {
      code: 'NAME_INVALID',
      field: ['name'],
      message:
        characters === 0 ? 'The name is empty.' : `The name has ${characters} characters, or one that cannot be shown.`,
      fix: `Use 1 to ${NAME_MAX_CHARACTERS} characters without control characters.`,
    },
  ]
}

const SUBJECT_MAX_CHARACTERS = 200

/** As identity providers name people and programs; any text that can be stored and shown. */
export function subjectErrors(subject: string): UserError[] {
  const characters = [...subject].length
  const fits = characters >= 1 && characters <= SUBJECT_MAX_CHARACTERS
  if (fits && subject.isWellFormed() && !/\p{Control}/u.test(subject)) return []
  return [
    {
      code: 'SUBJECT_INVALID',
      field: ['subject'],
      message: 'No token names such a subject.',
      fix: "Take it from the member's own viewer.subject.",
    },
  ]
}

export function tenantNotFound(): UserError {
  return {
    code: 'NOT_FOUND',
    field: ['tenantId'],
    message: 'There is no such tenant.',
    fix: 'Take the id of a tenant that you see.',
  }
}

export function slugTaken(kind: 'tenant' | 'project', slug: string): UserError {
  return {
    code: 'SLUG_TAKEN',
    field: ['slug'],
    message: `There is a ${kind} '${slug}' already; a slug is never used twice.`,
    fix: 'Choose another slug.',
  }
}

/** So that an answer never carries a megabyte back. */
function shown(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}
