/** What can be stored as jsonb. Dates travel as RFC 3339 strings, quantities as decimal strings. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * JSON text that jsonb takes whatever a client or a cluster sent: Postgres refuses NUL and half a
 * surrogate pair. For records of what somebody sent (audit, quarantine), which must not fail on it.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.toWellFormed().replaceAll('\0', '\ufffd') : item,
  )
}
