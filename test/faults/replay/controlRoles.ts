import type { Program } from '../../testkit/program.ts'
import { type RoleProcesses, startRoleProcesses } from '../../testkit/roleProcesses.ts'
import { type ControlRole, ROLES } from './roles.ts'

/** The control plane's processes, of which none may end but by our hand. */
export interface ControlRoles extends Pick<RoleProcesses, 'url' | 'killAll'> {
  kill(name: ControlRole): Promise<void>
  start(name: ControlRole): Promise<void>
  /** Rejects where one has ended by itself, with what it wrote of that. */
  readonly died: Promise<never>
}

export async function startControlRoles(
  options: Pick<Parameters<typeof startRoleProcesses>[0], 'dataDir' | 'clockPath' | 'env'>,
): Promise<ControlRoles> {
  const roles = await startRoleProcesses({ ...options, withAgent: false })
  const killed = new Set<Program>()
  const died = Promise.withResolvers<never>()
  died.promise.catch(() => {}) // it may come while nobody waits

  function watch(name: ControlRole): void {
    const program = roles.process(name)
    void program.ended.then(({ code, signal }) => {
      if (killed.has(program)) return
      died.reject(new Error(`${name} ended by itself, with ${code ?? signal}:\n${program.stderr()}`))
    })
  }
  const names = ROLES.filter((role) => role !== 'agent')
  names.forEach(watch)

  return {
    url: roles.url,
    died: died.promise,
    async kill(name) {
      killed.add(roles.process(name))
      await roles.kill(name)
    },
    async start(name) {
      await roles.start(name)
      watch(name)
    },
    async killAll() {
      for (const name of names) killed.add(roles.process(name))
      await roles.killAll()
    },
  }
}
