import type { Usage } from './admitPod.ts'
import type { NodeState } from './nodes.ts'
import { millionths } from './podDevices.ts'
import type { PodRun } from './podRun.ts'

interface Taken {
  cpuMilli: number
  memoryMiB: number
  /** Device uuid → millionths. */
  devices: Map<string, number>
}

/** What the pods that were let in have taken of each node. A pod that is only bound takes nothing: it may be rejected yet. */
export class NodeUsage {
  readonly #taken = new Map<NodeState, Taken>()

  of(node: NodeState): Usage {
    const { cpuMilli, memoryMiB, devices } = this.#takenOf(node)
    return { cpuMilli, memoryMiB, heldOf: (uuid) => devices.get(uuid) ?? 0 }
  }

  take(run: PodRun): void {
    this.#change(run, 1)
  }

  giveBack(run: PodRun): void {
    this.#change(run, -1)
  }

  #change({ node, requests, devices }: PodRun, sign: 1 | -1): void {
    const taken = this.#takenOf(node)
    taken.cpuMilli += sign * requests.cpuMilli
    taken.memoryMiB += sign * requests.memoryMiB
    for (const { uuid, share } of devices) {
      taken.devices.set(uuid, (taken.devices.get(uuid) ?? 0) + sign * millionths(share))
    }
  }

  #takenOf(node: NodeState): Taken {
    let taken = this.#taken.get(node)
    if (taken === undefined) {
      taken = { cpuMilli: 0, memoryMiB: 0, devices: new Map() }
      this.#taken.set(node, taken)
    }
    return taken
  }
}
