/** What can be stored as jsonb. Dates travel as RFC 3339 strings, quantities as decimal strings. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }
