import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Who stands for election: one agent, told apart from every other and from its own predecessors. */
export interface Holder {
  /** As the Lease has it. */
  readonly identity: string
  /** Whether that holder was an agent of this very machine whose process is no more. Only the sure is said. */
  isDead(identity: string): boolean
}

interface Machine {
  /** Differs between machines, between containers of one, and between boots. */
  readonly name: string
  readonly pid: number
  isRunning(pid: number): boolean
}

/** Of this process: one that had our own process id and is not among them ran before us. */
const ownIdentities = new Set<string>()

export function newHolder(machine: Machine = thisMachine()): Holder {
  const prefix = `${machine.name}_${machine.pid}_`
  const identity = prefix + randomUUID()
  ownIdentities.add(identity)
  return {
    identity,
    isDead(other) {
      const [name, pid] = other.split('_')
      if (name !== machine.name) return false
      return Number(pid) === machine.pid ? !ownIdentities.has(other) : !machine.isRunning(Number(pid))
    },
  }
}

function thisMachine(): Machine {
  return { name: `${hostname().replaceAll('_', '-')}.${bootId()}`, pid: process.pid, isRunning }
}

/** Where there is none, nobody is sure to have been of this machine. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
  } catch {
    return randomUUID().slice(0, 8)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // There is one that we may not touch: better to wait for it in vain.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
