import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../log.ts'
import { startExposition } from './exposition.ts'
import { recordProcess } from './processMetrics.ts'

/** Where operators and their programs look at a role; apart from the port that it serves on. */
export interface OpsListener {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

export interface OpsOptions {
  host: string
  /** 0: any free one. */
  port: number
  /** What the role still waits for before it can serve, in words; empty: it is ready. */
  notReady: () => readonly string[] | Promise<readonly string[]>
  /** Further pages for Prometheus, by path, as they are now: of what the role stands in for, such as a cluster's exporters. */
  pages?: ReadonlyMap<string, () => string>
  log: Log
}

/** The address cannot be listened on. */
export class OpsListenError extends Error {
  readonly code = 'OPS_PORT_UNAVAILABLE'
  readonly fix = 'Stop what listens there, or choose another port with SLUICE_OPS_PORT; 0 takes any free one.'
}

/**
 * `/metrics` for Prometheus, `/healthz` as long as the process turns, `/readyz` for whether it should be
 * sent work. Nothing here is secret and nothing asks who is calling: bind it where only operators reach it.
 * Start it first: what has been recorded before is not counted.
 * @throws OpsListenError
 */
export async function startOpsListener({ host, port, notReady, pages, log }: OpsOptions): Promise<OpsListener> {
  const exposition = await startExposition()
  const endProcess = recordProcess()
  const routes: Record<string, (response: ServerResponse) => Promise<void> | void> = {
    '/healthz': (response) => send(response, 200, 'ok\n'),
    async '/readyz'(response) {
      const missing = await notReady()
      if (missing.length === 0) send(response, 200, 'ready\n')
      else send(response, 503, `${missing.map((what) => `waits for ${what}\n`).join('')}`)
    },
    '/metrics': async (response) => sendMetrics(response, await exposition.text()),
  }
  function sendMetrics(response: ServerResponse, text: string): void {
    response.setHeader('content-type', exposition.contentType)
    response.end(text)
  }
  const server = createServer(async (request, response) => {
    try {
      const path = URL.parse(request.url ?? '/', 'http://ops')?.pathname ?? ''
      const page = pages?.get(path)
      const route = page === undefined ? routes[path] : () => sendMetrics(response, page())
      if (route === undefined) send(response, 404, `There are ${Object.keys(routes).join(', ')}.\n`)
      else if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'Use GET.\n')
      else await route(response)
    } catch (error) {
      log.error({ err: error }, 'the ops listener could not answer')
      if (response.headersSent) response.destroy()
      else send(response, 500, 'The log says why.\n')
    }
  })
  async function stop() {
    endProcess()
    server.closeAllConnections()
    await Promise.all([new Promise((resolve) => server.close(resolve)), exposition.stop()])
  }
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    await stop()
    throw new OpsListenError(`The ops listener cannot have ${host}:${port}: ${(error as Error).message}.`)
  }
  const listening = (server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    port: listening,
    stop,
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}
