import { type SQL, sql } from 'drizzle-orm'

/** A text[] of any length as one parameter, so that the statement's text stays the same. */
export function textArray(values: readonly string[]): SQL {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`
}
