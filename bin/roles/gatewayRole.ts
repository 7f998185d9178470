import { setTimeout as wait } from 'node:timers/promises'
import { startGateway } from '../../gateway/gateway.ts'
import { wallClock } from '../../platform/clocks.ts'
import type { Subgraph } from '../../platform/graph/subgraph.ts'
import { createTokens } from '../../platform/identity/identity.ts'
import { createRoleTokens } from '../../platform/identity/roleTokens.ts'
import { removeRunning, writeRunning } from '../running.ts'
import type { Settings } from '../settings.ts'
import { connectPeers } from './peers.ts'
import type { RoleStart, StartedRole } from './runRole.ts'
import { secretsOf } from './secrets.ts'

/** The clients' and agents' way in to subgraphs in processes of their own. */
export async function startGatewayRole(settings: Settings, role: RoleStart): Promise<StartedRole> {
  const { host, port, log, signal, waitsFor } = role
  const secrets = await secretsOf(settings)
  const wall = wallClock
  const peers = Object.values(
    connectPeers(settings.apart.subgraphUrls, createRoleTokens({ secret: secrets.subgraph, role: 'gateway', wall })),
  )
  const gateway = await startGateway({
    subgraphs: peers,
    tokens: {
      client: createTokens({ secret: secrets.client, audience: 'client', wall }),
      subgraph: createTokens({ secret: secrets.subgraph, audience: 'subgraph', wall }),
    },
    wall,
    log,
    host,
    port,
    limits: settings.limits,
  })
  // `sluice token` on this machine finds the gateway by the folder that holds its secret.
  const { dataDir } = settings
  const isFolderShared = settings.apart.clientSecret === null
  if (isFolderShared) await writeRunning(dataDir, { url: gateway.url, opsUrls: [role.opsUrl], pid: process.pid })
  for (const peer of peers) void awaitOnce(peer, waitsFor, signal)
  return {
    url: gateway.url,
    async stop() {
      if (isFolderShared) await removeRunning(dataDir)
      await gateway.stop()
      await Promise.all(peers.map((peer) => peer.stop()))
    },
  }
}

const LOOK_EVERY_MS = 250

/**
 * Ready means that each subgraph has answered once. One that goes away later takes its own fields with it,
 * and must not take the gateway out of service for all others.
 */
async function awaitOnce(peer: Subgraph, waitsFor: Set<string>, signal: AbortSignal): Promise<void> {
  const what = `the subgraph ${peer.name}`
  waitsFor.add(what)
  while (!signal.aborted) {
    const isThere = await peer.facts.head().then(
      () => true,
      () => false,
    )
    if (isThere) break
    await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
  waitsFor.delete(what)
}
