import type { Job, Pod } from '../../kubernetes/objects.ts'
import type { PendingReason } from '../model/pending.ts'
import { type AntiAffinityRule, keysOf, markOf, type PodMark, type PodRules } from '../model/podRules.ts'
import { invalid } from './podSpec.ts'
import { readAntiAffinity, readSpread } from './readPodRules.ts'

type PodSpec = NonNullable<Pod['spec']>

/** Each new one has every job looked at again, so that nobody should be able to bring in one after another. */
const MAX_KEYS = 256

/**
 * Keys of labels that rules about pods ask about, of all rules ever seen. Most clusters have none: then nothing is
 * remembered of any pod's labels, and pods that differ only in them are alike.
 */
export class RuleKeys {
  readonly #keys = new Set<string>()
  /** A rule about all pods asks about no key. */
  #isAsked = false

  /** Only ever grows, so that another number says that it is another set. */
  get size(): number {
    return this.#keys.size + (this.#isAsked ? 1 : 0)
  }

  /** @returns whether there is a new one */
  learnFrom(spec: PodSpec | undefined): boolean {
    if (spec?.affinity?.podAntiAffinity === undefined && spec?.topologySpreadConstraints === undefined) return false
    const before = this.size
    const rules = rulesOf(spec)
    if (rules.length > 0) this.#isAsked = true
    for (const key of keysOf(rules)) if (this.#keys.size < MAX_KEYS) this.#keys.add(key)
    return this.size > before
  }

  /** Undefined while no rule asks about any pod. */
  markOf(
    namespace: string,
    labels: Readonly<Record<string, string>>,
    rules: readonly AntiAffinityRule[],
  ): PodMark | undefined {
    return this.size === 0 ? undefined : markOf(namespace, labels, rules, this.#keys)
  }

  /** Rules of a Job's pods, and what others may ask about them. */
  rulesOf({ metadata, spec }: Job): PodRules | PendingReason | undefined {
    const namespace = metadata.namespace ?? ''
    const template = spec?.template
    const podSpec = template?.spec as PodSpec | undefined
    const antiAffinity = readAntiAffinity(podSpec, namespace)
    const mark = this.markOf(namespace, template?.metadata?.labels ?? {}, antiAffinity)
    if (mark === undefined) return undefined
    const spread = readSpread(podSpec, namespace)
    if (keysOf([...antiAffinity, ...spread]).isSubsetOf(this.#keys)) return { mark, spread }
    return invalid(
      `Its podAntiAffinity or topologySpreadConstraints ask about labels beyond the ${MAX_KEYS} that others ask about already.`,
      'Select by a label that other jobs select by too, such as app.',
    )
  }
}

function rulesOf(spec: PodSpec | undefined): AntiAffinityRule[] {
  return [...readAntiAffinity(spec, ''), ...readSpread(spec, '')]
}
