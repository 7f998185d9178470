import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wallClock } from '../../platform/clocks.ts'
import { createTokens } from '../../platform/identity/identity.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../../platform/link/protocol.ts'
import { freeLoopbackPorts } from '../../scripts/kubernetes/freeLoopbackPorts.ts'
import { type Ending, type Program, runProgram, runScript } from './program.ts'

export type ProcessName = 'postgres' | 'gateway' | 'agent' | SubgraphName

/** Every role of Sluice in a process of its own, and Postgres in another. */
export interface RoleProcesses {
  /** Of the gateway; the same after each start. */
  readonly url: string
  readonly databaseUrl: string
  /** The process that has the role now, or had it last. */
  process(name: ProcessName): Program
  /** kill -9. Resolves when it has ended. */
  kill(name: ProcessName): Promise<void>
  /** Ctrl-C. */
  interrupt(name: ProcessName): Promise<Ending>
  /** Resolves when it serves. Call it when it has ended. */
  start(name: ProcessName): Promise<void>
  /** Everything, in an order in which nobody waits for another. */
  interruptAll(): Promise<void>
  killAll(): Promise<void>
  startAll(): Promise<void>
  /** What the processes that are there now wrote to stderr. */
  complaints(): string
}

interface RoleProcessesOptions {
  /** One for all: they share a machine here. */
  dataDir: string
  env?: NodeJS.ProcessEnv
  /** Without it the caller brings a cluster of its own. */
  withAgent?: boolean
  /** A file of domain time, see platform/clockFile.ts; without it time is the wall's. */
  clockPath?: string
}

const AGENT_TOKEN_SECONDS = 86_400
export const CLUSTER_NAME = 'local'

/** Starts them all, migrations included. */
export async function startRoleProcesses(options: RoleProcessesOptions): Promise<RoleProcesses> {
  const { dataDir, env = {}, withAgent = true, clockPath } = options
  await mkdir(dataDir, { recursive: true })
  const ports = await freePorts(['gateway', ...SUBGRAPH_NAMES])
  const addressOf = (name: string) => `http://127.0.0.1:${ports.get(name)}`
  const tokenFile = join(dataDir, 'agent-token')
  const { client } = await loadSecrets(dataDir)
  const tokens = createTokens({ secret: client, audience: 'client', wall: wallClock })
  await writeFile(
    tokenFile,
    await tokens.issue({ kind: 'agent', subject: `agent:${CLUSTER_NAME}`, cluster: CLUSTER_NAME }, AGENT_TOKEN_SECONDS),
  )
  const processes = new Map<ProcessName, Program>()
  const names: ProcessName[] = ['postgres', ...SUBGRAPH_NAMES, 'gateway', ...(withAgent ? (['agent'] as const) : [])]
  let databaseUrl = ''

  const shared = () => ({
    ...env,
    SLUICE_DATA: dataDir,
    SLUICE_URL: addressOf('gateway'),
    ...Object.fromEntries(SUBGRAPH_NAMES.map((name) => [`SLUICE_${name.toUpperCase()}_URL`, addressOf(name)])),
  })

  function launch(name: ProcessName): Program {
    switch (name) {
      case 'postgres':
        return runScript(fileURLToPath(new URL('postgresProcess.ts', import.meta.url)), [dataDir], env)
      case 'gateway':
        return runProgram(['gateway'], { ...shared(), SLUICE_PORT: String(ports.get(name)) })
      case 'agent': {
        const args = ['agent', '--cluster', CLUSTER_NAME, '--simulated', '--journal', join(dataDir, 'cluster')]
        return runProgram(args, { ...shared(), SLUICE_TOKEN_FILE: tokenFile })
      }
      default: {
        const own = { ...shared(), SLUICE_PORT: String(ports.get(name)), DATABASE_URL: withoutUser(databaseUrl) }
        if (clockPath === undefined) return runProgram(['subgraph', name], own)
        return runScript(fileURLToPath(new URL('subgraphOnClock.ts', import.meta.url)), [name, clockPath], own)
      }
    }
  }

  async function start(name: ProcessName): Promise<void> {
    const program = launch(name)
    processes.set(name, program)
    if (name === 'postgres') databaseUrl = (await program.says(/^(postgres:\S+)$/m))[1] ?? ''
    else await program.says(/^Sluice \w+ is ready/m)
  }

  async function startAll(): Promise<void> {
    await start('postgres')
    // All at once: each waits for what it needs.
    await Promise.all([migrate(), ...names.filter((name) => name !== 'postgres').map(start)])
  }

  async function migrate(): Promise<void> {
    const migrating = runProgram(['migrate'], { ...env, DATABASE_URL: databaseUrl })
    const { code } = await migrating.ended
    if (code !== 0) throw new Error(`sluice migrate failed:\n${migrating.stderr()}`)
  }

  const processOf = (name: ProcessName) => {
    const program = processes.get(name)
    if (program === undefined) throw new Error(`${name} was never started`)
    return program
  }
  const running = () => names.filter((name) => processes.has(name))
  const roles: RoleProcesses = {
    url: addressOf('gateway'),
    get databaseUrl() {
      return databaseUrl
    },
    process: processOf,
    kill: (name) => processOf(name).kill(),
    interrupt: (name) => processOf(name).interrupt(),
    start,
    async interruptAll() {
      // Whoever calls goes before whom it calls.
      for (const together of [['gateway', 'agent'], SUBGRAPH_NAMES, ['postgres']] as (readonly ProcessName[])[]) {
        await Promise.all(
          running()
            .filter((name) => together.includes(name))
            .map((name) => processOf(name).interrupt()),
        )
      }
    },
    async killAll() {
      await Promise.all(running().map((name) => processOf(name).kill()))
    },
    startAll,
    complaints: () =>
      running()
        .map((name) => processOf(name).stderr())
        .join(''),
  }
  try {
    await startAll()
  } catch (error) {
    await roles.killAll()
    throw error
  }
  return roles
}

/** A subgraph logs in as its own role, which the address must leave to it. */
function withoutUser(databaseUrl: string): string {
  return databaseUrl.replace(/\/\/[^/@]*@/, '//')
}

/** Roles must know each other's addresses before they start. */
async function freePorts(names: readonly string[]): Promise<Map<string, number>> {
  const ports = await freeLoopbackPorts(names.length)
  return new Map(names.map((name, index) => [name, ports[index] as number]))
}
