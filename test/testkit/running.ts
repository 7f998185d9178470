import { type Ending, type Program, runProgram } from './program.ts'
import { type RoleProcesses, startRoleProcesses } from './roleProcesses.ts'

/** Sluice on one data folder, in whichever processes. */
export interface Running {
  url(): string
  program(): Program
  roles(): RoleProcesses
  /** Also once it has ended, to go on. */
  start(): Promise<void>
  interrupt(): Promise<Ending>
  kill(): Promise<void>
  /** What was written to stderr. */
  complaints(): string
}

/** `sluice up`: everything in one program. */
export function runWhole(dataDir: string, tour: boolean, env: Record<string, string>): Running {
  let program: Program | undefined
  let url = ''
  const started = () => {
    if (program === undefined) throw new Error('nothing was started')
    return program
  }
  return {
    url: () => url,
    program: started,
    roles: () => {
      throw new Error('all roles are one program here')
    },
    async start() {
      program = runProgram(['up', ...(tour ? [] : ['--no-tour'])], { SLUICE_DATA: dataDir, SLUICE_PORT: '0', ...env })
      url = (await program.says(/GraphQL +(http:\S+)\/graphql/))[1] ?? ''
    },
    interrupt: () => started().interrupt(),
    kill: async () => program?.kill(),
    complaints: () => program?.stderr() ?? '',
  }
}

/** A process for each role, and one for Postgres. */
export function runApart(dataDir: string, env: Record<string, string>): Running {
  let roles: RoleProcesses | undefined
  const started = () => {
    if (roles === undefined) throw new Error('nothing was started')
    return roles
  }
  return {
    url: () => started().url,
    program: () => started().process('gateway'),
    roles: started,
    async start() {
      if (roles === undefined) roles = await startRoleProcesses({ dataDir, env })
      else await roles.startAll()
    },
    async interrupt() {
      await started().interruptAll()
      return started().process('gateway').ended
    },
    kill: async () => roles?.killAll(),
    complaints: () => roles?.complaints() ?? '',
  }
}
