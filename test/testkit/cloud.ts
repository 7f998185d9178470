import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wallClock } from '../../platform/clocks.ts'
import { type Claims, createTokens, type Role } from '../../platform/identity/identity.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import { type Answer, ask, dataOf } from './answers.ts'
import { type CloudTenant, createTenant } from './cloudTenant.ts'
import type { Ending, Program } from './program.ts'
import type { RoleProcesses } from './roleProcesses.ts'
import { runApart, runWhole } from './running.ts'
import { type AnswerStream, subscribe, type Transport } from './streams.ts'
import { until } from './until.ts'

/**
 * How the control plane of a test runs: as one program, or with each role in a process of its own over one
 * Postgres. The same tests hold for both; what makes sense in one alone skips in the other and says why.
 */
export type Mode = 'whole' | 'apart'
export const MODE: Mode = process.env.SLUICE_TEST_MODE === 'apart' ? 'apart' : 'whole'

/** Sluice as a person runs it, seen from outside. */
export interface Cloud {
  /** Of the gateway. It may change with each start. */
  readonly url: string
  readonly dataDir: string
  /** The program that runs now, or ran last; apart, that of the gateway. */
  readonly program: Program
  /** Each role's own process. @throws Error where all is one program */
  readonly roles: RoleProcesses
  /** The raw answer, errors included. A token of null sends none. */
  ask<Data = Record<string, never>>(
    token: string | null,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<Answer<Data>>
  subscribe<Data>(
    token: string,
    query: string,
    variables?: Record<string, unknown>,
    transport?: Transport,
  ): AnswerStream<Data>
  /** A client token, good for two hours unless told. */
  token(claims: Claims, ttlSeconds?: number): Promise<string>
  operator(): Promise<string>
  member(tenant: { id: string; slug: string }, role: Role): Promise<string>
  /** A new tenant with one project. */
  tenant(slug: string): Promise<CloudTenant>
  /** Ctrl-C, to every role. */
  interrupt(): Promise<Ending>
  /** kill -9 of everything, Postgres included. */
  kill(): Promise<void>
  /** Starts everything again on the same data folder. Call it when it has ended. */
  restart(): Promise<void>
}

interface CloudOptions {
  /** Kept afterwards; without it a fresh one that goes with the test. */
  dataDir?: string
  /** Runs the first job, as `npm start` does on a fresh data folder. */
  tour?: boolean
  env?: Record<string, string>
  /** Where a test is about the modes themselves; otherwise the one that the run is in. */
  mode?: Mode
}

/** A test asks in a second what its tenant may ask in a minute; the gateway's own tests are about its limits. */
const UNHURRIED = { SLUICE_TENANT_COST_PER_SECOND: '10000000' }

/** @param onEnd vitest's `afterAll` for a cloud that a file shares, `onTestFinished` for one of a test's own */
export async function startCloud(
  onEnd: (run: () => Promise<void>) => void,
  { dataDir, tour = false, env = {}, mode = MODE }: CloudOptions = {},
): Promise<Cloud> {
  // Directly below the folder for temporary files: the path of a Unix socket may have 107 bytes.
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'sluice-')))
  const environment = { ...UNHURRIED, ...env }
  const running = mode === 'apart' ? runApart(folder, environment) : runWhole(folder, tour, environment)
  onEnd(async () => {
    await running.kill()
    // What it complained of tells most of why a test has failed.
    const complaints = running.complaints()
    if (complaints) console.warn(complaints)
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })

  await running.start()

  const token = async (claims: Claims, ttlSeconds = 7_200) => {
    const { client } = await loadSecrets(folder)
    return createTokens({ secret: client, audience: 'client', wall: wallClock }).issue(claims, ttlSeconds)
  }
  const cloud: Cloud = {
    get url() {
      return running.url()
    },
    get program() {
      return running.program()
    },
    get roles() {
      return running.roles()
    },
    dataDir: folder,
    ask: (bearer, query, variables) => ask(cloud.url, bearer, query, variables),
    subscribe: (bearer, query, variables = {}, transport = 'WEBSOCKET') =>
      subscribe(transport, { url: cloud.url, token: bearer, query, variables }),
    token,
    operator: () => token({ kind: 'operator', subject: 'olga' }),
    member: ({ id, slug }, role) =>
      token({ kind: 'member', subject: `${role}@${slug}`, tenantId: id, tenantSlug: slug, role }),
    tenant: (slug) => createTenant(cloud, slug),
    interrupt: () => running.interrupt(),
    kill: () => running.kill(),
    restart: () => running.start(),
  }
  await untilClusterIsKnown(cloud)
  return cloud
}

/** The agent has said hello when the program is ready; its nodes are known a moment later. */
async function untilClusterIsKnown(cloud: Cloud): Promise<void> {
  const operator = await cloud.operator()
  await until(
    'the nodes and the default queue are known',
    async () => dataOf(await cloud.ask<Known>(operator, KNOWN)),
    ({ nodePools, queues }) =>
      nodePools.edges.reduce((sum, { node }) => sum + node.nodeCount, 0) === SIMULATED_NODES &&
      queues.edges.some(({ node }) => node.name === 'default'),
  )
}

const KNOWN = 'query Known { nodePools { edges { node { nodeCount } } } queues { edges { node { name } } } }'
interface Known {
  nodePools: { edges: { node: { nodeCount: number } }[] }
  queues: { edges: { node: { name: string } }[] }
}
/** 16 with GPUs, 4 without. */
const SIMULATED_NODES = 20
