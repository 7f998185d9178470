import { resolve } from 'node:path'

/** What the environment says, read once. */
export interface Settings {
  /** Everything that must survive is in this folder. */
  dataDir: string
  host: string
  port: number
  logLevel: string
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
  const port = Number(env.SLUICE_PORT ?? 4000)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SettingsError(`SLUICE_PORT is ${env.SLUICE_PORT}.`, 'Give a port from 1 to 65535, or 0 for any free one.')
  }
  return {
    dataDir: resolve(env.SLUICE_DATA ?? '.sluice'),
    // Loopback alone: the first cut of identity has no TLS of its own.
    host: env.SLUICE_HOST ?? '127.0.0.1',
    port,
    logLevel: env.SLUICE_LOG ?? 'warn',
  }
}
