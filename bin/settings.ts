import { resolve } from 'node:path'

/** What the environment says, read once. */
export interface Settings {
  /** Everything that must survive is in this folder. */
  dataDir: string
  host: string
  port: number
  logLevel: string
  /** Of the ops listener: metrics and probes, for operators alone. */
  opsHost: string
  opsPort: number
  /** Where traces go by OTLP over HTTP; null: nowhere. */
  tracesUrl: string | null
}

export class SettingsError extends Error {
  readonly code = 'SETTINGS_INVALID'
  readonly fix: string
  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

/** @throws SettingsError */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    dataDir: resolve(env.SLUICE_DATA ?? '.sluice'),
    // Loopback alone: the first cut of identity has no TLS of its own.
    host: env.SLUICE_HOST ?? '127.0.0.1',
    port: portOf(env, 'SLUICE_PORT', 4000),
    logLevel: env.SLUICE_LOG ?? 'warn',
    opsHost: env.SLUICE_OPS_HOST ?? '127.0.0.1',
    opsPort: portOf(env, 'SLUICE_OPS_PORT', 9464),
    tracesUrl: tracesUrlOf(env),
  }
}

function portOf(env: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const port = Number(env[name] ?? byDefault)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new SettingsError(`${name} is ${env[name]}.`, 'Give a port from 1 to 65535, or 0 for any free one.')
}

/** The variables of OpenTelemetry: the first names the collector, the second the very address for traces. */
function tracesUrlOf(env: NodeJS.ProcessEnv): string | null {
  const collector = env.OTEL_EXPORTER_OTLP_ENDPOINT
  const address = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (collector && `${collector.replace(/\/$/, '')}/v1/traces`)
  if (!address) return null
  if (URL.canParse(address) && /^https?:/.test(address)) return address
  throw new SettingsError(`${address} is no address to send traces to.`, 'Give one such as http://localhost:4318.')
}
