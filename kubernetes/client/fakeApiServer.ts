import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: unknown
}
export type Answer = (response: ServerResponse, request: SeenRequest) => void

/** An HTTP server that answers as told and remembers what it was asked: for what a real one does only by accident. */
export interface FakeApiServer {
  /** Path of a kubeconfig for it. */
  kubeconfig: string
  requests: SeenRequest[]
  server: Server
  close(): Promise<void>
}

export async function startFakeApiServer(answer: Answer, options: { basePath?: string } = {}): Promise<FakeApiServer> {
  const requests: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    requests.push(seen)
    answer(response, seen)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const folder = await mkdtemp(join(tmpdir(), 'sluice-fake-api-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.basePath ?? ''}`
  await writeFile(kubeconfig, JSON.stringify(configFor(address)))
  return {
    kubeconfig,
    requests,
    server,
    async close() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Answers with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(value))
  }
}

function configFor(server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'tester', user: { token: 'a-token' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester' } }],
    'current-context': 'fake',
  }
}
