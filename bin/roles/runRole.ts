import { setTimeout as wait } from 'node:timers/promises'
import { createLog, type Log } from '../../platform/log.ts'
import { startTelemetry } from '../../platform/telemetry/telemetry.ts'
import { explain } from '../explain.ts'
import { type RoleName, USUAL_PORTS } from '../ports.ts'
import type { Settings } from '../settings.ts'

/** What a role is given to start with. */
export interface RoleStart {
  host: string
  port: number
  /** Of its ops listener. */
  opsUrl: string
  log: Log
  /** Aborts when the role is told to stop: what waits for another role gives up. */
  signal: AbortSignal
  /** Things it waits for, in words, until it has them; `/readyz` says them. */
  waitsFor: Set<string>
  /** Further pages of the ops listener, by path. */
  pages: Map<string, () => string>
}

export interface StartedRole {
  /** Where it serves; null: it serves nobody. */
  url: string | null
  stop(): Promise<void>
}

/** Past this, what does not end by itself is left to the operating system. */
const STOP_WITHIN_MS = 9_000
/** How long a role that has not started yet may take to notice that it should not. */
const GIVE_UP_WITHIN_MS = 1_000

/** One role in this process, until SIGINT or SIGTERM, with which the process ends. */
export async function runRole(
  name: RoleName,
  settings: Settings,
  start: (role: RoleStart) => Promise<StartedRole>,
): Promise<never> {
  const log = createLog(settings.logLevel).child({ role: name })
  const stopping = new AbortController()
  const ending = Promise.withResolvers<Error | null>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.resolve(null))
  void ending.promise.then(() => stopping.abort())

  const waitsFor = new Set(['its start'])
  const pages = new Map<string, () => string>()
  const ops = await startTelemetry({
    service: `sluice-${name}`,
    traces: settings.traces,
    host: settings.opsHost,
    port: settings.opsPort ?? USUAL_PORTS[name].opsPort,
    notReady: () => [...waitsFor],
    pages,
    log,
  })
  const starting = start({
    host: settings.host,
    port: settings.port ?? USUAL_PORTS[name].port,
    opsUrl: ops.url,
    log,
    signal: stopping.signal,
    waitsFor,
    pages,
  })
  starting.then(
    ({ url }) => {
      waitsFor.delete('its start')
      process.stdout.write(`Sluice ${name} is ready${url === null ? '' : `: ${url}`} (operations: ${ops.url})\n`)
    },
    (error) => ending.resolve(stopping.signal.aborted ? null : error),
  )
  const trouble = await ending.promise
  setTimeout(() => process.exit(1), STOP_WITHIN_MS)
  const started = await Promise.race([starting.catch(() => null), wait(GIVE_UP_WITHIN_MS, null)])
  await started?.stop()
  await ops.stop()
  if (trouble) process.stderr.write(explain(trouble))
  // Not left to the event loop: what a role that never started waits for would keep it alive, and so do timers of
  // libraries that cannot be ended, such as graphql-ws' for a socket without streams.
  process.exit(trouble ? 1 : 0)
}
