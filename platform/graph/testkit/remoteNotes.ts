import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { wallClock } from '../../clocks.ts'
import { createRoleTokens } from '../../identity/roleTokens.ts'
import { hostSubgraph, type SubgraphHost } from '../host/host.ts'
import { remoteSubgraph } from '../remote/remoteSubgraph.ts'
import type { Subgraph } from '../subgraph.ts'
import type { Notes } from './notes.ts'

const SECRET = new Uint8Array(32).fill(7)

/** Notes behind a port of its own, and the way to it. */
export interface RemoteNotes {
  remote: Subgraph
  host(): SubgraphHost
  /** Of a role of this installation. */
  roleToken(): Promise<string>
  /** On the port of before. */
  hostAgain(): Promise<void>
}

export async function connectNotes({ subgraph, wakeups }: Notes): Promise<RemoteNotes> {
  const roles = createRoleTokens({ secret: SECRET, role: 'test', wall: wallClock })
  const log = pino({ level: 'silent' })
  const open = (port: number) => hostSubgraph({ subgraph, wakeups, roles, host: '127.0.0.1', port, log })
  let host = await open(0)
  const remote = remoteSubgraph({
    name: subgraph.name,
    url: host.url,
    typeDefs: subgraph.typeDefs,
    roles,
    offers: { hello: true, download: true },
  })
  onTestFinished(async () => {
    await remote.stop()
    await host.stop()
  })
  return {
    remote,
    host: () => host,
    roleToken: () => roles.own(),
    async hostAgain() {
      host = await open(host.port)
    },
  }
}
