import { type Logger, pino } from 'pino'
import { traceIds } from './telemetry/spans.ts'

export type Log = Logger

/** Where secrets could appear in a logged object; pino replaces them. */
const SECRET_PATHS = [
  'token',
  'authorization',
  'headers.authorization',
  '*.token',
  '*.authorization',
  'secret',
  '*.secret',
]

/** JSON lines to standard error, so that standard output stays the program's own; within a trace each bears its id. */
export function createLog(level: string): Log {
  return pino({ level, base: null, redact: SECRET_PATHS, mixin: traceIds }, pino.destination({ dest: 2, sync: true }))
}
