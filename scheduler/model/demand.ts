import type { Gang, PodRequest } from './gang.ts'

/** A kind of pod that asks for GPUs, and how many of them were asked for. */
export interface TypicalPod {
  /** As Gang.podKey. */
  readonly key: string
  readonly pod: PodRequest
  readonly count: number
}

/** Of the most frequent kinds so many are told: rarer ones would cost more time in a plan than they say. */
export const MAX_TYPICAL = 64
/** More kinds than this are not counted, … */
const MAX_KINDS = 1024
/** … and more pods than this neither: then all counts are halved, so that what was asked lately weighs most. */
const MAX_PODS = 8192

/**
 * What has been asked for so far, in bounded space: the best guess at what will be asked for next. It is
 * told anew only when there is twice as much to tell: a plan works out anew what rests on it.
 */
export class DemandProfile {
  /** Most frequent first. Never changed in place. */
  typical: readonly TypicalPod[] = []
  readonly #kinds = new Map<string, { readonly pod: PodRequest; count: number }>()
  #pods = 0
  #toldAgainAt = 1

  /** Counts the gang's pods; those without GPUs leave no holes that anybody would mind. */
  note({ podKey, pod, slots }: Gang): void {
    if (pod.gpu === null) return
    const kind = this.#kinds.get(podKey)
    if (kind === undefined) this.#kinds.set(podKey, { pod, count: slots })
    else kind.count += slots
    this.#pods += slots
    while (this.#pods > MAX_PODS || this.#kinds.size > MAX_KINDS) this.#halve()
    if (this.#pods >= this.#toldAgainAt) this.#tell()
  }

  #halve(): void {
    this.#pods = 0
    for (const [key, kind] of this.#kinds) {
      kind.count >>= 1
      this.#pods += kind.count
      if (kind.count === 0) this.#kinds.delete(key)
    }
    this.#toldAgainAt = 0
  }

  #tell(): void {
    const kinds = Array.from(this.#kinds, ([key, { pod, count }]) => ({ key, pod, count }))
    kinds.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    this.typical = kinds.slice(0, MAX_TYPICAL)
    this.#toldAgainAt = 2 * this.#pods
  }
}
