/** An error that a person can mend says how; any other is ours, and shows where it came from. */
export function explain(error: unknown): string {
  if (error instanceof Error && 'fix' in error) return `${error.message}\n${String(error.fix)}\n`
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    return `${error.message}\n`
  return `${error instanceof Error ? error.stack : String(error)}\n`
}
