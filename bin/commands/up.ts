import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { realClock, wallClock } from '../../platform/clocks.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import { createLog } from '../../platform/log.ts'
import { startTelemetry } from '../../platform/telemetry/telemetry.ts'
import type { Command } from '../command.ts'
import type { AgentSettings, ComputeSettings } from '../compute.ts'
import { prepareComputePlane } from '../computePlane.ts'
import { type ControlPlane, startControlPlane } from '../controlPlane.ts'
import { explain } from '../explain.ts'
import { firstJob } from '../firstJob.ts'
import { USUAL_PORTS } from '../ports.ts'
import { removeRunning, writeRunning } from '../running.ts'
import { type Settings, SettingsError } from '../settings.ts'
import { defaultNodes } from '../simulatedNodes.ts'

/** Past this, what does not end by itself is left to the operating system; the data folder survives that. */
const STOP_WITHIN_MS = 4_500

/** A data folder knows one such cluster: another one takes another folder. */
const KUBERNETES_CLUSTER = 'kubernetes'

export const up: Command = {
  summary: 'Runs everything on this machine until Ctrl-C, with a simulated cluster or on the one of a kubeconfig.',
  usage: 'up [--no-tour] [--kubeconfig FILE]',
  async run(args, settings) {
    const { values } = parseArgs({
      args,
      options: { tour: { type: 'boolean', default: true }, kubeconfig: { type: 'string' } },
      allowNegative: true,
    })
    const kubeconfig = values.kubeconfig === undefined ? null : resolve(values.kubeconfig)
    if (kubeconfig !== null && !existsSync(kubeconfig))
      throw new SettingsError(`There is no file ${kubeconfig}.`, 'Name a kubeconfig after --kubeconfig.')
    return runUntilInterrupted(settings, kubeconfig, values.tour)
  },
}

/** @returns the exit code */
async function runUntilInterrupted(settings: Settings, kubeconfig: string | null, withTour: boolean): Promise<number> {
  const { dataDir, host, logLevel, opsHost, traces } = settings
  const port = settings.port ?? USUAL_PORTS.gateway.port
  const opsPort = settings.opsPort ?? USUAL_PORTS.gateway.opsPort
  /** Resolves with what went wrong, or null where a person said stop. */
  const ending = Promise.withResolvers<Error | null>()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.resolve(null))

  const isFresh = !existsSync(join(dataDir, 'postgres'))
  const compute = prepareComputePlane()
  const log = createLog(logLevel)
  let isServing = false
  const notReady = () => (isServing ? [] : ['the control plane'])
  const { control, ops } = await (async () => {
    const service = 'sluice-control-plane'
    const ops = await startTelemetry({ service, traces, host: opsHost, port: opsPort, notReady, log })
    const onDatabaseLost = ending.resolve
    const control = await startControlPlane({
      dataDir,
      host,
      port,
      clock: realClock(),
      wall: wallClock,
      log,
      limits: settings.limits,
      onDatabaseLost,
    }).catch(async (error) => {
      await ops.stop() // it would keep a program alive that has nothing to do
      throw error
    })
    return { control, ops }
  })().catch((error) => {
    compute.abandon()
    throw error
  })
  isServing = true
  const agent = {
    url: control.url,
    clientSecret: (await loadSecrets(dataDir)).client,
    logLevel,
    traces,
    opsHost,
    // Two threads, two event loops: each answers for itself.
    opsPort: opsPort === 0 ? 0 : opsPort + 1,
  }
  const plane = await compute.connect(
    kubeconfig === null
      ? { ...agent, ...(await simulatedCluster(dataDir)) }
      : { ...agent, clusterName: KUBERNETES_CLUSTER, access: { kubeconfig } },
  )
  const opsUrls = [ops.url, plane.opsUrl]
  await writeRunning(dataDir, { url: control.url, opsUrls, pid: process.pid })
  say(welcome(control.url, opsUrls, dataDir))

  const touring = new AbortController()
  const tour = withTour && isFresh ? tellFirstJob(control, dataDir, touring.signal) : Promise.resolve()

  const trouble = await ending.promise
  if (trouble) process.stderr.write(explain(trouble)) // first of all: what follows may be cut short
  say('Stopping …')
  const hurry = setTimeout(() => process.exit(1), STOP_WITHIN_MS)
  touring.abort()
  await removeRunning(dataDir)
  await plane.stop()
  await control.stop()
  await ops.stop()
  await tour
  clearTimeout(hurry)
  if (trouble) return 1
  say(`Stopped. Everything is kept in ${dataDir}; the next start goes on from there.`)
  return 0
}

async function simulatedCluster(
  dataDir: string,
): Promise<Omit<ComputeSettings, keyof AgentSettings> & { clusterName: string }> {
  const clusterDir = join(dataDir, 'cluster')
  await mkdir(clusterDir, { recursive: true })
  return { clusterName: 'local', nodes: defaultNodes(), clusterDir, startupSeconds: 1 }
}

async function tellFirstJob({ url, tokens }: ControlPlane, dataDir: string, signal: AbortSignal): Promise<void> {
  try {
    await firstJob({ url, tokens: tokens.client, dataDir, say, signal })
  } catch (error) {
    if (!signal.aborted)
      say(`The first job did not come to its end: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function welcome(url: string, opsUrls: readonly string[], dataDir: string): string {
  return `
Sluice is ready after ${process.uptime().toFixed(1)} s.

  GraphQL    ${url}/graphql      (POST, GET, server-sent events, WebSocket)
  Explorer   ${url}/
  Metrics    ${opsUrls.map((each) => `${each}/metrics`).join('  ')}
  Data       ${dataDir}

  A token    npm run -s sluice -- token --operator
             npm run -s sluice -- token --tenant acme --role developer
             Send it as the header "authorization: Bearer TOKEN".

  Ctrl-C stops; the next start goes on.
`
}
