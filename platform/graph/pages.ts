import type { GraphQLError } from 'graphql'
import { refuse } from './errors.ts'

/** Arguments of a Relay connection, read forwards. */
export interface PageArguments {
  first?: number | null | undefined
  after?: string | null | undefined
}
export interface Page {
  /** Rows to show; fetch one more to know whether there are others. */
  limit: number
  /** Key of the last row of the page before; rows are ordered by it. */
  after: string | null
}

/** Also what an operation is priced by before it runs. */
export const MAX_FIRST = 200
export const DEFAULT_FIRST = 50

/** @throws GraphQLError BAD_USER_INPUT, CURSOR_INVALID */
export function pageOf({ first, after }: PageArguments): Page {
  const limit = first ?? DEFAULT_FIRST
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_FIRST) {
    throw refuse('BAD_USER_INPUT', `first is ${limit}; ask for 0 to ${MAX_FIRST}.`)
  }
  return { limit, after: after === null || after === undefined ? null : keyOfCursor(after) }
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

/**
 * @param rows in order, up to one more than `page.limit`
 * @param key what the rows are ordered by, unique
 */
export function connection<T>(rows: readonly T[], page: Page, key: (row: T) => string): Connection<T> {
  const edges = rows.slice(0, page.limit).map((node) => ({ cursor: cursorOfKey(key(node)), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > page.limit,
      hasPreviousPage: page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

const PREFIX = 'after:'

function cursorOfKey(key: string): string {
  return Buffer.from(PREFIX + key).toString('base64url')
}

function keyOfCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  // Postgres text cannot hold NUL; nothing of ours contains it.
  if (!text.startsWith(PREFIX) || text.includes('\0')) {
    throw cursorInvalid()
  }
  return text.slice(PREFIX.length)
}

export function cursorInvalid(): GraphQLError {
  return refuse('CURSOR_INVALID', 'This is no cursor of this list; take one from its edges or pageInfo.')
}
