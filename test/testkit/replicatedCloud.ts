import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wallClock } from '../../platform/clocks.ts'
import { type Claims, createTokens } from '../../platform/identity/identity.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../../platform/link/protocol.ts'
import { ask } from './answers.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import type { Cloud } from './cloud.ts'
import { type Program, runProgram, runScript } from './program.ts'
import { CLUSTER_NAME } from './roleProcesses.ts'
import { subscribe } from './streams.ts'

export type ReplicatedRole = 'gateway' | SubgraphName
export const REPLICATED_ROLES: readonly ReplicatedRole[] = [...SUBGRAPH_NAMES, 'gateway']

/** Two of the gateway and of each subgraph on one Postgres, behind a TCP balancer each, and one agent. */
export interface ReplicatedCloud extends Pick<Cloud, 'ask' | 'subscribe' | 'operator' | 'member'> {
  /** Of each replica of the gateway by itself. */
  gatewayUrls(): string[]
  /** kill -9 of one replica. */
  kill(role: ReplicatedRole, index: number): Promise<void>
  /** Starts a replica that was killed; it may listen elsewhere than before. */
  restart(role: ReplicatedRole, index: number): Promise<void>
}

const REPLICAS = 2

export async function startReplicatedCloud(onEnd: (run: () => Promise<void>) => void): Promise<ReplicatedCloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-'))
  const programs = new Map<string, Program>()
  const ports = new Map<string, number>()
  const balancers = new Map<ReplicatedRole, Balancer>()
  onEnd(async () => {
    await Promise.all([...programs.values()].map((program) => program.kill()))
    await Promise.all([...balancers.values()].map((balancer) => balancer.stop()))
    const complaints = [...programs]
      .map(([name, program]) => program.stderr() && `${name}:\n${program.stderr()}`)
      .join('')
    if (complaints) console.warn(complaints)
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })

  const indexes = Array.from({ length: REPLICAS }, (_, index) => index)
  const keyOf = (role: ReplicatedRole, index: number) => `${role}-${index}`
  const portsOf = (role: ReplicatedRole) => indexes.flatMap((index) => ports.get(keyOf(role, index)) ?? [])
  for (const role of REPLICATED_ROLES) balancers.set(role, await startBalancer(() => portsOf(role)))
  const addressOf = (role: ReplicatedRole) => balancers.get(role)?.url ?? ''

  const run = (name: string, program: Program) => {
    programs.set(name, program)
    return program
  }
  const postgres = run(
    'postgres',
    runScript(fileURLToPath(new URL('postgresProcess.ts', import.meta.url)), [dataDir], {}),
  )
  const databaseUrl = (await postgres.says(/^(postgres:\S+)$/m))[1] ?? ''
  const shared = {
    SLUICE_LOG: 'error',
    // One client asks for all that a whole tenant would.
    SLUICE_TENANT_COST_PER_SECOND: '1000000',
    SLUICE_DATA: dataDir,
    SLUICE_URL: addressOf('gateway'),
    ...Object.fromEntries(SUBGRAPH_NAMES.map((name) => [`SLUICE_${name.toUpperCase()}_URL`, addressOf(name)])),
  }

  async function start(role: ReplicatedRole, index: number): Promise<void> {
    const args = role === 'gateway' ? ['gateway'] : ['subgraph', role]
    // A subgraph logs in as its own role, which the address must leave to it.
    const database = role === 'gateway' ? {} : { DATABASE_URL: databaseUrl.replace(/\/\/[^/@]*@/, '//') }
    const program = run(keyOf(role, index), runProgram(args, { ...shared, ...database, SLUICE_PORT: '0' }))
    const [, url = ''] = await program.says(/^Sluice \w+ is ready: (http:\S+)/m)
    ports.set(keyOf(role, index), Number(new URL(url).port))
  }

  // Both at once, as a new version that is rolled out: the second waits for the first.
  const migrations = indexes.map((index) =>
    run(`migrate-${index}`, runProgram(['migrate'], { DATABASE_URL: databaseUrl })),
  )
  for (const migration of migrations) {
    if ((await migration.ended).code !== 0) throw new Error(`sluice migrate failed:\n${migration.stderr()}`)
  }
  await Promise.all(REPLICATED_ROLES.flatMap((role) => indexes.map((index) => start(role, index))))

  const { client } = await loadSecrets(dataDir)
  const tokens = createTokens({ secret: client, audience: 'client', wall: wallClock })
  const token = (claims: Claims) => tokens.issue(claims, 7_200)
  const tokenFile = join(dataDir, 'agent-token')
  await writeFile(tokenFile, await token({ kind: 'agent', subject: `agent:${CLUSTER_NAME}`, cluster: CLUSTER_NAME }))
  const agentArgs = ['agent', '--cluster', CLUSTER_NAME, '--simulated', '--journal', join(dataDir, 'cluster')]
  await run('agent', runProgram(agentArgs, { ...shared, SLUICE_TOKEN_FILE: tokenFile })).says(/^Sluice agent is ready/m)

  return {
    gatewayUrls: () => portsOf('gateway').map((port) => `http://127.0.0.1:${port}`),
    ask: (bearer, query, variables) => ask(addressOf('gateway'), bearer, query, variables),
    subscribe: (bearer, query, variables = {}, transport = 'WEBSOCKET') =>
      subscribe(transport, { url: addressOf('gateway'), token: bearer, query, variables }),
    operator: () => token({ kind: 'operator', subject: 'olga' }),
    member: ({ id, slug }, role) =>
      token({ kind: 'member', subject: `${role}@${slug}`, tenantId: id, tenantSlug: slug, role }),
    kill: async (role, index) => programs.get(keyOf(role, index))?.kill(),
    restart: start,
  }
}
