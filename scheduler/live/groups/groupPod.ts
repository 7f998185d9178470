import { annotations, labels, SCHEDULER_NAME } from '../../../kubernetes/names.ts'
import type { Job, Pod } from '../../../kubernetes/objects.ts'
import { type PodTemplate, readPodRequest } from '../podSpec.ts'
import { type GroupRecord, readRecord } from './groupRecord.ts'

type Template = NonNullable<Job['spec']>['template']

/** What a pod says of the group it belongs to. */
export interface GroupPod {
  /** Of the group in the ledger. */
  readonly uid: string
  readonly name: string
  readonly object: Pod
  /** How many pods it says the group has; null: it says nothing that could be. */
  readonly size: number | null
  /** Equal for pods that ask for the same, for the same queue and as the same class. */
  readonly asks: string
  /** Whether rules of its own relate it to other pods. */
  readonly hasRules: boolean
  readonly record: GroupRecord | null
  /** In which it was bound; null: it was not. */
  readonly turn: number | null
  /** It was deleted, and is there until it has ended. */
  readonly isLeaving: boolean
}

/** null: it belongs to none, or is not ours to place */
export function readGroupPod(pod: Pod): GroupPod | null {
  const { metadata, spec } = pod
  const name = metadata.labels?.[labels.group]
  if (!name || spec?.schedulerName !== SCHEDULER_NAME) return null
  return {
    uid: `group:${metadata.namespace}/${name}`,
    name,
    object: pod,
    size: readCount(metadata.annotations?.[annotations.groupSize]),
    asks: asksOf(pod),
    hasRules: spec.affinity?.podAntiAffinity !== undefined || spec.topologySpreadConstraints !== undefined,
    record: readRecord(pod),
    turn: readCount(metadata.annotations?.[annotations.groupTurn]),
    isLeaving: metadata.deletionTimestamp !== undefined,
  }
}

/** The pod as a template that it could be from. */
export function templateOf({ metadata, spec }: Pod): Template {
  const { nodeName: _, priorityClassName, ...rest } = spec ?? NO_CONTAINERS
  // Kubernetes' priority of a pod that a Job made may be that of the Job's class, which is not the pod's own.
  const saysClass = metadata.annotations?.[annotations.class] !== undefined
  return {
    metadata: {
      ...(metadata.labels && { labels: metadata.labels }),
      ...(metadata.annotations && { annotations: metadata.annotations }),
    },
    spec: { ...rest, ...(!saysClass && priorityClassName !== undefined && { priorityClassName }) },
  }
}

const NO_CONTAINERS: NonNullable<Pod['spec']> = { containers: [] }

/** Of a pod, what a Job says of all of its. */
const SAID = [annotations.class, annotations.preemptible, annotations.topologyRequired, annotations.topologyPreferred]

function asksOf(pod: Pod): string {
  const { metadata } = pod
  const { spec, ...told } = templateOf(pod)
  const { affinity, topologySpreadConstraints, volumes, priorityClassName, preemptionPolicy } = spec ?? {}
  return JSON.stringify([
    readPodRequest({ ...told, spec } as PodTemplate, 'spec.template'),
    affinity?.podAntiAffinity,
    topologySpreadConstraints,
    volumes?.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
    [priorityClassName, preemptionPolicy, spec?.terminationGracePeriodSeconds],
    metadata.labels?.[labels.queue],
    SAID.map((name) => metadata.annotations?.[name]),
  ])
}

function readCount(text = ''): number | null {
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : null
}
