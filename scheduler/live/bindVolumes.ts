import { type Cluster, ClusterError, type JsonPatch, jsonPointer } from '../../kubernetes/cluster.ts'
import type { Kinds } from '../../kubernetes/objects.ts'
import type { Log } from '../../platform/log.ts'
import { isNodeAllowed } from '../model/nodeAffinity.ts'
import { type JobEntry, placeOf, unfilledSlots } from './jobEntry.ts'
import type { Ledger } from './ledger.ts'
import type { Trouble } from './trouble.ts'
import { SELECTED_NODE_ANNOTATION, selectedNode } from './volumeBook.ts'
import type { Writes } from './writes.ts'

interface VolumeBindingDeps {
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly writes: Writes
  readonly log: Log
}

/**
 * Volumes that wait for their first consumer: the claim is told the node of the gang's first open slot, and no pod is
 * bound before the claim is, since a pod that is bound keeps its claim waiting for ever.
 */
export class VolumeBinding {
  readonly #deps: VolumeBindingDeps
  readonly #underWay = new Set<string>()

  constructor(deps: VolumeBindingDeps) {
    this.#deps = deps
  }

  /** Whether pods of the job may be bound where they are to be; what has to be done for that is begun. */
  look(entry: JobEntry): 'ready' | 'waiting' | Trouble {
    const { ledger } = this.#deps
    const { read } = entry
    if (read === null || read.volumeClaims.length === 0) return 'ready'
    const slots = unfilledSlots(entry)
    const states = ledger.volumes.statesOf(read.namespace, read.volumeClaims, slots.length)
    if ('code' in states) return elsewhere(states.message)
    const nodes = slots.flatMap((slot) => ledger.nodes.spec(placeOf(entry, slot)?.node ?? '') ?? [])
    for (const { nodes: terms } of states) {
      const lost = nodes.find((node) => terms !== null && !isNodeAllowed(node, { required: [terms], preferred: [] }))
      if (lost !== undefined) return elsewhere(`A volume of it cannot be used on node ${lost.name}.`)
    }
    const [first] = nodes
    const waiting = read.volumeClaims.filter((_, i) => states[i]?.awaitsNode)
    if (waiting.length === 0 || first === undefined) return 'ready'
    for (const name of waiting) this.#select(ledger.volumes.claim(read.namespace, name), first.name)
    return 'waiting'
  }

  #select(claim: Kinds['PersistentVolumeClaim'] | undefined, node: string): void {
    const { namespace = '', name = '', uid = '', resourceVersion, annotations } = claim?.metadata ?? {}
    if (claim === undefined || selectedNode(claim) === node || this.#underWay.has(uid)) return
    this.#underWay.add(uid)
    const { cluster, ledger, writes, log } = this.#deps
    const patch: JsonPatch = [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      annotations === undefined
        ? { op: 'add', path: '/metadata/annotations', value: { [SELECTED_NODE_ANNOTATION]: node } }
        : { op: 'add', path: jsonPointer('metadata', 'annotations', SELECTED_NODE_ANNOTATION), value: node },
    ]
    void writes
      .run('select node', () => cluster.patch('PersistentVolumeClaim', { namespace, name }, patch))
      .then((selected) => ledger.observeVolumeClaim(selected, false))
      .catch((error: unknown) => {
        if (!(error instanceof ClusterError)) throw error
        // The watch tells what the claim has become, and then it is looked at again.
        log.debug({ claim: `${namespace}/${name}`, code: error.code }, 'scheduler: node not selected')
      })
      .finally(() => this.#underWay.delete(uid))
  }
}

function elsewhere(message: string): Trouble {
  return {
    reason: 'VolumeElsewhere',
    message,
    fix: 'Nothing needs doing: it is given places where its volumes can be used, as soon as there are some.',
  }
}
